// From counts to the shares that Gopher, FineWeb and FineWeb2 limit.
import { REPEATED_NGRAMS, TOP_NGRAMS } from '../../src/kernels/repetition.ts'
import { COUNT, type Counts, countStatistics } from '../../src/kernels/statistics.ts'
import { statisticsCounter } from '../../src/kernels/statistics-kernel.ts'

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
  /** The largest share of a most frequent n-gram, and of repeated n-grams, over their limits. */
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

/** Most frequent n-gram, by n: its share of all characters (Gopher, table A1). */
const TOP_LIMITS = { 2: 0.2, 3: 0.18, 4: 0.16 } as const
/** n-grams seen before, by n: their share of all characters (Gopher, table A1). */
const REPEATED_LIMITS = { 5: 0.15, 6: 0.14, 7: 0.13, 8: 0.12, 9: 0.11, 10: 0.1 } as const

/** Measures the text [start, end) of the kernels' memory; `decode` gives it as a string where the kernel cannot do it. */
export type StatisticsOf = (start: number, end: number, decode: () => string) => Statistics

let count: ReturnType<typeof statisticsCounter> | undefined

/** The measuring kernel; its tables are placed once a process. */
export function statisticsKernel(): StatisticsOf {
  count ??= statisticsCounter(STOP_WORDS)
  const counter = count
  return (start, end, decode) => sharesOf(counter(start, end) ?? countStatistics(decode(), STOP_WORDS))
}

/** The same in plain TypeScript. */
export function statisticsOf(text: string): Statistics {
  return sharesOf(countStatistics(text, STOP_WORDS))
}

function sharesOf(counts: Counts): Statistics {
  const of = (name: keyof typeof COUNT): number => counts[COUNT[name]] ?? 0
  const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole)
  const tokens = of('tokens')
  const lines = of('lines')
  const units = of('wordUnits')
  return {
    words: tokens,
    meanWordLength: share(of('wordCharacters'), of('words')),
    symbolsPerWord: share(of('symbols'), tokens),
    wordsWithLetter: share(of('tokensWithLetter'), tokens),
    stopWords: of('stopWords'),
    bulletLines: share(of('bulletLines'), lines),
    ellipsisLines: share(of('ellipsisLines'), lines),
    terminalLines: share(of('terminalLines'), lines),
    newlinesPerWord: share(of('newlines'), tokens),
    duplicateLines: share(of('repeatedLines'), lines),
    duplicateLineShare: share(of('repeatedLineUnits'), of('lineUnits')),
    topNgrams: Math.max(...TOP_NGRAMS.map((n) => share(of(`top${n}`), units) / TOP_LIMITS[n])),
    repeatedNgrams: Math.max(...REPEATED_NGRAMS.map((n) => share(of(`repeated${n}`), units) / REPEATED_LIMITS[n])),
  }
}
