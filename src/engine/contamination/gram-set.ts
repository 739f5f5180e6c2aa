import { EtlError } from '../../core/errors.ts'
import { COUNT, foldUnits, mix32, TOTAL } from '../../kernels/fold/fold.ts'
import { foldTable, SEPARATOR } from '../../kernels/fold/fold-table.ts'
import { readWords, SHINGLE_PRIME } from '../../kernels/shingle/shingle.ts'
import type { TextKernel } from '../../kernels/shingle/text-kernel.ts'

/** Multiplier of the second polynomial (odd, from the square root of 3). */
const SECOND_PRIME = 0xbb67ae85

/** A set of n-grams, each named by a number in order of addition and known by 64 bits of hash. */
export interface GramSet {
  readonly size: number
  /** Number of an n-gram, -1 for one that is not in the set. */
  find(high: number, low: number): number
  /** Adds an n-gram unless it is there; answers its number either way. */
  add(high: number, low: number): number
  /** Bits by the upper bits of `high`: where none is set, no n-gram of the set is. */
  outline(): Outline
}

/** A quick look that saves most look-ups. */
export interface Outline {
  readonly bits: Uint32Array
  /** How far `high` is shifted to give a bit's number. */
  readonly shift: number
}

/** An empty set that refuses to grow beyond `memoryBytes`. */
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
        what: `the benchmarks have more than ${size} n-grams, which do not fit into ${memoryBytes >> 20} MiB`,
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
      // 64 bits an n-gram, at least: one look-up in 64 is in vain.
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
 * Visits n-grams of a text as hashes of 2 × 32 bits; `start` counts words or characters before it.
 */
export type GramReader = (
  text: Uint8Array,
  visit: (high: number, low: number, start: number) => void,
) => void

/** All runs of each of `sizes` words of a text; with an outline, those that may be in its set. */
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

/** The lower half of a run's hash. */
function secondHash(second: Uint32Array, from: number, size: number, seed: number): number {
  let low = seed
  for (let i = from; i < from + size; i++)
    low = (Math.imul(low, SECOND_PRIME) + (second[i] ?? 0)) | 0
  return mix32(low)
}

/** Told apart from the same words in a row somewhere else. */
const QUESTION_SEED = 0x3f
const QUESTION_MARK = 0x3f
/** U+061F and U+061B are this byte and one of the next two. */
const ARABIC_LEAD = 0xd8
const ARABIC_QUESTION_MARK = 0x9f
const ARABIC_SEMICOLON = 0x9b
/** What a sentence begins after, in ASCII. */
const BOUNDARIES = new Set(Buffer.from('\n\r\t.!?:;"()[]{}<>|*#'))
/** A question is not looked for beyond this many bytes before its mark. */
const QUESTION_BYTES = 256

/**
 * Every question of a text as one run: all the words between the beginning of its sentence and its
 * question mark.
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

/** Where the question marks of both scripts are. */
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

/** Folded units held before they are hashed. */
const UNITS = 1 << 16

/**
 * Windows of `length` folded characters, white space and punctuation left out, one from each word's
 * beginning on.
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
        // The window that begins with the first unit carried was not complete yet: nothing is
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
