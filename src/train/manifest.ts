import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { EtlError } from '../core/errors.ts'
import { TOKENS_NAME } from '../core/tokens.ts'
import { PRESETS, type PresetName } from './presets.ts'

const presetNames = Object.keys(PRESETS) as [PresetName, ...PresetName[]]
const positive = z.int().min(1)
const count = z.int().min(0)

const mixtureEntry = z
  .strictObject({
    name: z.string().describe('Name in reports.'),
    sources: z.array(z.string()).optional().describe('Only these sources.'),
    languages: z.array(z.string()).optional().describe('Only these languages, `und` for unknown.'),
    kinds: z
      .array(z.enum(['prose', 'code', 'mixed']))
      .optional()
      .describe('Only these kinds.'),
    weight: z
      .number()
      .positive()
      .optional()
      .describe('Share of the tokens relative to the other weights.'),
    epochs: z.number().positive().optional().describe('How many times its tokens are seen.'),
    tokens: positive.optional().describe('Tokens taken from it, repeated if there are fewer.'),
  })
  .refine(
    ({ weight, epochs, tokens }) =>
      [weight, epochs, tokens].filter((value) => value !== undefined).length <= 1,
    {
      error: 'weight, epochs and tokens exclude each other',
    },
  )

/**
 * A training manifest. Everything is optional, since a corpus and a backend are enough for a
 * sensible training run.
 */
export const trainManifestSchema = z.strictObject({
  $schema: z
    .string()
    .optional()
    .describe('Path of a JSON Schema, so that editors complete and check.'),
  name: z
    .string()
    .regex(/^[a-z0-9]+([._-][a-z0-9]+)*$/)
    .optional()
    .describe('Name of the run: a folder in `runs`.'),
  corpora: z
    .array(z.string())
    .default([])
    .describe('Corpus folders, relative to the manifest: a corpus and its deltas.'),
  tokenizer: z
    .string()
    .regex(TOKENS_NAME)
    .default('bpe')
    .describe('Folder below `tokens/` of every corpus.'),
  backend: z.string().optional().describe('`ngram`, `cpu`, `cuda`, or a path to an executable.'),
  options: z.record(z.string(), z.json()).default({}).describe('Options of the backend.'),
  preset: z
    .enum(presetNames)
    .optional()
    .describe('Model size; chosen by memory and data if omitted.'),
  tied: z.boolean().optional().describe('Whether input and output embeddings are one matrix.'),
  dropout: z
    .number()
    .min(0)
    .max(0.9)
    .optional()
    .describe('Dropout on the residual stream; 0.1 by default, 0 for `tiny`.'),
  seed: count.default(1).describe('Of initialisation and data order.'),
  precision: z.enum(['float32', 'bfloat16', 'float8']).optional().describe('Of matrix products.'),
  compile: z.boolean().optional().describe('Whether PyTorch compiles the model.'),
  tokens: positive
    .optional()
    .describe(
      'Tokens to train on; by default those of the mixture once, ' +
        'repeated up to 150,000 for `tiny`.',
    ),
  mixture: z
    .array(mixtureEntry)
    .default([])
    .describe('What to train on and in which shares; everything once by default.'),
  learningRate: z
    .number()
    .positive()
    .optional()
    .describe('Peak after warm-up; 0.0003 by default, 0.002 for `tiny`.'),
  finalLearningRate: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe('Share of the peak at the end.'),
  warmupSteps: count
    .default(2000)
    .describe('Steps of linear warm-up; at most a tenth of all steps.'),
  schedule: z
    .enum(['cosine', 'linear', 'constant', 'wsd'])
    .default('cosine')
    .describe(
      'Shape of the decay. `wsd` stays at the peak until the last `decayShare`; ' +
        'a fork with more tokens goes on from before its decay.',
    ),
  decayShare: z
    .number()
    .gt(0)
    .max(1)
    .default(0.1)
    .describe('Of `wsd`: share of the steps in which the rate falls (Hu et al. 2024: a tenth).'),
  decayShape: z
    .enum(['linear', '1-sqrt'])
    .default('1-sqrt')
    .describe('Of `wsd`: 1 − progress, or 1 − √progress (Hägele et al. 2024: better).'),
  rewarm: z
    .strictObject({
      peak: z.number().positive().describe('Learning rate that it rises to.'),
      steps: positive.describe('Steps of linear warm-up, from the rate of the checkpoint.'),
    })
    .optional()
    .describe('Only for `--fork`: a pass of its own that raises the rate of the run again.'),
  optimizer: z
    .enum(['adamw', 'muon'])
    .default('adamw')
    .describe('`muon`: Muon for the matrices of the layers, AdamW for the rest.'),
  zLoss: z
    .number()
    .min(0)
    .default(0)
    .describe('Weight of the z-loss, which keeps scores from drifting; 0.0001 is usual.'),
  qkNorm: z
    .boolean()
    .default(false)
    .describe('Normalises queries and keys; the export is then a Qwen 3 instead of a Llama.'),
  documentMask: z
    .boolean()
    .default(false)
    .describe('Whether a position attends only to its own document, not to all of its context.'),
  weightDecay: z.number().min(0).default(0.1).describe('Of AdamW; not on norms and embeddings.'),
  clip: z.number().positive().default(1).describe('Largest norm of the gradients.'),
  batch: z
    .strictObject({
      startTokens: positive.optional().describe('Tokens per step at the beginning.'),
      tokens: positive.optional().describe('Tokens per step after the ramp.'),
      rampTokens: count.optional().describe('Tokens over which the batch grows.'),
      microTokens: positive.optional().describe('Tokens one device takes at once.'),
    })
    .prefault({})
    .describe('Tokens per optimizer step.'),
  contexts: z
    .array(
      z.strictObject({
        context: positive.describe('Length of a sample in tokens.'),
        share: z.number().positive().describe('Share of the tokens.'),
      }),
    )
    .min(1)
    .optional()
    .describe('Context stages in order; by default one of 2,048, or 256 for `tiny`.'),
  checkpoints: z
    .strictObject({
      everyTokens: count.default(5_000_000_000).describe('Permanent checkpoints.'),
      everySeconds: count.default(1800).describe('Rolling checkpoints.'),
      keep: positive.default(2).describe('Rolling checkpoints kept.'),
      keepPermanent: count
        .default(0)
        .describe('Permanent checkpoints kept, spread over the run; 0: all of them.'),
    })
    .prefault({})
    .describe('When the state is saved.'),
  eval: z
    .strictObject({
      everyTokens: count
        .default(500_000_000)
        .describe('Tokens between two evaluations; 0: only at the end.'),
      tokens: positive
        .default(1_000_000)
        .describe('Tokens of each frozen slice (ar, en, code, other).'),
    })
    .prefault({})
    .describe('Evaluation on held-out text.'),
  parallel: z
    .strictObject({
      ranks: positive.default(1).describe('Processes of all nodes together, one per device.'),
      nodes: positive
        .default(1)
        .describe('Machines; for more than one, `etl train` prints the command for each.'),
      shard: z
        .enum(['none', 'fsdp'])
        .default('none')
        .describe('Whether parameters are sharded over data-parallel ranks.'),
      tensor: positive.default(1).describe('Ranks that share one layer.'),
      pipeline: positive.default(1).describe('Ranks that share the stack of layers.'),
    })
    .prefault({})
    .describe('How work is spread over devices.'),
  budgetSeconds: count.default(0).describe('Wall-clock limit; 0: none.'),
})

