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
              'File, folder or glob: .jsonl, .json, .csv, .tsv or .txt, packed or not; relative to the manifest.',
            ),
          fields: z
            .array(z.string())
            .optional()
            .describe(
              'Names of the fields to protect, at any depth: prompts and solutions; all texts unless given.',
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
        'Share of eval and test documents, by hash of their id, that train is cleaned of as well.',
      ),
    method: z
      .enum(['words', 'characters'])
      .default('words')
      .describe(
        'What is looked for: runs of words or of characters. The other one measures the result on code.',
      ),
    words: z.int().min(5).max(50).default(13).describe('Folded words in a run.'),
    characters: z
      .int()
      .min(20)
      .max(500)
      .default(50)
      .describe('Folded characters in a run, white space not counted.'),
    minGramCharacters: z
      .int()
      .min(0)
      .default(40)
      .describe(
        'Runs of words with fewer characters are too common to tell anything, in code above all.',
      ),
    minHits: z
      .int()
      .min(1)
      .default(1)
      .describe('Different runs of one benchmark from which a document is contaminated.'),
    maxDocuments: z
      .int()
      .min(1)
      .default(10)
      .describe(
        'Runs found in more documents than this are ignored: licence headers, boilerplate.',
      ),
    action: z
      .enum(['drop', 'report'])
      .default('drop')
      .describe('Whether contaminated documents are dropped or only reported.'),
    limits: z
      .record(z.string(), z.number().min(0).max(1))
      .default({ javascript: 0.005 })
      .describe(
        'Highest share of contaminated documents per programming language; above it the run fails.',
      ),
  })
  .describe('Keeps benchmarks and held-out documents out of the training split.')

export type DecontaminateOptions = z.output<typeof decontaminateOptions>
