import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import fc from 'fast-check'
import { getLIDModel } from 'fasttext.wasm.js'
import { describe, expect, it } from 'vitest'
import { kernelMemory } from '../memory/module.ts'
import { hardBytes, realTexts } from '../testing/texts.ts'
import { labelScorer } from './fasttext-labels.ts'
import { readFastTextModel } from './fasttext-model.ts'
import { rowSummerKernel } from './kernel.ts'
import { rowSummerReference } from './reference.ts'

const require = createRequire(import.meta.url)
const path = require.resolve('fasttext.wasm.js/dist/fastText/models/lid.176.ftz')
const file = readFileSync(path)
const model = readFastTextModel(file, 'lid.176.ftz')
const scorer = labelScorer(model)
const reference = rowSummerReference(model)
const memory = kernelMemory()

function predict(sumRows: (text: Uint8Array, sum: Float32Array) => number, text: Uint8Array) {
  const mean = new Float32Array(model.dimension)
  const count = sumRows(text, mean)
  for (let i = 0; i < mean.length; i++) mean[i]! /= count
  const { label, probability } = scorer.best(mean)
  return { label: model.labels[label], probability, count }
}

/** Runs the kernel on bytes between other bytes, all of which it must leave unchanged. */
function onBytes(kernel: ReturnType<typeof rowSummerKernel>) {
  return (text: Uint8Array, sum: Float32Array): number =>
    memory.scope(() => {
      const start = memory.lend(Buffer.concat([Buffer.from('#'), text, Buffer.from('#')])) + 1
      const count = kernel(start, start + text.length, sum)
      const unchanged =
        Buffer.compare(text, memory.bytes.subarray(start, start + text.length)) === 0
      expect(
        unchanged && memory.bytes[start - 1] === 35 && memory.bytes[start + text.length] === 35,
      ).toBe(true)
      return count
    })
}

describe('fastText language identification', () => {
  it('predicts what fastText itself predicts', async () => {
    const oracle = await (await getLIDModel()).load()
    const texts = realTexts().filter((_, i) => i % 5 === 0)
    for (const bytes of texts) {
      const text = new TextDecoder().decode(bytes).replaceAll(/[\n\0]/g, ' ')
      const best = oracle.predict(text, 1, 0).get(0)
      const ours = predict(reference, new TextEncoder().encode(text))
      expect(`__label__${ours.label}`, text).toBe(best[1])
      expect(Math.abs(ours.probability - best[0]), text).toBeLessThan(1e-5)
    }
  })

  it('knows English, Arabic and their neighbours', () => {
    const label = (text: string) => predict(reference, new TextEncoder().encode(text)).label
    expect(
      label('The expansion of the universe was first inferred from the light of galaxies.'),
    ).toBe('en')
    expect(label('استنتج العلماء توسع الكون من ضوء المجرات البعيدة')).toBe('ar')
    expect(label('دانشمندان از نور کهکشان‌های دور به انبساط جهان پی بردند')).toBe('fa')
    expect(label('سائنس دانوں نے دور کی کہکشاؤں کی روشنی سے کائنات کے پھیلاؤ کا پتہ لگایا')).toBe(
      'ur',
    )
  })

  it('has a kernel that caches words by all of their bytes', () => {
    const kernel = onBytes(rowSummerKernel(model, 14))
    const letters = fc.array(fc.integer({ min: 97, max: 122 }), { minLength: 16, maxLength: 24 })
    fc.assert(
      fc.property(letters, (bytes) => {
        const capitals = bytes.map((byte, i) => (i % 4 === 3 && i > 3 ? byte - 32 : byte))
        for (const word of [bytes, capitals].map((codes) => Uint8Array.from(codes))) {
          const [ours, expected] = [
            new Float32Array(model.dimension),
            new Float32Array(model.dimension),
          ]
          expect(kernel(word, ours)).toBe(reference(word, expected))
          for (const [i, value] of ours.entries()) expect(value).toBeCloseTo(expected[i]!, 4)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('has a kernel that agrees with the reference for any size of its cache', () => {
    const texts = [...realTexts().filter((_, i) => i % 4 === 1), ...hardBytes()]
    const expected = texts.map((text) => predict(reference, text))
    for (const cacheBits of [0, 3, 10, 14, 16]) {
      const kernel = onBytes(rowSummerKernel(model, cacheBits))
      for (const [i, text] of texts.entries()) {
        const ours = predict(kernel, text)
        expect(ours.label).toBe(expected[i]!.label)
        expect(ours.count).toBe(expected[i]!.count)
        expect(Math.abs(ours.probability - expected[i]!.probability)).toBeLessThan(1e-4)
      }
    }
  })

  it('has a kernel that adds the same number of rows for any bytes', () => {
    const kernel = onBytes(rowSummerKernel(model, 6))
    const words = fc.array(
      fc.constantFrom(
        '</s>',
        '__label__ar',
        '__label__',
        'the',
        'في',
        '<',
        '>',
        'é',
        '\u0000',
        '\n',
        ' ',
      ),
    )
    const text = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      words.map((parts) => Buffer.from(parts.join(''))),
    )
    fc.assert(
      fc.property(text, (bytes) => {
        expect(predict(kernel, bytes).count).toBe(predict(reference, bytes).count)
      }),
    )
  })
})

describe('reading fastText models', () => {
  it('reads the dictionary, the pruned buckets and both matrices of a quantised model', () => {
    expect(model).toMatchObject({
      dimension: 16,
      loss: 'hierarchical-softmax',
      buckets: 2_000_000,
      minn: 2,
      maxn: 4,
    })
    expect([model.words.length, model.labels.length, model.keptBuckets?.buckets.length]).toEqual([
      7235, 176, 42_765,
    ])
    expect([model.input.length, model.output.length]).toEqual([50_000 * 16, 176 * 16])
  })

  it('reports where a model is cut short', () => {
    for (const length of [0, 4, 30, 100, 5000, 400_000, 900_000, file.length - 1]) {
      expect(() => readFastTextModel(file.subarray(0, length), 'short.ftz')).toThrow(
        /short\.ftz:\d+: cut short/,
      )
    }
  })

  it('rejects anything but a supervised softmax model', () => {
    expect(() => readFastTextModel(new Uint8Array(100), 'zeros')).toThrow('not a fastText model')
    const changed = (offset: number, value: number) => {
      const copy = Buffer.from(file)
      copy.writeInt32LE(value, offset)
      return copy
    }
    expect(() => readFastTextModel(changed(4, 10), 'old')).toThrow('version 10')
    expect(() => readFastTextModel(changed(36, 1), 'skipgram')).toThrow('model type 1')
    expect(() => readFastTextModel(changed(32, 2), 'negative-sampling')).toThrow('loss 2')
    expect(() => readFastTextModel(changed(8, 8), 'narrow')).toThrow('matrix widths differ')
  })
})
