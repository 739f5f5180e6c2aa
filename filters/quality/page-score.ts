// How much a text looks like a page that people call good. Length, running words, capitals and line
// ends tell most of it: menus, product lists, link lists and listings are short, have few words
// that join others, many names, and lines that end no sentence.

/** What the score is computed from, all of one text. */
export interface PageFeatures {
  readonly words: number
  /** Shares of the words, 0 to 1. */
  readonly stopWordShare: number
  readonly capitalWords: number
  /** Share of the lines that end a sentence, 0 to 1. */
  readonly terminalLines: number
}

/**
 * A logistic regression on human labels of English pages: half of the 499 pages of
 * mlfoundations/dclm (data/majority_data.jsonl, 361714b, MIT), those with the agreement of all
 * labellers at twice the weight. 1,104 clean texts of other kinds (answers of Stack Exchange,
 * Wikipedia, arXiv abstracts, chapters on Rust, half of the English news of
 * masakhane-io/masakhane-news) were good pages at a tenth of the weight, so that colloquial and
 * technical texts keep their place; then the scale was set by the labelled pages alone.
 */
const WEIGHTS = {
  /** Per natural logarithm of the words, at most `MOST_WORDS` of them. */
  words: 0.75,
  stopWordShare: 17.1,
  capitalWords: -6.3,
  terminalLines: 1.6,
  constant: -6.1,
} as const
const MOST_WORDS = 500

/** The share of pages with these features that people call good, 0 to 1. */
export function pageScore(features: PageFeatures): number {
  const { words, stopWordShare, capitalWords, terminalLines } = features
  const sum =
    WEIGHTS.words * Math.log(Math.max(1, Math.min(MOST_WORDS, words))) +
    WEIGHTS.stopWordShare * stopWordShare +
    WEIGHTS.capitalWords * capitalWords +
    WEIGHTS.terminalLines * terminalLines +
    WEIGHTS.constant
  return 1 / (1 + Math.exp(-sum))
}
