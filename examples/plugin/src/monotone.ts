import { defineFilter, textAt } from 'cosmos-etl/core'
import { z } from 'zod'

const options = z.strictObject({
  maxWordShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('Largest share of the words of a text that may be one word.'),
})

/** Drops texts that say little but one word, in any script. */
export const monotone = defineFilter({
  name: 'monotone',
  version: 1,
  summary: 'Drops texts in which one word is repeated most of the time.',
  options,
  thresholds: ['maxWordShare'],
  example: {},
  create: ({ maxWordShare }) => ({
    reasons: ['one-word'],
    measures: {
      wordShare: { type: 'number', description: 'Share of the most frequent word, 0 to 1.' },
    },
    measure(batch, out) {
      const share = out.number('wordShare')
      for (let row = 0; row < batch.rows; row++) {
        const counts = new Map<string, number>()
        // \w knows ASCII letters only; \p{L} and \p{M} know all.
        const words = textAt(batch.text, row).match(/[\p{L}\p{M}]+/gu) ?? []
        for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
        share[row] = Math.max(0, ...counts.values()) / Math.max(1, words.length)
      }
    },
    judge: ({ values }) => (Number(values.wordShare) > maxWordShare ? 'one-word' : undefined),
  }),
})
