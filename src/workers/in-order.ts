/**
 * Starts work on items in order, at most `ahead` at once, and yields the results in the same order.
 * After a failure it starts nothing more; work already started continues unobserved.
 */
export async function* inOrder<Item, Result>(
  items: Iterable<Item>,
  ahead: number,
  start: (item: Item) => Promise<Result>,
): AsyncIterable<Result> {
  const underWay: Promise<Result>[] = []
  for (const item of items) {
    const result = start(item)
    result.catch(() => undefined) // thrown when its turn comes
    underWay.push(result)
    const first = underWay.length >= ahead && underWay.shift()
    if (first) yield await first
  }
  for (const result of underWay) yield await result
}
