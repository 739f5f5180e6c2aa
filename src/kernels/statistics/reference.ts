// Counts what a prose text consists of: words, lines and what repeats. Rules from Gopher (Rae et
// al. 2021, appendix A), FineWeb and FineWeb2, adapted to Arabic: letters are counted without vowel
// marks, and Arabic punctuation counts. This is the plain version; the kernel is ./assembly.ts.
import { ngramLengths } from './repetition.ts'

/** What is counted, in the order of the kernel’s results. Units are UTF-16 units. */
const COUNTS = [
  /** Separated by white space. */
  'tokens',
  'tokensWithLetter',
  /**
   * Tokens with a letter or digit, each from its first to its last letter or digit, without vowel
   * marks.
   */
  'words',
  'wordCharacters',
  'wordUnits',
  'stopWords',
  /** `#`, `…` and `...`. */
  'symbols',
  /** Words whose first letter or digit is a capital letter. */
  'capitalWords',
  /** Lines with anything but white space. White space around a line does not count. */
  'lines',
  'lineUnits',
  'bulletLines',
  'ellipsisLines',
  'terminalLines',
  /** Lines that occurred before. */
  'repeatedLines',
  'repeatedLineUnits',
  /** Units of the words in n-grams: of the most frequent n-gram, or of all that occurred before. */
  'top2',
  'top3',
  'top4',
  'repeated5',
  'repeated6',
  'repeated7',
  'repeated8',
  'repeated9',
  'repeated10',
  /**
   * Lines of 15 to 100 units whose length differs by at most a quarter from that of the line
   * before. Lines that only name a speaker are passed over, and count as well.
   */
  'evenLines',
  /**
   * Lines that end a sentence and start with a long dash, an opening quotation mark or a speaker's
   * name and colon.
   */
  'speakerLines',
] as const
type CountName = (typeof COUNTS)[number]

/** One number per name, at its index in `COUNT`. */
export type Counts = ArrayLike<number>
/** Index of each count. */
export const COUNT = Object.fromEntries(COUNTS.map((name, i) => [name, i])) as Readonly<
  Record<CountName, number>
>

/** Vowel marks, tatweel and Quranic signs. */
export const MARKS = /[\u0640\u064b-\u065f\u0670\u06d6-\u06ed]+/gu
/**
 * What starts a list item if white space follows: one of these signs, or up to three digits and a
 * full stop or bracket.
 */
const BULLET = /^\s*(?:[-*+•●▪◦‣–·]|[\d٠-٩۰-۹]{1,3}[.)])\s/u
const ELLIPSIS = /(?:…|\.{3})\s*$/u
/** Sentence ends of both scripts, with any closing quotes and brackets after them. */
const TERMINAL = /[.!?…؟۔:؛]["'”’»)\]]*\s*$|["”»]\s*$/u
/** The name of a speaker has less than `SPEAKER_BYTES` bytes: the kernel reads no further. */
const SPEAKER = /^(?:[–—"“«]|([^:\n]+):(?:\s|$))/u
const SPEAKER_BYTES = 31
const SYMBOL = /[#…]|\.{3}/gu
const LETTER = /\p{L}/u
/** Takes time in proportion to the token, whatever stands in it. */
const FIRST_TO_LAST = /[\p{L}\p{N}](?:.*[\p{L}\p{N}])?/su

/** Counts a text in linear time, in the order of `COUNT`. `stopWords` are folded by `foldWord`. */
export function countStatistics(text: string, stopWords: ReadonlySet<string>): number[] {
  const tokens = text.split(/\s+/u).filter((token) => token !== '')
  const words = tokens.map(wordOf).filter((word) => word !== '')
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const trimmed = lines.map((line) => line.trim())
  const linesLike = (pattern: RegExp): number => lines.filter((line) => pattern.test(line)).length
  return [
    tokens.length,
    tokens.filter((token) => LETTER.test(token)).length,
    words.length,
    words.reduce((sum, word) => sum + [...word].length, 0),
    words.reduce((sum, word) => sum + word.length, 0),
    words.filter((word) => stopWords.has(word)).length,
    text.match(SYMBOL)?.length ?? 0,
    tokens.filter(startsWithCapital).length,
    lines.length,
    trimmed.reduce((sum, line) => sum + line.length, 0),
    linesLike(BULLET),
    linesLike(ELLIPSIS),
    linesLike(TERMINAL),
    ...repeatedLines(trimmed),
    ...ngramLengths(words),
    evenLines(trimmed),
    trimmed.filter((line) => TERMINAL.test(line) && isSpeaker(line)).length,
  ]
}

/** The folded word of a token: its first to its last letter or digit. */
function wordOf(token: string): string {
  const [word = ''] = FIRST_TO_LAST.exec(token.toLowerCase().replace(MARKS, '')) ?? []
  return foldWord(word)
}

/** Whether the first letter or digit of a token is a letter that lower-casing changes. */
function startsWithCapital(token: string): boolean {
  for (const character of token.replace(MARKS, '')) {
    const lower = character.toLowerCase()
    if (/[\p{L}\p{N}]/u.test(lower)) return lower !== character
  }
  return false
}

function evenLines(lines: readonly string[]): number {
  const names = lines.filter(isName)
  const lengths = lines.filter((line) => !isName(line)).map((line) => line.length)
  return names.length + lengths.filter((length, i) => isEven(length, lengths[i - 1] ?? 0)).length
}

function isEven(length: number, before: number): boolean {
  const longer = Math.max(length, before)
  return length >= 15 && length <= 100 && Math.abs(length - before) * 4 <= longer
}

/** Whether a line is a short name and a colon. */
function isName(line: string): boolean {
  return line.endsWith(':') && Buffer.byteLength(line) <= SPEAKER_BYTES
}

function isSpeaker(line: string): boolean {
  const [start, name = ''] = SPEAKER.exec(line) ?? []
  return start !== undefined && Buffer.byteLength(name) < SPEAKER_BYTES
}

/** Folds the forms of alef, yeh and teh marbuta into one each, and final sigma into sigma. */
export function foldWord(word: string): string {
  return word
    .replace(/[أإآٱ]/g, 'ا')
    .replaceAll('ى', 'ي')
    .replaceAll('ة', 'ه')
    .replaceAll('ς', 'σ')
}

/** How many lines occurred before, and the sum of their lengths. */
function repeatedLines(lines: readonly string[]): [number, number] {
  const seen = new Set<string>()
  let repeated = 0
  let units = 0
  for (const line of lines) {
    if (seen.has(line)) {
      repeated++
      units += line.length
    } else seen.add(line)
  }
  return [repeated, units]
}
