/** Id of an item and of what it answers, 0 at the top. */
export interface Link {
  readonly id: number
  readonly parent: number
}

/**
 * Finds the top of every thread from pairs of id and parent, in any order: four bytes an id. Where
 * a parent is missing from the dump, the topmost id that is named stands for the thread.
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
  // Parents have smaller ids than their children, so the way up ends.
  return (id) => {
    let at = id
    for (let parent = parents[at] ?? 0; parent !== 0; parent = parents[at] ?? 0) at = parent
    return at
  }
}
