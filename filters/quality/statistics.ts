// Statistics of prose after Gopher (Rae et al. 2021, appendix A) and FineWeb / FineWeb2, with Arabic counted as Arabic: letters
// without their vowel marks, its own punctuation, stop words with the particles that attach to them.
import { repetition } from './repetition.ts'

/** What is measured of one text; shares are 0 to 1. Names are those of the filter's measures. */
export interface Statistics {
  /** White-space separated. */
  words: number
  /** Letters and digits per word that has any; marks are not counted. */
  meanWordLength: number
  /** `#` and `…` (or `...`) per word. */
  symbolsPerWord: number
  wordsWithLetter: number
  stopWords: number
  bulletLines: number
  ellipsisLines: number
  terminalLines: number
  duplicateLines: number
  duplicateLineShare: number
  newlinesPerWord: number
  topNgrams: number
  repeatedNgrams: number
}

const ENGLISH = ['the', 'be', 'to', 'of', 'and', 'that', 'have', 'with']
/** FineWeb2's list for arb_Arab without its punctuation, alef, yeh and teh marbuta folded. */
const ARABIC = [
  'في',
  'من',
  'علي',
  'الي',
  'عام',
  'ان',
  'مع',
  'او',
  'هو',
  'عن',
  'التي',
  'كان',
  'بين',
  'ما',
  'كانت',
  'هي',
  'بعد',
]
const STOP_WORDS: ReadonlySet<string> = new Set([
  ...ENGLISH,
  ...ARABIC,
  // One particle may be attached: و ف ب ل ك.
  ...ARABIC.flatMap((word) => [...'وفبلك'].map((particle) => particle + word)),
])

const MARKS = /[\u0640\u064b-\u065f\u0670\u06d6-\u06ed]+/g
const BULLET = /^\s*(?:[-*+•●▪◦‣–·]|[\d٠-٩۰-۹]{1,3}[.)])\s/u
const ELLIPSIS = /(?:…|\.{3})\s*$/u
/** Sentence ends of both scripts, with closing quotes and brackets behind them. */
const TERMINAL = /[.!?…؟۔:؛]["'”’»)\]]*\s*$|["”»]\s*$/u
const ONE_LETTER = /\p{L}/u

/** Measures a text. Linear in its length. */
export function statisticsOf(text: string): Statistics {
  const tokens = text.split(/\s+/u).filter((token) => token !== '')
  const words = tokens.map(wordOf).filter((word) => word !== '')
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole)
  const countOf = (pattern: RegExp): number => lines.reduce((sum, line) => sum + (pattern.test(line) ? 1 : 0), 0)
  const symbols = (text.match(/[#…]|\.{3}/gu) ?? []).length
  return {
    words: tokens.length,
    meanWordLength: share(
      words.reduce((sum, word) => sum + lengthOf(word), 0),
      words.length,
    ),
    symbolsPerWord: share(symbols, tokens.length),
    wordsWithLetter: share(tokens.filter((token) => ONE_LETTER.test(token)).length, tokens.length),
    stopWords: words.filter((word) => STOP_WORDS.has(word)).length,
    bulletLines: share(countOf(BULLET), lines.length),
    ellipsisLines: share(countOf(ELLIPSIS), lines.length),
    terminalLines: share(countOf(TERMINAL), lines.length),
    newlinesPerWord: share((text.match(/\n/g) ?? []).length, tokens.length),
    ...duplicates(lines),
    ...repetition(words),
  }
}

/** The letters and digits of a token, lower case, marks dropped, alef, yeh and teh marbuta folded. */
function wordOf(token: string): string {
  return token
    .toLowerCase()
    .replace(MARKS, '')
    .replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '')
    .replace(/[أإآٱ]/g, 'ا')
    .replace(/ى/g, 'ي')
    .replace(/ة/g, 'ه')
}

/** Code points. */
function lengthOf(word: string): number {
  let length = word.length
  for (let i = 0; i < word.length; i++) if ((word.charCodeAt(i) & 0xfc00) === 0xdc00) length--
  return length
}

/** Lines seen before, as a share of lines and of characters. */
function duplicates(lines: readonly string[]): Pick<Statistics, 'duplicateLines' | 'duplicateLineShare'> {
  const seen = new Set<string>()
  let repeated = 0
  let repeatedLength = 0
  let length = 0
  for (const line of lines) {
    const key = line.trim()
    length += key.length
    if (seen.has(key)) {
      repeated++
      repeatedLength += key.length
    } else seen.add(key)
  }
  if (lines.length === 0) return { duplicateLines: 0, duplicateLineShare: 0 }
  return { duplicateLines: repeated / lines.length, duplicateLineShare: repeatedLength / length }
}
