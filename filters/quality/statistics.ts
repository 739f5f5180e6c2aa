// Turns counts into the shares that Gopher, FineWeb and FineWeb2 limit.

import { statisticsCounter } from '../../src/kernels/statistics/kernel.ts'
import { COUNT, type Counts, countStatistics } from '../../src/kernels/statistics/reference.ts'
import { pageScore } from './page-score.ts'
import { STOP_WORDS } from './stop-words.ts'

/** Measures of one text; shares are 0 to 1. Names are those of the filter's measures. */
export interface Statistics {
  /** White-space separated. */
  words: number
  /** Letters and digits per word that has any; marks are not counted. */
  meanWordLength: number
  /** `#` and `…` (or `...`) per word. */
  symbolsPerWord: number
  /** Share of the words with a letter or digit that have a letter. */
  wordsWithLetter: number
  stopWords: number
  /** Shares of the words with a letter or digit. */
  stopWordShare: number
  capitalWords: number
  bulletLines: number
  ellipsisLines: number
  terminalLines: number
  duplicateLines: number
  duplicateLineShare: number
  /** Lines with anything but white space, per word. */
  linesPerWord: number
  /** Shares of lines; see the counts of the kernel. */
  evenLines: number
  speakerLines: number
  /**
   * The largest share of a most frequent n-gram, and of repeated n-grams, divided by their limits.
   */
  topNgrams: number
  repeatedNgrams: number
  /** See `pageScore`. */
  pageScore: number
}

interface Limit {
  /** Index of the n-gram's characters in the counts. */
  readonly at: number
  /** Largest share of all characters that Gopher allows (table A1). */
  readonly limit: number
}
/** Most frequent 2- to 4-grams, and 5- to 10-grams seen before. */
const TOP_LIMITS: readonly Limit[] = [0.2, 0.18, 0.16].map((limit, i) => ({
  at: COUNT.top2 + i,
  limit,
}))
const REPEATED_LIMITS: readonly Limit[] = [0.15, 0.14, 0.13, 0.12, 0.11, 0.1].map((limit, i) => ({
  at: COUNT.repeated5 + i,
  limit,
}))

/**
 * Measures the text [start, end) in the kernels' memory. `decode` returns it as a string if the
 * kernel cannot measure it.
 */
export type StatisticsOf = (start: number, end: number, decode: () => string) => Statistics

let count: ReturnType<typeof statisticsCounter> | undefined

/** The measuring kernel; its tables are loaded once per process. */
export function statisticsKernel(): StatisticsOf {
  count ??= statisticsCounter(STOP_WORDS)
  const counter = count
  return (start, end, decode) =>
    sharesOf(counter(start, end) ?? countStatistics(decode(), STOP_WORDS))
}

/** The same in plain TypeScript. */
export function statisticsOf(text: string): Statistics {
  return sharesOf(countStatistics(text, STOP_WORDS))
}

function sharesOf(counts: Counts): Statistics {
  const tokens = counts[COUNT.tokens] ?? 0
  const words = counts[COUNT.words] ?? 0
  const lines = counts[COUNT.lines] ?? 0
  const units = counts[COUNT.wordUnits] ?? 0
  const share = (part: number, whole: number): number =>
    whole === 0 ? 0 : (counts[part] ?? 0) / whole
  const largest = (limits: readonly Limit[]): number => {
    let most = 0
    for (const { at, limit } of limits) most = Math.max(most, share(at, units) / limit)
    return most
  }
  const stopWordShare = share(COUNT.stopWords, words)
  const capitalWords = share(COUNT.capitalWords, words)
  const terminalLines = share(COUNT.terminalLines, lines)
  return {
    words: tokens,
    meanWordLength: share(COUNT.wordCharacters, words),
    symbolsPerWord: share(COUNT.symbols, tokens),
    // A mark that Unicode calls a letter makes no word.
    wordsWithLetter: Math.min(1, share(COUNT.tokensWithLetter, words)),
    stopWords: counts[COUNT.stopWords] ?? 0,
    stopWordShare,
    capitalWords,
    bulletLines: share(COUNT.bulletLines, lines),
    ellipsisLines: share(COUNT.ellipsisLines, lines),
    terminalLines,
    linesPerWord: share(COUNT.lines, tokens),
    evenLines: share(COUNT.evenLines, lines),
    speakerLines: share(COUNT.speakerLines, lines),
    duplicateLines: share(COUNT.repeatedLines, lines),
    duplicateLineShare: share(COUNT.repeatedLineUnits, counts[COUNT.lineUnits] ?? 0),
    topNgrams: largest(TOP_LIMITS),
    repeatedNgrams: largest(REPEATED_LIMITS),
    pageScore: pageScore({ words, stopWordShare, capitalWords, terminalLines }),
  }
}
