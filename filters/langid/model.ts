import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { EtlError } from '../../src/core/errors.ts'
import { labelScorer } from '../../src/kernels/fasttext/fasttext-labels.ts'
import { readFastTextModel } from '../../src/kernels/fasttext/fasttext-model.ts'
import { type PlacedRowSummer, rowSummerKernel } from '../../src/kernels/fasttext/kernel.ts'

/**
 * lid.176 as compressed by its authors (Joulin et al. 2016, CC BY-SA 3.0); see
 * docs/decisions/language-identification.md.
 */
const MODEL = 'fasttext.wasm.js/dist/fastText/models/lid.176.ftz'
const SHA256 = '8f3472cfe8738a7b6099e8e999c3cbfae0dcd15696aac7d7738a8039db603e83'
/** The labels that are Arabic; their scores are added. */
const ARABIC = ['ar', 'arz']
/**
 * A score that no other labels can reach together: one half, plus far more than the sum of
 * fastText's scores exceeds 1.
 */
const MAJORITY = 0.51
/** A score above which the runner-up is not searched: it has at most the rest. */
const CERTAIN = 0.9

export interface Guess {
  /** ISO 639, the Arabic varieties as `ar`. */
  readonly language: string
  /** The likeliest label by itself, `arz` for Egyptian. */
  readonly variety: string
  /** The model's score of the language, 0 to 1. It is no probability: see ./calibrate.ts. */
  readonly score: number
  /** The model's score of the likeliest other language, 0 to 1; of a score above .9, the rest. */
  readonly runnerUp: number
}

/**
 * Identifies the language of plain text [start, end) in the kernels' memory. It returns a language
 * for any input.
 */
export type Identify = (start: number, end: number) => Guess

let loaded: Identify | undefined

/** The identifier over lid.176, loaded into the kernels' memory once per process. */
export function languageIdentifier(): Identify {
  loaded ??= load()
  return loaded
}

function load(): Identify {
  const model = readFastTextModel(modelFile(), 'lid.176.ftz')
  const sumRows: PlacedRowSummer = rowSummerKernel(model)
  const scorer = labelScorer(model)
  const arabic = ARABIC.map((label) => model.labels.indexOf(label))
  const mean = new Float32Array(model.dimension)
  const others = (score: number, labels: readonly number[]): number =>
    score > CERTAIN ? 1 - score : scorer.bestBut(labels).probability

  return (start, end) => {
    const count = Math.max(sumRows(start, end, mean), 1)
    for (let i = 0; i < mean.length; i++) mean[i] = (mean[i] ?? 0) / count
    const best = scorer.best(mean)
    const variety = model.labels[best.label] ?? 'und'
    if (best.probability > MAJORITY && !arabic.includes(best.label)) {
      return guess(variety, variety, best.probability, others(best.probability, [best.label]))
    }
    const arabicScore = sumOf(arabic.map(scorer.probability))
    if (arabicScore >= best.probability) {
      return guess('ar', variety, arabicScore, others(arabicScore, arabic))
    }
    const second = scorer.bestBut([best.label]).probability
    return guess(variety, variety, best.probability, Math.max(second, arabicScore))
  }
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)

/** fastText's scores can exceed 1 by some hundred-thousandths. */
const guess = (language: string, variety: string, score: number, runnerUp: number): Guess => ({
  language,
  variety,
  score: Math.min(score, 1),
  runnerUp: Math.min(runnerUp, 1),
})

function modelFile(): Uint8Array {
  const path = createRequire(import.meta.url).resolve(MODEL)
  const file = readFileSync(path)
  const found = createHash('sha256').update(file).digest('hex')
  if (found !== SHA256)
    throw new EtlError('kernel-unavailable', {
      where: path,
      what: `not the expected model: sha256 ${found}`,
    })
  return file
}
