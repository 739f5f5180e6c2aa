import { EtlError } from '../../core/errors.ts'
import { COUNT, foldUnits, mix32, TOTAL } from '../../kernels/fold/fold.ts'
import { foldTable, SEPARATOR } from '../../kernels/fold/fold-table.ts'
import { readWords, SHINGLE_PRIME } from '../../kernels/shingle/shingle.ts'
import type { TextKernel } from '../../kernels/shingle/text-kernel.ts'

/** Multiplier of the second polynomial (odd, from the square root of 3). */
const SECOND_PRIME = 0xbb67ae85

/**
 * A set of n-grams, numbered in order of addition. An n-gram is identified by 64 bits of hash, in
 * two halves of 32 bits.
 */
export interface GramSet {
  readonly size: number
  /** Number of an n-gram, or -1 if it is not in the set. */
  find(high: number, low: number): number
  /** Adds an n-gram unless it is there already; returns its number in both cases. */
  add(high: number, low: number): number
  /**
   * A bitmap indexed by the upper bits of `high`. A zero bit means that the set holds no such
   * n-gram.
   */
  outline(): Outline
}

/** A prefilter that avoids most lookups in the set. */
export interface Outline {
  readonly bits: Uint32Array
  /** How many bits `high` is shifted right to give the number of its bit. */
  readonly shift: number
}

/**
 * An empty set: a hash table with open addressing. Throws `memory-insufficient` when it would need
 * more than `memoryBytes`.
 */
export function gramSet(memoryBytes: number): GramSet {
  let mask = (1 << 12) - 1
  let slots = new Int32Array(mask + 1).fill(-1)
  let highs = new Uint32Array(1 << 11)
  let lows = new Uint32Array(1 << 11)
  let size = 0
  const place = (high: number, low: number): number => {
    let slot = high & mask
    for (let gram = slots[slot] ?? -1; gram >= 0; gram = slots[slot] ?? -1) {
      if (highs[gram] === high && lows[gram] === low) break
      slot = (slot + 1) & mask
    }
    return slot
  }
  const grow = (): void => {
    const capacity = highs.length * 2
    if (capacity * 24 > memoryBytes) {
      throw new EtlError('memory-insufficient', {
        where: 'decontaminate',
        what:
          `the benchmarks have more than ${size} n-grams, ` +
          `which do not fit into ${memoryBytes >> 20} MiB`,
        hint: 'Protect a smaller share of eval and test, or raise limits.memoryBytes.',
      })
    }
    const widen = (old: Uint32Array): Uint32Array<ArrayBuffer> => {
      const wide = new Uint32Array(capacity)
      wide.set(old)
      return wide
    }
    highs = widen(highs)
    lows = widen(lows)
    mask = capacity * 2 - 1
    slots = new Int32Array(mask + 1).fill(-1)
    for (let gram = 0; gram < size; gram++) slots[place(highs[gram] ?? 0, lows[gram] ?? 0)] = gram
  }
  return {
    get size() {
      return size
    },
    find: (high, low) => slots[place(high, low)] ?? -1,
    add(high, low) {
      if (size === highs.length) grow()
      const slot = place(high, low)
      const known = slots[slot] ?? -1
      if (known >= 0) return known
      highs[size] = high
      lows[size] = low
      slots[slot] = size
      return size++
    },
    outline() {
      // At least 64 bits per n-gram, so that at most one lookup in 64 is wasted.
      const log = Math.min(30, Math.max(12, Math.ceil(Math.log2(Math.max(1, size))) + 6))
      const bits = new Uint32Array(2 ** (log - 5))
      const shift = 32 - log
      for (let gram = 0; gram < size; gram++) {
        const bit = (highs[gram] ?? 0) >>> shift
        bits[bit >>> 5] = (bits[bit >>> 5] ?? 0) | (1 << (bit & 31))
      }
      return { bits, shift }
    },
  }
}

/**
 * Visits the n-grams of a text as hashes of 2 × 32 bits. `start` is the number of words or
 * characters before the n-gram.
 */
export type GramReader = (
  text: Uint8Array,
  visit: (high: number, low: number, start: number) => void,
) => void

/**
 * Reads all n-grams of each of `sizes` words. With an outline, only those that may be in its set.
 */
export function wordGrams(
  sizes: readonly number[],
  kernel: TextKernel,
  outline?: Outline,
): GramReader {
  const longest = Math.max(...sizes)
  const { folded, hashes } = kernel
  const { second, state } = folded
  return (text, visit) =>
    readWords(text, kernel, longest - 1, () => {
      const before = (state[TOTAL] ?? 0) - (state[COUNT] ?? 0)
      for (const size of sizes) {
        const grams = kernel.shingle(size)
        for (let gram = 0; gram < grams; gram++) {
          const high = hashes[gram] ?? 0
          if (outline && !isOutlined(outline, high)) continue
          visit(high, secondHash(second, gram, size, size), before + gram)
        }
      }
    })
}

