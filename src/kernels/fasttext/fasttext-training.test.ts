import { getFastTextClass, getFastTextModule } from 'fasttext.wasm.js'
import { describe, expect, it } from 'vitest'
import { kernelMemory } from '../memory/module.ts'
import { labelScorer } from './fasttext-labels.ts'
import { type FastTextModel, readFastTextModel } from './fasttext-model.ts'
import { rowSummerKernel } from './kernel.ts'
import { rowSummerReference } from './reference.ts'

const SENTENCES = {
  en: 'the light of the stars and galaxies is bright in the night sky above us',
  ar: 'ضوء النجوم والمجرات ساطع جدا في سماء الليل فوقنا هذا المساء',
  fr: 'la lumière des étoiles et des galaxies est vive dans le ciel de la nuit',
}
const TEXTS = [
  'the light',
  'étoiles of النجوم',
  'سماء',
  'unseen wörds 🌌',
  'light light light',
  '',
  'la nuit the night </s> galaxies',
]

/** Trains a small model with fastText itself. Returns its file and what it predicts for `TEXTS`. */
async function train(settings: object) {
  const FastText = await getFastTextClass({ getFastTextModule })
  const lines = Array.from({ length: 60 }, (_, i) =>
    Object.entries(SENTENCES).map(
      ([label, text]) =>
        `__label__${label} ${text
          .split(' ')
          .slice(i % 5)
          .join(' ')} w${i % 7}\n`,
    ),
  )
  const url = `data:text/plain;base64,${Buffer.from(lines.flat().join('')).toString('base64')}`
  const trainer = new FastText()
  const all = {
    dim: 10,
    bucket: 5000,
    epoch: 5,
    lr: 0.5,
    seed: 1,
    minCount: 1,
    verbose: 0,
    ...settings,
  }
  const model = (await trainer.trainSupervised(url, all, () => {})) as {
    ft: { saveModel(path: string): void }
    predict(text: string, k: number, threshold: number): { get(i: number): [number, string] }
  }
  model.ft.saveModel('/trained.bin')
  const file = (trainer.fs as unknown as { readFile(path: string): Uint8Array })
    .readFile('/trained.bin')
    .slice()
  return { file, expected: TEXTS.map((text) => model.predict(text, 1, 0).get(0)) }
}

function predictions(
  model: FastTextModel,
  sumRows: (text: Uint8Array, sum: Float32Array) => number,
) {
  const scorer = labelScorer(model)
  return TEXTS.map((text) => {
    const mean = new Float32Array(model.dimension)
    const count = sumRows(Buffer.from(text), mean)
    for (let i = 0; i < mean.length; i++) mean[i]! /= count
    const { label, probability } = scorer.best(mean)
    expect(scorer.probability(label)).toBeCloseTo(probability, 6)
    return [probability, `__label__${model.labels[label]}`] as const
  })
}

describe('the labels of models trained by fastText', () => {
  it.each([
    ['softmax', { loss: 'softmax', minn: 1, maxn: 3, wordNgrams: 1 }],
    ['hierarchical softmax', { loss: 'hs', minn: 2, maxn: 5, wordNgrams: 1 }],
    ['words alone', { loss: 'softmax', minn: 0, maxn: 0, wordNgrams: 1 }],
    ['n-grams of words', { loss: 'hs', minn: 2, maxn: 3, wordNgrams: 3 }],
  ])('are predicted as by fastText itself: %s', async (_, settings) => {
    const { file, expected } = await train(settings)
    const model = readFastTextModel(file, 'trained.bin')
    expect(model.keptBuckets).toBeUndefined()
    const check = (found: ReturnType<typeof predictions>): void => {
      for (const [i, [probability, label]] of found.entries()) {
        expect(label, TEXTS[i]).toBe(expected[i]![1])
        expect(probability, TEXTS[i]).toBeCloseTo(expected[i]![0], 4)
      }
    }
    check(predictions(model, rowSummerReference(model)))
    if (model.wordNgrams > 1)
      return expect(() => rowSummerKernel(model)).toThrow('does not do this fastText model')
    const memory = kernelMemory()
    const kernel = rowSummerKernel(model, 6)
    const onBytes = (text: Uint8Array, sum: Float32Array): number =>
      memory.scope(() => {
        const at = memory.lend(text)
        return kernel(at, at + text.length, sum)
      })
    check(predictions(model, onBytes))
  })
})
