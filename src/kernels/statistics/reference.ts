// What a prose text consists of: words, lines and what repeats, as counts. Gopher (Rae et al. 2021,
// appendix A), FineWeb and FineWeb2, with Arabic counted as Arabic: letters without their vowel
// marks, its own punctuation. This is the plain version; the kernel is assembly/statistics.ts.
import { ngramLengths } from './repetition.ts'

/** What is counted, in the order of the kernel’s results. Units are UTF-16 units. */
const COUNTS = [
  /** Separated by white space. */
  'tokens',
  'tokensWithLetter',
  /** Tokens with a letter or digit, from the first to the last one in them, without vowel marks. */
  'words',
  'wordCharacters',
  'wordUnits',
  'stopWords',
  /** `#`, `…` and `...`. */
  'symbols',
  'newlines',
  /** With something else than white space on them; the white space around a line does not count. */
  'lines',
  'lineUnits',
  'bulletLines',
  'ellipsisLines',
  'terminalLines',
  /** Lines seen before. */
  'repeatedLines',
  'repeatedLineUnits',
  /** Units of the words in n-grams: of the most frequent one, of all that were seen before. */
  'top2',
  'top3',
  'top4',
  'repeated5',
  'repeated6',
  'repeated7',
  'repeated8',
  'repeated9',
  'repeated10',
] as const
type CountName = (typeof COUNTS)[number]

/** One number per name, at its place in `COUNT`. */
export type Counts = ArrayLike<number>
export const COUNT = Object.fromEntries(COUNTS.map((name, i) => [name, i])) as Readonly<
  Record<CountName, number>
>

/** Vowel marks, tatweel and Quranic signs. */
export const MARKS = /[\u0640\u064b-\u065f\u0670\u06d6-\u06ed]+/gu
/**
 * What starts a list item when white space follows: one of these, or up to three digits and a full
 * stop or bracket.
 */
const BULLET = /^\s*(?:[-*+•●▪◦‣–·]|[\d٠-٩۰-۹]{1,3}[.)])\s/u
const ELLIPSIS = /(?:…|\.{3})\s*$/u
/** Sentence ends of both scripts, with closing quotes and brackets behind them. */
const TERMINAL = /[.!?…؟۔:؛]["'”’»)\]]*\s*$|["”»]\s*$/u
const SYMBOL = /[#…]|\.{3}/gu
const LETTER = /\p{L}/u

/** Counts a text; `stopWords` are folded as by `foldWord`. Linear in its length. */
export function countStatistics(text: string, stopWords: ReadonlySet<string>): number[] {
  const tokens = text.split(/\s+/u).filter((token) => token !== '')
  const words = tokens.map(wordOf).filter((word) => word !== '')
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const linesLike = (pattern: RegExp): number => lines.filter((line) => pattern.test(line)).length
  return [
    tokens.length,
    tokens.filter((token) => LETTER.test(token)).length,
    words.length,
    words.reduce((sum, word) => sum + [...word].length, 0),
    words.reduce((sum, word) => sum + word.length, 0),
    words.filter((word) => stopWords.has(word)).length,
    text.match(SYMBOL)?.length ?? 0,
    text.split('\n').length - 1,
    lines.length,
    lines.reduce((sum, line) => sum + line.trim().length, 0),
    linesLike(BULLET),
    linesLike(ELLIPSIS),
    linesLike(TERMINAL),
    ...repeatedLines(lines),
    ...ngramLengths(words),
  ]
}

/** The letters and digits of a token with what is between them, folded. */
function wordOf(token: string): string {
  return foldWord(
    token
      .toLowerCase()
      .replace(MARKS, '')
      .replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ''),
  )
}

/**
 * Alef, yeh and teh marbuta in one form each; sigma too, whose small letter depends on its place.
 */
export function foldWord(word: string): string {
  return word
    .replace(/[أإآٱ]/g, 'ا')
    .replaceAll('ى', 'ي')
    .replaceAll('ة', 'ه')
    .replaceAll('ς', 'σ')
}

/** How many lines were seen before, and their lengths. */
function repeatedLines(lines: readonly string[]): [number, number] {
  const seen = new Set<string>()
  let repeated = 0
  let units = 0
  for (const line of lines) {
    const key = line.trim()
    if (seen.has(key)) {
      repeated++
      units += key.length
    } else seen.add(key)
  }
  return [repeated, units]
}
