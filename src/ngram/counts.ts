/**
 * The counts of a Kneser–Ney model, collected in one pass over documents of token ids that each
 * begin with `<s>`.
 *
 * The highest order counts occurrences. A lower order counts the different left contexts of an
 * n-gram: its count grows by one whenever an n-gram that extends it by one id to the left is seen
 * for the first time. An n-gram that begins with `<s>` has no left context, so its occurrences are
 * counted at every order.
 */

/** Length of the longest n-gram that fits into a 64-bit key at 16 bits per id. */
export const MAX_ORDER = 4

/** Entries of one order, sorted by key: context first, then word. */
export interface SortedCounts {
  /** Upper and lower 32 bits of the key; the word is the lowest 16. */
  readonly high: Uint32Array
  readonly low: Uint32Array
  readonly count: Uint32Array
}

/** Counts under construction. */
export interface NgramCounts {
  readonly order: number
  /** Adds the document `ids[start, end)`; `ids[start]` is its `<s>`. */
  add(ids: ArrayLike<number>, start: number, end: number): void
  /** Number of different n-grams so far, over all orders. */
  size(): number
  /** Memory of its tables in bytes. */
  bytes(): number
  /** The counts of orders 1 to `order`. */
  sorted(): SortedCounts[]
}

/**
 * Starts with empty counts, or with those of an earlier `sorted`. `order` is at most `MAX_ORDER`;
 * ids must be below 65,536.
 */
export function ngramCounts(order: number, from?: readonly SortedCounts[]): NgramCounts {
  const tables = Array.from({ length: order }, (_, index) => countTable(from?.[index]))

  /**
   * Counts the last `length` ids before `end`. Returns true if they are seen for the first time.
   */
  const bump = (ids: ArrayLike<number>, end: number, length: number): boolean => {
    const at = end - length
    const low = (length > 1 ? ids[end - 2]! << 16 : 0) | ids[end - 1]!
    const high = length < 3 ? 0 : (length > 3 ? ids[at]! << 16 : 0) | ids[end - 3]!
    return tables[length - 1]!.bump(high >>> 0, low >>> 0)
  }
  return {
    order,
    add(ids, start, end) {
      for (let at = start; at < end; at++) {
        let length = Math.min(order, at - start + 1)
        while (length > 0 && bump(ids, at + 1, length)) length--
      }
    },
    size: () => tables.reduce((sum, table) => sum + table.size(), 0),
    bytes: () => tables.reduce((sum, table) => sum + table.bytes(), 0),
    sorted: () => tables.map((table) => table.sorted()),
  }
}

/**
 * A hash table with open addressing from 64-bit keys to counts. A count of 0 marks an empty slot.
 */
function countTable(from?: SortedCounts) {
  let capacity = 1 << 10
  while (from && capacity * 0.6 < from.count.length) capacity *= 2
  let high = new Uint32Array(capacity)
  let low = new Uint32Array(capacity)
  let count = new Uint32Array(capacity)
  let used = 0

  const slotOf = (h: number, l: number): number => {
    let mixed = Math.imul(h ^ (l >>> 15) ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(l, 0xc2b2ae35)
    mixed ^= mixed >>> 13
    let slot = (Math.imul(mixed, 0x27d4eb2f) >>> 3) & (capacity - 1)
    while (count[slot] !== 0 && (low[slot] !== l || high[slot] !== h))
      slot = (slot + 1) & (capacity - 1)
    return slot
  }
  const put = (h: number, l: number, value: number): void => {
    const slot = slotOf(h, l)
    high[slot] = h
    low[slot] = l
    count[slot] = value
    used++
  }
  const grow = (): void => {
    const old = { high, low, count }
    capacity *= 2
    high = new Uint32Array(capacity)
    low = new Uint32Array(capacity)
    count = new Uint32Array(capacity)
    used = 0
    for (let slot = 0; slot < old.count.length; slot++) {
      if (old.count[slot] !== 0) put(old.high[slot]!, old.low[slot]!, old.count[slot]!)
    }
  }
  for (let index = 0; from && index < from.count.length; index++)
    put(from.high[index]!, from.low[index]!, from.count[index]!)
  return {
    bump(h: number, l: number): boolean {
      const slot = slotOf(h, l)
      if (count[slot]! !== 0) {
        count[slot]!++
        return false
      }
      put(h, l, 1)
      if (used > capacity * 0.6) grow()
      return true
    },
    size: () => used,
    bytes: () => capacity * 12,
    sorted(): SortedCounts {
      // A low and a high word in sequence form a 64-bit number on every machine Node runs on (all
      // are little-endian). The native sort of such numbers needs no comparator.
      const keys = new Uint32Array(used * 2)
      let next = 0
      for (let slot = 0; slot < capacity; slot++) {
        if (count[slot] === 0) continue
        keys[next++] = low[slot]!
        keys[next++] = high[slot]!
      }
      new BigUint64Array(keys.buffer).sort()
      const result = {
        high: new Uint32Array(used),
        low: new Uint32Array(used),
        count: new Uint32Array(used),
      }
      for (let entry = 0; entry < used; entry++) {
        const l = keys[entry * 2]!
        const h = keys[entry * 2 + 1]!
        result.low[entry] = l
        result.high[entry] = h
        result.count[entry] = count[slotOf(h, l)]!
      }
      return result
    },
  }
}

const FIELDS = ['high', 'low', 'count'] as const

/** The arrays of counts by the names they have in files: `order1.high`, each after the prefix. */
export function countArrays(
  counts: readonly SortedCounts[],
  prefix = '',
): ReadonlyMap<string, Uint32Array> {
  return new Map(
    counts.flatMap((order, index) =>
      FIELDS.map((field) => [`${prefix}order${index + 1}.${field}`, order[field]] as const),
    ),
  )
}

/** The counts that `countArrays` named. Throws a `RangeError` if an array is missing. */
export function countsIn(arrays: ReadonlyMap<string, Uint32Array>, prefix = ''): SortedCounts[] {
  const array = (order: number, field: string): Uint32Array => {
    const found = arrays.get(`${prefix}order${order}.${field}`)
    if (!found) throw new RangeError(`no ${field} of order ${order}`)
    return found
  }
  const counts: SortedCounts[] = []
  for (let order = 1; order === 1 || arrays.has(`${prefix}order${order}.high`); order++) {
    const [high, low, count] = FIELDS.map((field) => array(order, field)) as [
      Uint32Array,
      Uint32Array,
      Uint32Array,
    ]
    counts.push({ high, low, count })
  }
  return counts
}
