import { z } from 'zod'
import { defineBackend } from '../../src/core/trainer.ts'
import { MAX_ORDER } from '../../src/ngram/counts.ts'

/**
 * Counts n-grams instead of learning: it needs no installation, takes seconds, and is the baseline
 * that any neural model has to beat.
 */
export const ngram = defineBackend({
  name: 'ngram',
  version: 1,
  summary: 'Interpolated modified Kneser–Ney n-grams over the token shards, in pure TypeScript.',
  family: 'count',
  options: z.strictObject({
    order: z
      .int()
      .min(1)
      .max(MAX_ORDER)
      .default(MAX_ORDER)
      .describe('Longest n-gram counted, in tokens.'),
  }),
  example: {},
  async create(options, context) {
    const { ngramBackend } = await import('./backend.ts')
    return ngramBackend(options, context)
  },
})
