import { z } from 'zod'
import { decontaminateOptions } from './contamination-options.ts'

const NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/

/**
 * Everything of a manifest except the options of its sources and filters, which their components
 * describe.
 */
export const manifestSchema = z.strictObject({
  $schema: z
    .string()
    .optional()
    .describe('Path of schema.json, so that editors complete and check.'),
  name: z.string().regex(NAME).describe('Name of the corpus, kebab-case.'),
  description: z
    .string()
    .default('')
    .describe('What the corpus is for; shown in the report and the dataset card.'),
  output: z.string().min(1).describe('Folder to publish to, relative to the manifest.'),
  base: z
    .array(z.string())
    .default([])
    .describe(
      'Folders of earlier corpora, oldest first: documents like theirs are removed, and a delta is published.',
    ),
  plugins: z
    .array(z.string())
    .default([])
    .describe('Modules with further components: package names, or paths relative to the manifest.'),
  sources: z
    .array(z.looseObject({ name: z.string().regex(NAME), type: z.string() }))
    .min(1)
    .describe(
      'What to read, in order of rank: of two near-duplicates the one of the earlier source is kept.',
    ),
  filters: z
    .array(z.looseObject({ type: z.string() }))
    .default([])
    .describe('Row filters in the order they run, then corpus filters.'),
  split: z
    .strictObject({
      train: z.number().min(0).default(95).describe('Share of the training split.'),
      eval: z.number().min(0).default(4).describe('Share of the evaluation split.'),
      test: z.number().min(0).default(1).describe('Share of the test split.'),
      key: z
        .string()
        .default('cosmos')
        .describe('Key of the hash that assigns documents; never change it for a corpus.'),
    })
    .refine(({ train, eval: evaluation, test }) => train + evaluation + test > 0, {
      message: 'one share at least must be above 0',
    })
    .prefault({})
    .describe(
      'Documents are assigned by a keyed hash of their id: a document never changes its split.',
    ),
  shards: z
    .strictObject({
      bytes: z
        .int()
        .min(1 << 16)
        .default(256 << 20)
        .describe('Text bytes per shard before compression.'),
      compression: z
        .enum(['zstd', 'none'])
        .default('zstd')
        .describe('Compression of published Arrow files.'),
    })
    .prefault({})
    .describe('Form of the published files.'),
  decontaminate: decontaminateOptions.optional(),
  dropped: z
    .strictObject({
      maxPerReason: z
        .int()
        .min(0)
        .default(10_000)
        .describe(
          'Removed documents published per source and reason; above it, about this many are sampled by id.',
        ),
    })
    .prefault({})
    .describe('Publication of removed documents, after redaction.'),
  limits: z
    .strictObject({
      maxDocumentBytes: z
        .int()
        .min(1024)
        .default(32 << 20)
        .describe('Documents with more bytes of text are dropped as too-large.'),
      memoryBytes: z
        .int()
        .min(256 << 20)
        .default(2 ** 31)
        .describe('Memory that deduplication may plan with, in bytes.'),
      segmentBytes: z
        .int()
        .min(1024)
        .default(16 << 20)
        .describe('Text bytes between two durable points of a partition.'),
      watchdogMs: z
        .int()
        .min(1000)
        .default(120_000)
        .describe(
          'Milliseconds after which a worker without a sign of life is replaced and its document set aside.',
        ),
    })
    .prefault({})
    .describe('Budgets; verdicts depend on bytes only, never on time.'),
  strict: z.boolean().default(false).describe('Whether alarms and damaged inputs fail the run.'),
})

export type ManifestShell = z.output<typeof manifestSchema>

/** Keys that every source entry may have besides the options of its connector. */
export const sourceEntry = {
  name: z
    .string()
    .regex(NAME)
    .describe('Name of the source: first part of its document ids, kebab-case, unique.'),
}

/** Keys that every filter entry may have besides the options of its component. */
export const filterEntry = {
  sources: z
    .array(z.string())
    .optional()
    .describe('Names of the sources it applies to; all unless given.'),
}
