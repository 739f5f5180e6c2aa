/** Whether findings are right, by their hashes: two lists separated by white space. */
export function verdictsOf(right: string, wrong: string): ReadonlyMap<string, boolean> {
  const judged = (text: string, verdict: boolean): [string, boolean][] =>
    text
      .trim()
      .split(/\s+/)
      .map((hash) => [hash, verdict])
  return new Map([...judged(right, true), ...judged(wrong, false)])
}
