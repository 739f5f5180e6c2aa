import { z } from 'zod'

/** The manifest's `decontaminate` section. */
export const decontaminateOptions = z
  .strictObject({
    benchmarks: z
      .array(
        z.strictObject({
          name: z.string().min(1).describe('Name of the benchmark in reports.'),
          input: z
            .string()
            .min(1)
            .describe(
              'File, folder or glob, relative to the manifest: ' +
                '.jsonl, .json, .csv, .tsv or .txt, compressed or not.',
            ),
          fields: z
            .array(z.string())
            .optional()
            .describe(
              'Names of fields to protect, at any depth: prompts, solutions. Default: all texts.',
            ),
        }),
      )
      .default([])
      .describe('Benchmarks that must not be in the training split.'),
    ownShare: z
      .number()
      .min(0)
      .max(1)
      .default(0.1)
      .describe(
        'Share of the eval and test documents, chosen by hash of their id, that are protected too.',
      ),
    method: z
      .enum(['words', 'characters'])
      .default('words')
      .describe(
        'Whether n-grams of words or of characters are searched for. ' +
          'The other method measures what is left in code.',
      ),
    words: z.int().min(5).max(50).default(13).describe('Words of an n-gram, after folding.'),
    characters: z
      .int()
      .min(20)
      .max(500)
      .default(50)
      .describe('Characters of an n-gram, after folding and without white space.'),
    minGramCharacters: z
      .int()
      .min(0)
      .default(40)
      .describe(
        'Word n-grams with fewer characters are ignored: they are too common, above all in code.',
      ),
    minHits: z
      .int()
      .min(1)
      .default(1)
      .describe('Distinct n-grams of one benchmark that make a document contaminated.'),
    maxDocuments: z
      .int()
      .min(1)
      .default(10)
      .describe(
        'N-grams found in more documents than this are ignored: licence headers, boilerplate.',
      ),
    action: z
      .enum(['drop', 'report'])
      .default('drop')
      .describe('Whether contaminated documents are dropped or only reported.'),
    limits: z
      .record(z.string(), z.number().min(0).max(1))
      .default({ javascript: 0.005 })
      .describe(
        'Highest share of contaminated documents per programming language; the run fails above it.',
      ),
  })
  .describe('Keeps benchmarks and held-out documents out of the training split.')

/** The section with defaults filled in. */
export type DecontaminateOptions = z.output<typeof decontaminateOptions>
