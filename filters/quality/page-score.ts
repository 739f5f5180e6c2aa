// How much a text looks like a page that people call good. Length, running words and capitals tell
// most of it: menus, product lists, link lists and listings are short, have few words that join
// others and many names.

/** What the score is computed from, all of one text. */
export interface PageFeatures {
  readonly words: number
  /** Shares of the words, 0 to 1. */
  readonly stopWordShare: number
  readonly capitalWords: number
}

/**
 * A logistic regression fitted to the human labels of DCLM (mlfoundations/dclm, data/*.jsonl,
 * 361714b, MIT): PAGES. Weights are rounded to two digits.
 */
const WEIGHTS = {
  /** Per natural logarithm of the words, of which at most `mostWords` count. */
  words: 0.96,
  stopWordShare: 25,
  capitalWords: -9.6,
  constant: -6.24,
} as const
const MOST_WORDS = 500

/** The share of pages with these features that people call good, 0 to 1. */
export function pageScore({ words, stopWordShare, capitalWords }: PageFeatures): number {
  const sum =
    WEIGHTS.words * Math.log(Math.max(1, Math.min(MOST_WORDS, words))) +
    WEIGHTS.stopWordShare * stopWordShare +
    WEIGHTS.capitalWords * capitalWords +
    WEIGHTS.constant
  return 1 / (1 + Math.exp(-sum))
}
