import { COUNT, DIGEST, mix32, resetWords, TOTAL } from '../fold/fold.ts'
import type { TextKernel } from './text-kernel.ts'

/** Multiplier of the rolling polynomial (odd, from the golden ratio). */
export const SHINGLE_PRIME = 0x9e3779b1
/**
 * Bytes folded at a time. A longer text is cut at white space, or between characters if there is
 * none in the last `CUT_SEARCH_BYTES`.
 */
export const WINDOW_BYTES = 1 << 20
const CUT_SEARCH_BYTES = 1 << 16

/**
 * Reads texts as hashes of overlapping runs of folded words. Memory use does not depend on the
 * length of the text.
 */
export interface Shingler {
  /** The kernel that does the work; it owns the arrays. */
  readonly kernel: TextKernel
  /**
   * Calls `visit` with the number of hashes in `kernel.hashes`, once per chunk: all runs of words
   * in reading order, repeats included. Returns the number of words in the text. A text of fewer
   * words than a run has no shingles.
   */
  read(text: Uint8Array, visit: (hashes: number) => void): number
  /** A 128-bit digest of the folded text that was read last. */
  digest(): Uint32Array
}

/** A shingler of runs of `size` words. */
export function shingler(size: number, kernel: TextKernel): Shingler {
  const { state } = kernel.folded
  return {
    kernel,
    read(text, visit) {
      readWords(text, kernel, size - 1, () => {
        const count = kernel.shingle(size)
        if (count > 0) visit(count)
      })
      return state[TOTAL]!
    },
    digest: () => finishDigest(state.subarray(DIGEST, DIGEST + 4), state[TOTAL]!),
  }
}

/**
 * Folds a text and calls `visit` each time there are words in `kernel.folded`, as often as the text
 * is long. The last `carried` words of one call are the first of the next, so that no run of
 * `carried` + 1 words is missed.
 */
export function readWords(
  text: Uint8Array,
  kernel: TextKernel,
  carried: number,
  visit: () => void,
): void {
  const { words, second, state } = kernel.folded
  resetWords(kernel.folded)
  for (let start = 0; start < text.length; ) {
    const end = windowEnd(text, start)
    kernel.load(text, start, end)
    while (start < end) {
      start = kernel.fold(start)
      visit()
      const count = state[COUNT]!
      if (count <= carried) continue
      words.copyWithin(0, count - carried, count)
      second.copyWithin(0, count - carried, count)
      state[COUNT] = carried
    }
  }
}

/**
 * End of the window that begins at `start`. It is the same for every kernel, so where a text is cut
 * changes no result.
 */
function windowEnd(text: Uint8Array, start: number): number {
  const end = start + WINDOW_BYTES
  if (end >= text.length) return text.length
  for (let cut = end; cut > end - CUT_SEARCH_BYTES; cut--) if (text[cut - 1]! <= 0x20) return cut
  let cut = end
  while (cut > start + 1 && (text[cut]! & 0xc0) === 0x80) cut--
  return cut
}

/**
 * Hashes every run of `size` words: fmix32 of a polynomial that rolls from one run to the next.
 * Returns the number of runs, 0 if there are too few words.
 */
export function shingleHashes(
  words: Uint32Array,
  count: number,
  size: number,
  out: Uint32Array,
): number {
  let leaving = 1
  for (let i = 1; i < size; i++) leaving = Math.imul(leaving, SHINGLE_PRIME)
  let rolling = 0
  for (let i = 0; i < count; i++) {
    if (i >= size) rolling = (rolling - Math.imul(words[i - size]!, leaving)) | 0
    rolling = (Math.imul(rolling, SHINGLE_PRIME) + words[i]!) | 0
    if (i >= size - 1) out[i - size + 1] = mix32(rolling)
  }
  return Math.max(0, count - size + 1)
}

/**
 * The digest of all words and their number. As at the end of murmur3 x86_128, every bit depends on
 * every other.
 */
function finishDigest(running: Uint32Array, words: number): Uint32Array {
  const lanes = running.slice()
  for (let i = 0; i < 4; i++) lanes[i]! ^= words
  const spread = (): void => {
    for (let i = 1; i < 4; i++) lanes[0] = lanes[0]! + lanes[i]!
    for (let i = 1; i < 4; i++) lanes[i] = lanes[i]! + lanes[0]!
  }
  spread()
  for (let i = 0; i < 4; i++) lanes[i] = mix32(lanes[i]!)
  spread()
  return lanes
}

/** The distinct hashes of a text in ascending order, and the bound they were cut at. */
export interface ShingleSet {
  readonly hashes: Uint32Array
  /**
   * All hashes of the text up to this one are included; 0xffffffff unless the text was too long.
   */
  readonly limit: number
}

/**
 * The set of a text's shingles. If there are more than `most`, the smaller hashes are kept: an
 * unbiased sample, the same on both sides of a comparison, so that one huge text does not decide
 * how much memory is needed.
 */
export function shingleSet(text: Uint8Array, from: Shingler, most = 1 << 22): ShingleSet {
  const chunk = from.kernel.hashes
  let hashes = new Uint32Array(Math.min(1024, text.length))
  let count = 0
  let limit = 0xffffffff
  const settle = (): void => {
    count = distinct(hashes.subarray(0, count))
    while (count > most) {
      limit >>>= 1
      count = countUpTo(hashes, count, limit)
    }
  }
  from.read(text, (length) => {
    if (count + length > hashes.length && hashes.length >= 2 * most) settle()
    if (count + length > hashes.length) {
      const grown = new Uint32Array((count + length) * 2)
      grown.set(hashes.subarray(0, count))
      hashes = grown
    }
    for (let i = 0; i < length; i++) {
      const hash = chunk[i]!
      if (hash <= limit) hashes[count++] = hash
    }
  })
  settle()
  return { hashes: hashes.slice(0, count), limit }
}

/** Sorts, removes repeats in place and returns how many hashes remain. */
function distinct(hashes: Uint32Array): number {
  hashes.sort()
  let kept = 0
  for (let i = 0; i < hashes.length; i++) {
    if (i === 0 || hashes[i] !== hashes[i - 1]) hashes[kept++] = hashes[i]!
  }
  return kept
}

/** How many of the first `count` ascending hashes are at most `limit`. */
function countUpTo(hashes: Uint32Array, count: number, limit: number): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (hashes[middle]! <= limit) low = middle + 1
    else high = middle
  }
  return low
}

/** What two shingle sets have in common. */
export interface Overlap {
  readonly shared: number
  readonly sizeA: number
  readonly sizeB: number
}

/**
 * Counts the common hashes of two sets. If one was cut, both are compared up to the lower bound.
 */
export function overlap(a: ShingleSet, b: ShingleSet): Overlap {
  const limit = Math.min(a.limit, b.limit)
  const sizeA = countUpTo(a.hashes, a.hashes.length, limit)
  const sizeB = countUpTo(b.hashes, b.hashes.length, limit)
  let shared = 0
  let i = 0
  let j = 0
  while (i < sizeA && j < sizeB) {
    const left = a.hashes[i]!
    const right = b.hashes[j]!
    if (left === right) shared++
    if (left <= right) i++
    if (right <= left) j++
  }
  return { shared, sizeA, sizeB }
}
