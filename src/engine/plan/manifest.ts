import { z } from 'zod'
import { decontaminateOptions } from './contamination-options.ts'

const NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/

/**
 * The schema of a manifest without the options of its sources and filters, which their components
 * define.
 */
export const manifestSchema = z.strictObject({
  $schema: z
    .string()
    .optional()
    .describe('Path of schema.json, with which editors complete and validate the manifest.'),
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
      'Folders of earlier corpora, oldest first. Duplicates of their documents are removed, ' +
        'and the rest is published as a delta.',
    ),
  plugins: z
    .array(z.string())
    .default([])
    .describe('Modules with more components: package names, or paths relative to the manifest.'),
  sources: z
    .array(z.looseObject({ name: z.string().regex(NAME), type: z.string() }))
    .min(1)
    .describe(
      'What to read, in order of priority: ' +
        'of two near-duplicates, the one from the earlier source is kept.',
    ),
  filters: z
    .array(z.looseObject({ type: z.string() }))
    .default([])
    .describe(
      'Row filters in the order they run, then corpus filters. ' +
        'Filters that run by default come before them, unless they are named here.',
    ),
  split: z
    .strictObject({
      train: z.number().min(0).default(95).describe('Share of the training split.'),
      eval: z.number().min(0).default(4).describe('Share of the evaluation split.'),
      test: z.number().min(0).default(1).describe('Share of the test split.'),
      key: z
        .string()
        .default('cosmos')
        .describe(
          'Key of the hash that assigns documents to splits; never change it for a corpus.',
        ),
    })
    .refine(({ train, eval: evaluation, test }) => train + evaluation + test > 0, {
      message: 'at least one share must be above 0',
    })
    .prefault({})
    .describe('Splits are assigned by a keyed hash of the id: a document never changes its split.'),
  shards: z
    .strictObject({
      bytes: z
        .int()
        .min(1 << 16)
        .default(256 << 20)
        .describe('Bytes of text per shard, before compression.'),
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
          'Removed documents published per source and reason. ' +
            'If there are more, about this many are sampled by id.',
        ),
    })
    .prefault({})
    .describe('How removed documents are published, after redaction.'),
  limits: z
    .strictObject({
      maxDocumentBytes: z
        .int()
        .min(1024)
        .default(32 << 20)
        .describe('Documents with more bytes of text than this are dropped as too-large.'),
      memoryBytes: z
        .int()
        .min(256 << 20)
        .default(2 ** 31)
        .describe('Memory that deduplication may use, in bytes.'),
      segmentBytes: z
        .int()
        .min(1024)
        .default(16 << 20)
        .describe('Bytes of text between two checkpoints of a partition.'),
      watchdogMs: z
        .int()
        .min(1000)
        .default(120_000)
        .describe(
          'Milliseconds after which a worker that does not respond is replaced and its document ' +
            'quarantined.',
        ),
    })
    .prefault({})
    .describe('Limits. Apart from the watchdog, verdicts depend on bytes only, never on time.'),
  strict: z.boolean().default(false).describe('Whether alarms and damaged inputs fail the run.'),
})

/** A manifest with defaults filled in; sources and filters are not validated yet. */
export type ManifestShell = z.output<typeof manifestSchema>

/** Keys that every source entry may have, besides the options of its connector. */
export const sourceEntry = {
  name: z
    .string()
    .regex(NAME)
    .describe('Name of the source, unique and in kebab-case: the first part of its document ids.'),
}

/** Keys that every filter entry may have, besides the options of its component. */
export const filterEntry = {
  sources: z
    .array(z.string())
    .optional()
    .describe('Names of the sources it applies to. Default: all.'),
  enabled: z
    .boolean()
    .default(true)
    .describe(
      'False leaves it out, for the named sources or for all: ' +
        'so is a filter switched off that runs by default.',
    ),
}
