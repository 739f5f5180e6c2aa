// Scatters records of 32-bit words, as deduplication writes them one after another, by where they
// go, or sorts them. The kernel is ./assembly.ts.
import { kernelFunctions, kernelMemory } from '../memory/module.ts'

/** Windows of consecutive numbers, from 0 on. */
export interface NumberWindows {
  /** Numbers in a window. */
  readonly size: number
  /** Number of windows: no number is beyond the last one. */
  readonly count: number
}

/**
 * Copies records of `width` words into `out` in the order of the window of their word number
 * `word`. Records of one window keep their order. Returns the number of words in each window.
 */
export type ScatterWords = (
  records: Uint32Array,
  width: number,
  word: number,
  windows: NumberWindows,
  out: Uint32Array,
) => Uint32Array

/** Copies records of `width` words into `out`, sorted by their words from the first on. */
export type SortWords = (records: Uint32Array, width: number, out: Uint32Array) => void

/** The reference of `scatterWords`. */
export const scatterWordsReference: ScatterWords = (records, width, word, { size, count }, out) => {
  const lengths = new Uint32Array(count)
  const windowOf = (at: number): number => Math.floor(records[at + word]! / size)
  for (let at = 0; at < records.length; at += width) lengths[windowOf(at)]! += width
  const next = new Uint32Array(count)
  for (let window = 1; window < count; window++)
    next[window] = next[window - 1]! + lengths[window - 1]!
  for (let at = 0; at < records.length; at += width) {
    const window = windowOf(at)
    for (let i = 0; i < width; i++) out[next[window]!++] = records[at + i]!
  }
  return lengths
}

/** The reference of `sortWords`. */
export const sortWordsReference: SortWords = (records, width, out) => {
  const order = new Uint32Array(records.length / width)
  for (let i = 0; i < order.length; i++) order[i] = i * width
  order.sort((a, b) => compareWords(records, a, records, b, width))
  for (let i = 0; i < order.length; i++) {
    for (let word = 0; word < width; word++) out[i * width + word] = records[order[i]! + word]!
  }
}

/**
 * Compares the `width` words of `a` from `atA` with those of `b` from `atB`: negative if they come
 * first, 0 if they are equal.
 */
export function compareWords(
  a: Uint32Array,
  atA: number,
  b: Uint32Array,
  atB: number,
  width: number,
): number {
  for (let word = 0; word < width; word++) {
    const left = a[atA + word]!
    const right = b[atB + word]!
    if (left !== right) return left < right ? -1 : 1
  }
  return 0
}

interface Functions {
  scatterWords(
    records: number,
    end: number,
    width: number,
    word: number,
    size: number,
    windows: number,
    lengths: number,
    places: number,
    out: number,
  ): void
  sortWords(
    records: number,
    end: number,
    width: number,
    order: number,
    room: number,
    out: number,
  ): void
}

/**
 * Records of more words than this are left to the reference: the kernels' memory holds them twice.
 */
const MOST_WORDS = 1 << 20
/** Bytes of a sort entry, which is sorted in place of its record. */
const ENTRY_BYTES = 16

/** The kernel of `scatterWordsReference`. */
export const scatterWords: ScatterWords = (records, width, word, windows, out) => {
  if (records.length > MOST_WORDS) return scatterWordsReference(records, width, word, windows, out)
  const { scatterWords: kernel } = kernelFunctions<Functions>('scatterWords')
  return inKernelMemory(records, out, (from, to) => {
    const memory = kernelMemory()
    const lengths = memory.lend(new Uint32Array(windows.count))
    const places = memory.temporary(windows.count * 4)
    kernel(
      from,
      from + records.length * 4,
      width,
      word,
      windows.size,
      windows.count,
      lengths,
      places,
      to,
    )
    return new Uint32Array(memory.bytes.buffer, lengths, windows.count).slice()
  })
}

/** The kernel of `sortWordsReference`. */
export const sortWords: SortWords = (records, width, out) => {
  if (records.length > MOST_WORDS) return sortWordsReference(records, width, out)
  const { sortWords: kernel } = kernelFunctions<Functions>('sortWords')
  inKernelMemory(records, out, (from, to) => {
    const memory = kernelMemory()
    const bytes = (records.length / width) * ENTRY_BYTES
    kernel(
      from,
      from + records.length * 4,
      width,
      memory.temporary(bytes),
      memory.temporary(bytes),
      to,
    )
  })
}

/** Runs `work` on a copy of the records in the kernels' memory and copies its result to `out`. */
function inKernelMemory<Result>(
  records: Uint32Array,
  out: Uint32Array,
  work: (from: number, to: number) => Result,
): Result {
  const memory = kernelMemory()
  return memory.scope(() => {
    const to = memory.temporary(records.byteLength)
    const result = work(memory.lend(records), to)
    out.set(new Uint32Array(memory.bytes.buffer, to, records.length))
    return result
  })
}
