/** The id of an item and of its parent; the parent is 0 at the top. */
export interface Link {
  readonly id: number
  readonly parent: number
}

/**
 * Returns a function that finds the root of a thread, from pairs of id and parent in any order.
 * Memory: four bytes per id. If a parent is missing from the dump, the topmost id that is mentioned
 * is the root.
 */
export async function rootTable(
  groups: AsyncIterable<Iterable<Link>>,
): Promise<(id: number) => number> {
  let parents = new Uint32Array(1 << 16)
  for await (const links of groups) {
    for (const { id, parent } of links) {
      if (id >= parents.length) {
        const grown = new Uint32Array(Math.max(id + 1, parents.length * 2))
        grown.set(parents)
        parents = grown
      }
      parents[id] = parent
    }
  }
  // Parents have smaller ids than their children, so the walk upwards ends.
  return (id) => {
    let at = id
    for (let parent = parents[at] ?? 0; parent !== 0; parent = parents[at] ?? 0) at = parent
    return at
  }
}