/** The lower half of the hash of `size` words. */
function secondHash(second: Uint32Array, from: number, size: number, seed: number): number {
  let low = seed
  for (let i = from; i < from + size; i++)
    low = (Math.imul(low, SECOND_PRIME) + (second[i] ?? 0)) | 0
  return mix32(low)
}

/** Makes the hash of a question differ from that of the same words in running text. */
const QUESTION_SEED = 0x3f
const QUESTION_MARK = 0x3f
/** U+061F and U+061B are encoded as this byte followed by one of the next two. */
const ARABIC_LEAD = 0xd8
const ARABIC_QUESTION_MARK = 0x9f
const ARABIC_SEMICOLON = 0x9b
/** ASCII characters after which a sentence begins. */
const BOUNDARIES = new Set(Buffer.from('\n\r\t.!?:;"()[]{}<>|*#'))
/** A question starts at most this many bytes before its question mark. */
const QUESTION_BYTES = 256

/**
 * Reads every question of a text as one n-gram: all words between the beginning of its sentence and
 * its question mark.
 */
export function questionGrams(kernel: TextKernel): GramReader {
  const { second, state } = kernel.folded
  return (text, visit) => {
    for (const end of questionMarks(text)) {
      readWords(text.subarray(sentenceStart(text, end), end), kernel, 0, () => {
        const size = state[COUNT] ?? 0
        if (size > 0 && kernel.shingle(size) === 1) {
          visit(kernel.hashes[0] ?? 0, secondHash(second, 0, size, QUESTION_SEED), 0)
        }
      })
    }
  }
}

/** Byte offsets of the Latin and Arabic question marks. */
function* questionMarks(text: Uint8Array): Iterable<number> {
  for (let at = text.indexOf(QUESTION_MARK); at >= 0; at = text.indexOf(QUESTION_MARK, at + 1))
    yield at
  for (
    let at = text.indexOf(ARABIC_QUESTION_MARK);
    at >= 0;
    at = text.indexOf(ARABIC_QUESTION_MARK, at + 1)
  ) {
    if (text[at - 1] === ARABIC_LEAD) yield at - 1
  }
}

function sentenceStart(text: Uint8Array, end: number): number {
  for (let start = end; start > Math.max(0, end - QUESTION_BYTES); start--) {
    const byte = text[start - 1] ?? 0
    if (BOUNDARIES.has(byte)) return start
    if (
      text[start - 2] === ARABIC_LEAD &&
      (byte === ARABIC_QUESTION_MARK || byte === ARABIC_SEMICOLON)
    )
      return start
  }
  return Math.max(0, end - QUESTION_BYTES)
}

function isOutlined({ bits, shift }: Outline, high: number): boolean {
  const bit = high >>> shift
  return (((bits[bit >>> 5] ?? 0) >>> (bit & 31)) & 1) === 1
}

/** Size of the buffer of folded UTF-16 units. */
const UNITS = 1 << 16

/**
 * Reads sliding windows of `length` folded characters, without white space and punctuation. A
 * window starts at every beginning of a word.
 */
export function characterGrams(length: number): GramReader {
  const table = foldTable()
  const units = new Uint16Array(UNITS + length)
  const begins = new Uint8Array(UNITS + length)
  let leavingA = 1
  let leavingB = 1
  for (let i = 1; i < length; i++) {
    leavingA = Math.imul(leavingA, SHINGLE_PRIME)
    leavingB = Math.imul(leavingB, SECOND_PRIME)
  }
  return (text, visit) => {
    let count = 0
    let before = 0
    let begin = 1
    const hashWindows = (): void => {
      let a = 0
      let b = 0
      for (let i = 0; i < count; i++) {
        if (i >= length) {
          a = (a - Math.imul(units[i - length] ?? 0, leavingA)) | 0
          b = (b - Math.imul(units[i - length] ?? 0, leavingB)) | 0
        }
        a = (Math.imul(a, SHINGLE_PRIME) + (units[i] ?? 0)) | 0
        b = (Math.imul(b, SECOND_PRIME) + (units[i] ?? 0)) | 0
        if (i >= length - 1 && begins[i - length + 1] === 1)
          visit(mix32(a), mix32(b), before + i - length + 1)
      }
    }
    foldUnits(text, 0, text.length, table, (unit) => {
      if (unit === SEPARATOR) {
        begin = 1
        return false
      }
      if (count === units.length) {
        hashWindows()
        // The window that starts at the first unit carried over was still incomplete, so none is
        // visited twice.
        units.copyWithin(0, count - length + 1, count)
        begins.copyWithin(0, count - length + 1, count)
        before += count - length + 1
        count = length - 1
      }
      units[count] = unit
      begins[count++] = begin
      begin = 0
      return false
    })
    hashWindows()
  }
}

/** Lengths of a text's folded words, in UTF-16 units. */
export function wordLengths(text: Uint8Array): number[] {
  const lengths: number[] = []
  let length = 0
  const add = (unit: number): boolean => {
    if (unit !== SEPARATOR) length++
    else if (length > 0) {
      lengths.push(length)
      length = 0
    }
    return false
  }
  foldUnits(text, 0, text.length, foldTable(), add)
  add(SEPARATOR)
  return lengths
}
