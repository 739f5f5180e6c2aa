import { forEachRun } from '../characters/characters.ts'

/**
 * What each code point becomes when a text is folded for comparison. Case, marks, tatweel,
 * presentation forms and ligatures, hamza carriers, the forms of alef, yeh, teh marbuta and kaf,
 * and the digits of all scripts are levelled. Anything but letters, digits and `_` separates words.
 * For hashing only: published text keeps its spelling.
 */
export interface FoldTable {
  /**
   * One entry for each code point of planes 0 and 1: a UTF-16 code unit, or one of the markers
   * below.
   */
  readonly units: Uint16Array
  /**
   * The sequences of code points that become several units: entry `EXPANSION + k` is sequence k.
   */
  readonly sequences: Uint16Array
  /** Start of each sequence in `sequences`, then the end of the last one. */
  readonly starts: Uint16Array
}

/** The code point separates words. */
export const SEPARATOR = 0
/** The code point is dropped and does not separate words. */
export const DROPPED = 0xffff
/** The code point stays as it is but does not fit into one unit. */
export const ITSELF = 0xfffe
/**
 * Entries from `EXPANSION` up to `EXPANSION_END` (surrogates, which no text contains) name a
 * sequence.
 */
export const EXPANSION = 0xd800
/** One more than the last entry that names a sequence. */
export const EXPANSION_END = 0xe000

const CODE_POINTS = 0x20000
const VANISHING = /[\p{M}\p{Cf}\u0640]/u
const WORD = /[\p{L}\p{N}_]/u
// Letters that NFKD keeps apart although Arabic writers use one for another.
const ALIKE: ReadonlyMap<string, string> = new Map([
  ['ٱ', 'ا'],
  ...[...'ىیېۍ'].map((yeh) => [yeh, 'ي'] as const),
  ...[...'ةہھە'].map((heh) => [heh, 'ه'] as const),
  ...[...'کڪ'].map((kaf) => [kaf, 'ك'] as const),
])

let shared: FoldTable | undefined

/** The table, built once per process. */
export function foldTable(): FoldTable {
  shared ??= buildTable()
  return shared
}

const WORD_RUN = /[\p{L}\p{N}_]+/gu
const VANISHING_RUN = /[\p{M}\p{Cf}\u0640]+/gu
const DIGIT_RUN = /\p{Nd}+/gu

function buildTable(): FoldTable {
  const units = new Uint16Array(CODE_POINTS)
  const sequences: number[] = []
  const starts = [0]
  const add = (code: number, folded: readonly number[]): void => {
    if (folded.length === 1) units[code] = folded[0] ?? SEPARATOR
    else if (folded.length === 0) units[code] = DROPPED
    else {
      units[code] = EXPANSION + starts.length - 1
      sequences.push(...folded)
      starts.push(sequences.length)
    }
  }
  forEachRun(WORD_RUN, (from, to, text) => {
    const size = from > 0xffff ? 2 : 1
    const last = Math.min(to, CODE_POINTS)
    for (let start = from; start < last; start += BLOCK) {
      const end = Math.min(start + BLOCK, last)
      const alike =
        isUniform(start, end) || staysItself(text.slice((start - from) * size, (end - from) * size))
      for (let code = start; code < end; code++) {
        if (alike || isUniform(code, code + 1)) units[code] = code > 0xffff ? ITSELF : code
        else add(code, foldChar(code))
      }
    }
  })
  forEachRun(VANISHING_RUN, (from, to) => units.fill(DROPPED, from, to))
  // The decimal digits of a script are ten neighbours in ascending order (Unicode 4.6).
  forEachRun(DIGIT_RUN, (from, to) => {
    for (let code = from; code < Math.min(to, CODE_POINTS); code++)
      units[code] = 0x30 + ((code - from) % 10)
  })
  if (starts.length > EXPANSION_END - EXPANSION)
    throw new Error(`${starts.length} expansions do not fit the table`)
  return { units, sequences: Uint16Array.from(sequences), starts: Uint16Array.from(starts) }
}

/** Characters that are checked together, because folding changes no letter of most scripts. */
const BLOCK = 64

/** Upper case first, so that ß and ẞ, and σ and ς, fold alike. */
const levelled = (text: string): string =>
  text.toUpperCase().toLowerCase().normalize('NFKD').toLowerCase()

/** Whether folding changes none of these letters. Characters that vanish do not count. */
function staysItself(letters: string): boolean {
  return levelled(letters) === letters && ![...letters].some((letter) => ALIKE.has(letter))
}

/**
 * Han and Hangul fill half of the plane and are not changed by folding. NFKD would take Hangul
 * apart.
 */
function isUniform(from: number, to: number): boolean {
  return UNIFORM.some(([first, end]) => from >= first && to <= end)
}

const UNIFORM = [
  [0x3400, 0x4dc0],
  [0x4e00, 0xa000],
  [0xac00, 0xd7a4],
] as const

/** The folded units of one letter or number; `SEPARATOR` for a part that separates words. */
function foldChar(code: number): number[] {
  const units: number[] = []
  for (const part of levelled(String.fromCodePoint(code))) {
    if (VANISHING.test(part)) continue
    const like = ALIKE.get(part) ?? part
    if (!WORD.test(like)) units.push(SEPARATOR)
    else if (like.length > 1) return [ITSELF]
    else units.push(like.charCodeAt(0))
  }
  return units.length === 0 ? [code > 0xffff ? ITSELF : code] : units
}
