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
 * A logistic regression on human labels of English pages: half of the 499 pages of
 * mlfoundations/dclm (data/majority_data.jsonl, 361714b, MIT), those with the agreement of all
 * labellers at twice the weight. 724 clean texts of other kinds (Stack Exchange answers, Wikipedia,
 * arXiv abstracts, chapters on Rust) were good pages at a tenth of the weight, so that colloquial and
 * technical texts keep their place; then the scale was set by the labelled pages alone.
 */
const WEIGHTS = {
  /** Per natural logarithm of the words, at most `MOST_WORDS` of them. */
  words: 0.78,
  stopWordShare: 20.3,
  capitalWords: -7.8,
  constant: -5.47,
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
