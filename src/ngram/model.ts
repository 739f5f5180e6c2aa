import type { SortedCounts } from './counts.ts'

/**
 * Interpolated modified Kneser–Ney (Chen & Goodman 1998, "An empirical study of smoothing
 * techniques for language modeling"): at every order
 *
 *   p(w | c) = max(n(c w) − D(n(c w)), 0) / n(c ·)  +  γ(c) · p(w | c without its first word)
 *   γ(c)     = (D1·N1(c ·) + D2·N2(c ·) + D3·N3+(c ·)) / n(c ·)
 *
 * where N1, N2, N3+ are the numbers of words seen once, twice and more often after c. Unigrams are
 * interpolated with the uniform distribution over the vocabulary. `<s>` is only ever context and
 * never predicted.
 */
export interface NgramModel {
  readonly order: number
  /** Natural logarithm of the probability of `ids[at]` given the ids before it, from `start` on. */
  logProbability(ids: ArrayLike<number>, start: number, at: number): number
  /** Writes the probabilities of all ids after a context to `out`. */
  distribution(context: ArrayLike<number>, out: Float64Array): void
}

interface Order extends SortedCounts {
  /** First entry of each context, followed by the number of entries. */
  readonly starts: Uint32Array
  readonly totals: Float64Array
  readonly backoffs: Float64Array
  /** Discounts for counts 1, 2, and 3 or more. */
  readonly discounts: readonly [number, number, number]
}

/**
 * Builds a model from counts. `vocabulary` is the number of ids including `<s>`, whose id is `bos`.
 */
export function ngramModel(
  counts: readonly SortedCounts[],
  vocabulary: number,
  bos: number,
): NgramModel {
  const unigrams = unigramTable(counts[0]!, vocabulary, bos)
  const orders = counts.slice(1).map(prepare)

  const logProbability = (ids: ArrayLike<number>, start: number, at: number): number => {
    let probability = unigrams[ids[at]!]!
    for (let index = 0; index < orders.length && at - index - 1 >= start; index++) {
      const table = orders[index]!
      const context = findContext(table, ids, at, index + 1)
      if (context < 0) break
      const entry = findWord(table, context, ids[at]!)
      const seen = entry < 0 ? 0 : discounted(table, entry) / table.totals[context]!
      probability = seen + table.backoffs[context]! * probability
    }
    return Math.log(probability)
  }
  return {
    order: counts.length,
    logProbability,
    distribution(context, out) {
      out.set(unigrams)
      const end = context.length
      for (let index = 0; index < orders.length && index < end; index++) {
        const table = orders[index]!
        const place = findContext(table, context, end, index + 1)
        if (place < 0) break
        const backoff = table.backoffs[place]!
        for (let id = 0; id < out.length; id++) out[id]! *= backoff
        for (let entry = table.starts[place]!; entry < table.starts[place + 1]!; entry++) {
          out[table.low[entry]! & 0xffff]! += discounted(table, entry) / table.totals[place]!
        }
      }
    },
  }
}

/**
 * Derives the discounts from how many n-grams have each count. A corpus too small for that gets
 * fixed ones.
 */
function discountsOf(counts: ArrayLike<number>): [number, number, number] {
  const having = [0, 0, 0, 0, 0]
  for (let index = 0; index < counts.length; index++)
    if (counts[index]! <= 4) having[counts[index]!]!++
  const y = having[1]! / (having[1]! + 2 * having[2]!)
  const discount = (n: number): number => n - ((n + 1) * y * having[n + 1]!) / having[n]!
  const found: [number, number, number] = [discount(1), discount(2), discount(3)]
  const usable = found.every(
    (value, index) => Number.isFinite(value) && value >= 0 && value <= index + 1,
  )
  return usable ? found : [0.5, 1, 1.5]
}

const discounted = ({ count, discounts }: Order, entry: number): number =>
  Math.max(0, count[entry]! - discounts[Math.min(count[entry]!, 3) - 1]!)

function unigramTable({ low, count }: SortedCounts, vocabulary: number, bos: number): Float64Array {
  const words = [...low].flatMap((id, entry) => (id === bos ? [] : [entry]))
  const discounts = discountsOf(words.map((entry) => count[entry]!))
  let total = 0
  let mass = 0
  for (const entry of words) {
    total += count[entry]!
    mass += discounts[Math.min(count[entry]!, 3) - 1]!
  }
  const uniform = 1 / (vocabulary - 1)
  const table = new Float64Array(vocabulary).fill(total === 0 ? uniform : (mass / total) * uniform)
  for (const entry of words) {
    table[low[entry]!]! +=
      Math.max(0, count[entry]! - discounts[Math.min(count[entry]!, 3) - 1]!) / total
  }
  table[bos] = 0
  return table
}

/** Finds where each context begins and the probability mass it leaves to shorter contexts. */
function prepare(counts: SortedCounts): Order {
  const { high, low, count } = counts
  const discounts = discountsOf(count)
  const starts: number[] = []
  const totals: number[] = []
  const masses: number[] = []
  for (let entry = 0; entry < count.length; entry++) {
    if (
      entry === 0 ||
      high[entry] !== high[entry - 1] ||
      low[entry]! >>> 16 !== low[entry - 1]! >>> 16
    ) {
      starts.push(entry)
      totals.push(0)
      masses.push(0)
    }
    totals[totals.length - 1]! += count[entry]!
    masses[masses.length - 1]! += discounts[Math.min(count[entry]!, 3) - 1]!
  }
  const backoffs = Float64Array.from(masses, (mass, index) => mass / totals[index]!)
  return {
    ...counts,
    discounts,
    starts: Uint32Array.from([...starts, count.length]),
    totals: Float64Array.from(totals),
    backoffs,
  }
}

/** The number of the context formed by the `length` ids before `end`, or -1. */
function findContext(
  { high, low, starts }: Order,
  ids: ArrayLike<number>,
  end: number,
  length: number,
): number {
  const wantedLow = ids[end - 1]!
  const wantedHigh = (length < 2 ? 0 : (length > 2 ? ids[end - 3]! << 16 : 0) | ids[end - 2]!) >>> 0
  let first = 0
  let last = starts.length - 2
  while (first <= last) {
    const middle = (first + last) >> 1
    const entry = starts[middle]!
    const order = high[entry]! - wantedHigh || (low[entry]! >>> 16) - wantedLow
    if (order === 0) return middle
    if (order < 0) first = middle + 1
    else last = middle - 1
  }
  return -1
}

/** The entry of a word after a context, or -1. */
function findWord({ low, starts }: Order, context: number, word: number): number {
  let first = starts[context]!
  let last = starts[context + 1]! - 1
  while (first <= last) {
    const middle = (first + last) >> 1
    const order = (low[middle]! & 0xffff) - word
    if (order === 0) return middle
    if (order < 0) first = middle + 1
    else last = middle - 1
  }
  return -1
}
