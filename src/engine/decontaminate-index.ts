import { EtlError } from '../core/errors.ts'
import { COUNT, foldUnits, mix32, TOTAL } from '../kernels/fold.ts'
import { foldTable, SEPARATOR } from '../kernels/fold-table.ts'
import { readWords, SHINGLE_PRIME } from '../kernels/shingle.ts'
import type { TextKernel } from '../kernels/text-kernel.ts'

/** Multiplier of the second polynomial (odd, from the square root of 3). */
const SECOND_PRIME = 0xbb67ae85

/** A set of n-grams, each named by a number in order of addition and known by 64 bits of hash. */
export interface GramSet {
  readonly size: number
  /** Number of an n-gram, -1 for one that is not in the set. */
  find(high: number, low: number): number
  /** Adds an n-gram unless it is there; answers its number either way. */
  add(high: number, low: number): number
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
  }
}

/** Visits n-grams of a text as hashes of 2 × 32 bits; `start` counts words or characters before it. */
export type GramReader = (text: Uint8Array, visit: (high: number, low: number, start: number) => void) => void

/** All runs of each of `sizes` words of a text. */
export function wordGrams(sizes: readonly number[], kernel: TextKernel): GramReader {
  const longest = Math.max(...sizes)
  const { second, state } = kernel.folded
  return (text, visit) =>
    readWords(text, kernel, longest - 1, () => {
      const before = (state[TOTAL] ?? 0) - (state[COUNT] ?? 0)
      for (const size of sizes) {
        const count = state[COUNT] ?? 0
        const grams = kernel.shingle(size)
        let leaving = 1
        for (let i = 1; i < size; i++) leaving = Math.imul(leaving, SECOND_PRIME)
        let rolling = 0
        for (let i = 0; i < count; i++) {
          if (i >= size) rolling = (rolling - Math.imul(second[i - size] ?? 0, leaving)) | 0
          rolling = (Math.imul(rolling, SECOND_PRIME) + (second[i] ?? 0)) | 0
          const gram = i - size + 1
          if (gram >= 0 && gram < grams) visit(kernel.hashes[gram] ?? 0, mix32(rolling ^ size), before + gram)
        }
      }
    })
}

/** Folded units held before they are hashed. */
const UNITS = 1 << 16

/** Windows of `length` folded characters, white space and punctuation left out, one from each word's beginning on. */
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
        if (i >= length - 1 && begins[i - length + 1] === 1) visit(mix32(a), mix32(b), before + i - length + 1)
      }
    }
    foldUnits(text, 0, text.length, table, (unit) => {
      if (unit === SEPARATOR) {
        begin = 1
        return false
      }
      if (count === units.length) {
        hashWindows()
        // The window that begins with the first unit carried was not complete yet: nothing is visited twice.
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
