import { z } from 'zod'

/** Options of the `minhash` filter. */
export const minhashOptions = z
  .strictObject({
    threshold: z
      .number()
      .min(0.3)
      .max(1)
      .default(0.75)
      .describe('Similarity to a kept document, 0 to 1, from which a document is removed'),
    similarity: z
      .enum(['jaccard', 'containment'])
      .default('jaccard')
      .describe(
        'jaccard: common shingles over all shingles of both; containment: over those of the removed document',
      ),
    scope: z
      .enum(['global', 'source', 'language'])
      .default('global')
      .describe('Which documents are compared: all, those of one source, or those of one language'),
    shingleWords: z
      .int()
      .min(2)
      .max(20)
      .default(5)
      .describe('Words in a shingle; shorter texts are only compared exactly'),
    hashes: z.int().min(16).max(512).default(112).describe('Lanes of a signature, two bytes each'),
    signature: z
      .enum(['fast-similarity', 'classic'])
      .default('fast-similarity')
      .describe(
        'How signatures are made: fast-similarity varies less on short texts, classic is a minimum per permutation',
      ),
    bands: z
      .int()
      .min(1)
      .max(128)
      .default(14)
      .describe('Bands of the candidate search; more find more'),
    rows: z.int().min(1).max(32).default(8).describe('Signature lanes in a band; fewer find more'),
    maxComponent: z
      .int()
      .min(2)
      .default(4096)
      .describe(
        'Documents in a group of resemblances above which only the first by rank are compared with all others',
      ),
    leaders: z
      .int()
      .min(1)
      .default(256)
      .describe('How many first documents an oversized group is compared with'),
    alarmSourceShare: z
      .number()
      .min(0)
      .max(1)
      .default(0.5)
      .describe('Share of a source lost to near-duplicates above which an alarm is raised'),
    alarmSurvivorShare: z
      .number()
      .min(0)
      .max(1)
      .default(0.05)
      .describe(
        'Share of all documents lost to one single survivor above which an alarm is raised',
      ),
  })
  .refine(({ bands, rows, hashes }) => bands * rows <= hashes, {
    message: 'bands times rows must not exceed hashes',
    path: ['bands'],
  })

export type MinhashOptions = z.output<typeof minhashOptions>
