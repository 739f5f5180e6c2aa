// Folds and hashes words in one pass. This is the reference; the kernel is ./assembly.ts.
import {
  DROPPED,
  EXPANSION,
  EXPANSION_END,
  type FoldTable,
  ITSELF,
  SEPARATOR,
} from './fold-table.ts'

/**
 * The words of a folded text as hashes; the folded text itself is never built. The arrays belong to
 * the owner of the kernel: for kernels.wasm they are views of its memory.
 */
export interface FoldedWords {
  /** One 32-bit hash per word. */
  readonly words: Uint32Array
  /** A second, independent hash per word: together 64 bits. */
  readonly second: Uint32Array
  /** Counters and the running digest: see `COUNT`, `TOTAL` and `DIGEST`. */
  readonly state: Uint32Array
}

/** Index into `FoldedWords.state` of the number of words now in the arrays. */
export const COUNT = 0
/** Index into `FoldedWords.state` of the number of words of the whole text so far. */
export const TOTAL = 1
/** Index into `FoldedWords.state` of the four words of running digest. */
export const DIGEST = 2
/** Length of `FoldedWords.state`. */
export const STATE_WORDS = 6

const SEEDS = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344] as const // fractional part of pi
const WORD_SEED_A = 0x811c9dc5 // FNV offset basis
const WORD_SEED_B = 0x9747b28c
/** Multiplier of the first hash: the FNV prime. */
export const WORD_PRIME_A = 0x01000193
/** Multiplier of the second hash: that of murmur2. */
export const WORD_PRIME_B = 0x5bd1e995

/**
 * Entries kept free at the end of the arrays. Where they begin, folding stops between words. One
 * code point may stand for several words (U+FDFA for four), so once half of them are used, it stops
 * after any character.
 */
export const WORD_SLACK = 64

/** Resets the counters and the digest for another text. */
export function resetWords({ state }: FoldedWords): void {
  state[COUNT] = 0
  state[TOTAL] = 0
  state.set(SEEDS, DIGEST)
}

/**
 * Murmur3's 32-bit finaliser (Appleby, public domain): a bijection in which every bit of the input
 * affects every bit of the result.
 */
export function mix32(value: number): number {
  let h = value
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by))

/**
 * Appends the hashes of the words of `bytes[start, end)` to `out`. Returns the position reached:
 * `end`, or the end of the word that filled the arrays. Bytes that are not UTF-8 separate words.
 */
export function foldWords(
  bytes: Uint8Array,
  start: number,
  end: number,
  table: FoldTable,
  out: FoldedWords,
): number {
  let a = WORD_SEED_A
  let b = WORD_SEED_B
  let inWord = false
  const isFull = (slack: number): boolean => out.state[COUNT]! > out.words.length - slack
  const add = (unit: number): boolean => {
    if (unit !== SEPARATOR) {
      a = Math.imul(a ^ unit, WORD_PRIME_A)
      b = Math.imul(rotate(b, 5) ^ unit, WORD_PRIME_B)
      inWord = true
      return isFull(WORD_SLACK / 2)
    }
    if (inWord) endWord(out, a, b)
    inWord = false
    a = WORD_SEED_A
    b = WORD_SEED_B
    return isFull(WORD_SLACK)
  }
  const position = foldUnits(bytes, start, end, table, add)
  add(SEPARATOR)
  return position
}

/**
 * Calls `add` with each UTF-16 unit of the folded text, and with `SEPARATOR` between words. Stops
 * after a character if `add` returns true for its last unit. Returns the position reached.
 */
export function foldUnits(
  bytes: Uint8Array,
  start: number,
  end: number,
  { units, sequences, starts }: FoldTable,
  add: (unit: number) => boolean,
): number {
  let position = start
  while (position < end) {
    const code = codePointAt(bytes, position, end)
    position += code < 0x80 || code === INVALID ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
    const unit =
      code < 0x20000 ? units[code]! : code < 0x40000 ? ITSELF : isTag(code) ? DROPPED : SEPARATOR
    if (unit === DROPPED) continue
    let isEnough = false
    if (unit === ITSELF) {
      add(code & 0xffff || 1)
      isEnough = add(code >>> 16)
    } else if (unit >= EXPANSION && unit < EXPANSION_END) {
      for (let i = starts[unit - EXPANSION]!; i < starts[unit - EXPANSION + 1]!; i++)
        isEnough = add(sequences[i]!)
    } else isEnough = add(unit)
    if (isEnough) return position
  }
  return position
}

const INVALID = 0x110000

/** Tags and variation selectors: format characters and marks of plane 14. */
function isTag(code: number): boolean {
  return code >= 0xe0000 && code < 0xe1000
}

/** The code point whose UTF-8 starts at `position`; `INVALID` for a byte that starts none. */
function codePointAt(bytes: Uint8Array, position: number, end: number): number {
  const first = bytes[position]!
  if (first < 0x80) return first
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
  if (first < 0xc2 || first > 0xf4 || position + length > end) return INVALID
  let code = first & (0x7f >> length)
  for (let i = 1; i < length; i++) {
    const byte = bytes[position + i]!
    if ((byte & 0xc0) !== 0x80) return INVALID
    code = (code << 6) | (byte & 0x3f)
  }
  const least = length === 4 ? 0x10000 : length === 3 ? 0x800 : 0x80
  return code < least || code > 0x10ffff ? INVALID : code
}

function endWord(out: FoldedWords, rawA: number, rawB: number): void {
  const a = mix32(rawA)
  const b = mix32(rawB)
  const { words, second, state } = out
  const count = state[COUNT]!
  words[count] = a
  second[count] = b
  state[COUNT] = count + 1
  state[TOTAL] = state[TOTAL]! + 1
  state[DIGEST] = Math.imul(rotate(state[DIGEST]! ^ a, 13), 0x9e3779b1) + state[DIGEST + 1]!
  state[DIGEST + 1] = Math.imul(rotate(state[DIGEST + 1]! ^ b, 15), 0x85ebca77) + state[DIGEST + 2]!
  state[DIGEST + 2] =
    Math.imul(rotate(state[DIGEST + 2]! ^ (a + b), 17), 0xc2b2ae3d) + state[DIGEST + 3]!
  state[DIGEST + 3] =
    Math.imul(rotate(state[DIGEST + 3]! ^ a ^ rotate(b, 7), 19), 0x27d4eb2f) + state[DIGEST]!
}
