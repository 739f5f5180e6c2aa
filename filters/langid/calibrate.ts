// Turns the model's scores into a probability: the share of texts with such scores whose language
// is right. The table is fitted by `node dist/bench/quality/langid-fit.js`, which prints it.
import type { Evidence } from './evidence.ts'

/** What the probability depends on. */
export interface Scores {
  /** The model's score of the language, 0 to 1. */
  readonly score: number
  /** The model's score of the next likely one. */
  readonly runnerUp: number
  /** Letters of prose, names not counted. */
  readonly letters: number
  readonly evidence: Evidence
  /** Share of Arabic-script letters that Arabic does not have, 0 to 1. */
  readonly foreignShare: number
}

interface Weights {
  readonly constant: number
  /** Of the logit of the score. */
  readonly score: number
  /** Of the logarithm of score over runner-up. */
  readonly margin: number
  /** Of the logarithm of the letters. */
  readonly letters: number
  /**
   * Of the logarithm of how much likelier the function words are in this language than in others.
   */
  readonly words: number
  /** Of each tenth of words that are odd for the language; of each hundredth of foreign letters. */
  readonly foreign: number
}

/**
 * Logistic regressions, one per language with a list of function words and one for all others.
 * Fitted on 2026-12-01 on half of NTREX-128, lingua's test sentences, the Universal Declaration of
 * Human Rights, ArSarcasm, 3,000 arXiv abstracts, documentation of six repositories and OpenITI
 * (docs/filters.md names commits and licences), for five foreign texts to each text of the
 * language.
 */
const WEIGHTS: Readonly<Record<'en' | 'ar' | 'other', Weights>> = {
  en: { constant: -4.213, score: 1.162, margin: 1.037, letters: 0.627, words: 0.5, foreign: -2.12 },
  ar: {
    constant: -3.028,
    score: 1.255,
    margin: -0.315,
    letters: 1.759,
    words: 0.332,
    foreign: -1.352,
  },
  other: { constant: -1.621, score: 0.858, margin: 0.055, letters: 0.375, words: 0, foreign: 0 },
}

/** Shares of function words in the language and in others, from the same texts. */
const FUNCTION_WORDS = {
  en: { inside: 0.42, outside: 0.04 },
  ar: { inside: 0.45, outside: 0.08 },
} as const

/** More words than this add no certainty. */
const MOST_WORDS = 40

/** The inputs of the regression, in the order of the weights after the constant. */
export function featuresOf(language: string, scores: Scores): readonly number[] {
  const { evidence, foreignShare } = scores
  const score = clamp(scores.score, 0.01, 0.9999)
  const margin = Math.min(8, Math.log(scores.score / Math.max(scores.runnerUp, 1e-4)))
  const letters = Math.log(clamp(scores.letters, 8, 500))
  const odd = 10 * Math.min(0.5, evidence.odd / Math.max(1, evidence.words))
  const foreign =
    language === 'ar' ? 100 * Math.min(0.05, foreignShare) : language === 'en' ? odd : 0
  return [Math.log(score / (1 - score)), margin, letters, wordsFeature(language, evidence), foreign]
}

function wordsFeature(language: string, { words, hits }: Evidence): number {
  if (language !== 'en' && language !== 'ar') return 0
  const { inside, outside } = FUNCTION_WORDS[language]
  const scale = Math.min(1, MOST_WORDS / Math.max(1, words))
  const yes = hits * Math.log(inside / outside)
  const no = (words - hits) * Math.log((1 - inside) / (1 - outside))
  return clamp(scale * (yes + no), -10, 10)
}

const clamp = (value: number, low: number, high: number): number =>
  Math.min(high, Math.max(low, value))

/** Probability, 0 to 1, that a text with these scores is in the language. */
export function calibrated(language: string, scores: Scores): number {
  const weights = WEIGHTS[language === 'en' || language === 'ar' ? language : 'other']
  const [score = 0, margin = 0, letters = 0, words = 0, foreign = 0] = featuresOf(language, scores)
  const sum =
    weights.constant +
    weights.score * score +
    weights.margin * margin +
    weights.letters * letters +
    weights.words * words +
    weights.foreign * foreign
  return 1 / (1 + Math.exp(-sum))
}
