/**
 * Starts work on items in their order, at most `ahead` at once, and gives the results in the same
 * order. After a failure nothing more is started, and what was under way is left alone.
 */
export async function* inOrder<Item, Result>(
  items: Iterable<Item>,
  ahead: number,
  start: (item: Item) => Promise<Result>,
): AsyncIterable<Result> {
  const underWay: Promise<Result>[] = []
  for (const item of items) {
    const result = start(item)
    result.catch(() => undefined) // told when its turn comes
    underWay.push(result)
    const first = underWay.length >= ahead && underWay.shift()
    if (first) yield await first
  }
  for (const result of underWay) yield await result
}
