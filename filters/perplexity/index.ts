import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { z } from 'zod'
import { kindAt, textAt } from '../../src/core/batch.ts'
import type { Context } from '../../src/core/component.ts'
import { EtlError } from '../../src/core/errors.ts'
import { defineFilter, type Judgement, type MeasuredRow } from '../../src/core/filter.ts'
import { among, judgedBy } from '../../src/core/judgement.ts'
import { lazily } from '../../src/core/lazily.ts'
import { decodeModels, textModel } from '../../src/ngram/text-model.ts'

const BUCKETS = ['head', 'middle', 'tail'] as const

const settings = z.strictObject({
  model: z
    .string()
    .min(1)
    .describe(
      'Model file, as `etl perplexity-model` writes it. It has a model for each language; documents ' +
        'of other languages and without one are kept, so langid goes before.',
    ),
  keep: z
    .array(z.enum(BUCKETS))
    .min(1)
    .default(['head', 'middle'])
    .describe('Documents to keep: the most probable (head), those between, the least (tail).'),
  headUntil: z
    .number()
    .min(0)
    .max(1)
    .default(1 / 3)
    .describe(
      'Share of the held-out documents of the model’s corpus that are head, 0 to 1. CCNet’s thirds ' +
        'are the default.',
    ),
  tailFrom: z
    .number()
    .min(0)
    .max(1)
    .default(2 / 3)
    .describe('Share of the held-out documents from which on documents are tail, 0 to 1.'),
  minWords: z
    .int()
    .min(1)
    .default(20)
    .describe('Words and signs below which a text is too short to judge; it is kept.'),
})
const options = settings.refine(({ headUntil, tailFrom }) => headUntil <= tailFrom, {
  path: ['headUntil'],
  error: 'headUntil must not be above tailFrom',
})
type Options = z.output<typeof options>

/** Sorts prose by how probable a model of a reference corpus finds it, as CCNet does. */
export const perplexity = defineFilter({
  name: 'perplexity',
  version: 1,
  summary: 'Keeps prose that an n-gram model of a reference corpus finds probable, by language.',
  options,
  example: { model: 'reference.safetensors' },
  thresholds: ['keep', 'headUntil', 'tailFrom', 'minWords'],
  async create(chosen, context) {
    const { bytes, hash } = await readModelFile(context, chosen.model)
    const data = decoded(bytes, chosen.model)
    const models = lazily(() => new Map([...data].map(([lang, one]) => [lang, textModel(one)])))
    return {
      reasons: BUCKETS.map((bucket) => `perplexity-${bucket}`),
      measures: {
        words: { type: 'count', description: 'Words, numbers and signs; 0 where none is scored.' },
        perplexity: { type: 'number', description: 'Perplexity per character.' },
        quantile: {
          type: 'number',
          description: 'Share of held-out documents of the same language that are more probable.',
        },
      },
      fileHashes: [hash],
      measure(batch, out) {
        const words = out.count('words')
        const [perplexities, quantiles] = [out.number('perplexity'), out.number('quantile')]
        for (let row = 0; row < batch.rows; row++) {
          const model = models().get(batch.lang[row] ?? '')
          if (model === undefined || kindAt(batch, row) !== 'prose') continue
          const score = model.score(textAt(batch.text, row))
          if (score.units === 0) continue
          words[row] = score.units
          perplexities[row] = score.perplexity
          quantiles[row] = model.quantile(score.perplexity)
        }
      },
      ...judgedBy((row) => judgements(row, chosen)),
    }
  },
})

function judgements({ values }: MeasuredRow, chosen: Options): readonly Judgement[] {
  if (Number(values.words) < chosen.minWords) return []
  const quantile = Number(values.quantile)
  const bucket =
    quantile <= chosen.headUntil ? 'head' : quantile < chosen.tailFrom ? 'middle' : 'tail'
  const reason = `perplexity-${bucket}`
  return [among({ reason, measure: 'quantile', value: bucket, limit: chosen.keep, option: 'keep' })]
}

async function readModelFile({ storage, folder }: Context, model: string) {
  const path = resolve(folder, model)
  if ((await storage.stat(path)) === undefined) {
    const hint = '`etl perplexity-model <corpus>` writes one.'
    throw new EtlError('input-missing', { where: model, what: 'there is no model file', hint })
  }
  const file = await storage.open(path)
  try {
    const bytes = await file.read(0, file.size)
    return { bytes, hash: createHash('sha256').update(bytes).digest('hex') }
  } finally {
    await file.close()
  }
}

function decoded(bytes: Uint8Array, where: string): ReturnType<typeof decodeModels> {
  try {
    return decodeModels(bytes)
  } catch (cause) {
    throw new EtlError('input-corrupt', { where, what: 'not a model of n-grams of text', cause })
  }
}
