/**
 * A set of 64-bit keys in sorted order. It takes 8 bytes per key and a quarter of a byte for an
 * index by the upper bits: 5 million domains are 42 MB. That another domain has the key of a listed
 * one happens once in 3 · 10¹² lookups.
 */
export interface KeySet {
  readonly size: number
  /** Memory in bytes. */
  readonly bytes: number
  has(high: number, low: number): boolean
}

/** Collects keys, in any order and any number of times each. */
export interface KeySetBuilder {
  add(high: number, low: number): void
  /** The finished set; the builder must not be used afterwards. */
  finish(): KeySet
}

/** Keys between two entries of the index, on average. */
const INDEX_STEP = 16

/** An empty builder. While it grows it needs up to three times the memory of the set. */
export function keySetBuilder(): KeySetBuilder {
  let words = new Uint32Array(32)
  let used = 0
  return {
    add(high, low) {
      if (used === words.length) {
        const grown = new Uint32Array(words.length * 2)
        grown.set(words)
        words = grown
      }
      // Low word first: together they are a 64-bit number, as Node runs on little-endian machines.
      words[used] = low
      words[used + 1] = high
      used += 2
    },
    finish: () => keySet(distinct(new BigUint64Array(words.buffer, 0, used / 2).sort())),
  }
}

function distinct(sorted: BigUint64Array): BigUint64Array {
  let kept = 0
  for (let at = 0; at < sorted.length; at++) {
    if (at > 0 && sorted[at] === sorted[at - 1]) continue
    sorted[kept++] = sorted[at] ?? 0n
  }
  return sorted.slice(0, kept)
}

function keySet(sorted: BigUint64Array): KeySet {
  const words = new Uint32Array(sorted.buffer)
  const { length: size } = sorted
  const bits = Math.max(1, Math.floor(Math.log2(Math.max(1, size / INDEX_STEP))))
  /** First key of each value of the upper bits. */
  const starts = new Uint32Array((1 << bits) + 1).fill(size)
  for (let at = size - 1; at >= 0; at--) starts[(words[at * 2 + 1] ?? 0) >>> (32 - bits)] = at
  for (let at = starts.length - 2; at >= 0; at--)
    starts[at] = Math.min(starts[at] ?? 0, starts[at + 1] ?? 0)
  return {
    size,
    bytes: words.byteLength + starts.byteLength,
    has(high, low) {
      const bucket = high >>> (32 - bits)
      let first = starts[bucket] ?? 0
      let last = (starts[bucket + 1] ?? 0) - 1
      while (first <= last) {
        const middle = (first + last) >> 1
        const order = (words[middle * 2 + 1] ?? 0) - high || (words[middle * 2] ?? 0) - low
        if (order === 0) return true
        if (order < 0) first = middle + 1
        else last = middle - 1
      }
      return false
    },
  }
}