/** A training manifest with its defaults filled in. */
export type TrainManifest = z.output<typeof trainManifestSchema>

/**
 * Reads a training manifest and makes its paths absolute. Throws `manifest-unreadable` or, with all
 * problems at once, `job-invalid`.
 */
export async function readTrainManifest(path: string): Promise<TrainManifest> {
  const content = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new EtlError('manifest-unreadable', { where: path, what: 'cannot be read', cause })
  })
  let json: unknown
  try {
    json = JSON.parse(content)
  } catch (cause) {
    throw new EtlError('manifest-unreadable', {
      where: path,
      what: `not JSON: ${String(cause)}`,
      cause,
    })
  }
  const manifest = parseTrainManifest(json, path)
  return { ...manifest, corpora: manifest.corpora.map((folder) => resolve(dirname(path), folder)) }
}

/** Whether a file is a training manifest rather than one of a corpus, by its keys. */
export async function isTrainManifest(path: string): Promise<boolean> {
  try {
    const json: unknown = JSON.parse(await readFile(path, 'utf8'))
    if (typeof json !== 'object' || json === null || 'sources' in json) return false
    return Object.keys(json).some((key) => key !== 'name' && key in trainManifestSchema.shape)
  } catch {
    return false
  }
}

/** Validates a manifest and fills in defaults. Throws `job-invalid` with all problems at once. */
export function parseTrainManifest(json: unknown, where: string): TrainManifest {
  const parsed = trainManifestSchema.safeParse(json)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(
    ({ path, message }) => `  ${path.join('.') || '(top)'}: ${message}`,
  )
  const found = problems.length === 1 ? '1 problem' : `${problems.length} problems`
  throw new EtlError('job-invalid', { where, what: `${found}\n${problems.join('\n')}` })
}
