import { z } from 'zod'

/**
 * The version of everything exchanged between `etl train` and a backend: job files, events, exit
 * codes.
 */
export const PROTOCOL = 1

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const count = z.int().min(0)
const positive = z.int().min(1)

/** A folder of token shards; its `manifest.json` lists shards, groups and the tokenizer. */
const tokensSchema = z.strictObject({
  path: z.string().describe('Absolute folder of token shards, the one with manifest.json in it.'),
  fingerprint: sha256.describe(
    'Fingerprint in that manifest.json; any other value is a mismatch (exit code 21).',
  ),
})

/**
 * One component of the mixture. Its tokens are those of all listed groups of all corpora, in
 * manifest order.
 */
const componentSchema = z.strictObject({
  name: z.string(),
  groups: z
    .array(z.string())
    .min(1)
    .describe('Group keys of the token manifests: `<source>/<kind>/<lang>`.'),
  available: count.describe('Tokens of these groups in the train split.'),
  tokens: count.describe(
    'Tokens the whole run takes from here; beyond `available` they are repeated.',
  ),
})

const sliceSchema = z.strictObject({
  name: z.string().describe('`ar`, `en`, `code`, or a name from the manifest.'),
  split: z.enum(['eval', 'test']),
  groups: z.array(z.string()).min(1),
  tokens: positive.describe(
    'Whole documents are taken in manifest order until this many tokens are reached.',
  ),
})

/** A dense Llama: pre-norm RMSNorm, SwiGLU, rotary positions (rotate-half), no biases. */
export const architectureSchema = z.strictObject({
  layers: positive,
  width: positive.describe('Size of the residual stream.'),
  heads: positive,
  kvHeads: positive.describe('Equal to heads unless keys and values are grouped.'),
  ffn: positive.describe('Inner size of the SwiGLU block.'),
  vocab: positive,
  tied: z.boolean().describe('Whether input and output embeddings are one matrix.'),
  ropeTheta: z.number().positive(),
  normEps: z.number().positive(),
  dropout: z.number().min(0).max(0.9).describe('On the residual stream, while training.'),
  initStd: z.number().positive(),
  qkNorm: z
    .boolean()
    .default(false)
    .describe('Whether queries and keys are normalised for each head, as in Qwen 3.'),
})

const optimizerSchema = z.strictObject({
  type: z
    .enum(['adamw', 'muon'])
    .describe('`muon` is for the matrices of the layers; AdamW takes the rest.'),
  beta1: z.number(),
  beta2: z.number(),
  eps: z.number().positive(),
  weightDecay: z.number().min(0).describe('Not applied to norms and embeddings.'),
  clip: z.number().positive().describe('Largest norm of all gradients together.'),
  momentum: z.number().min(0).lt(1).default(0.95).describe('Of Muon.'),
  zLoss: z
    .number()
    .min(0)
    .default(0)
    .describe('Weight of the squared logarithmic sum of the scores in the gradient.'),
})

const scheduleSchema = z.strictObject({
  type: z
    .enum(['cosine', 'linear', 'constant', 'wsd'])
    .describe('`wsd`: warm-up, then constant, then a decay in the last `decaySteps`.'),
  peak: z.number().positive().describe('Learning rate after warm-up.'),
  final: z.number().min(0).describe('Learning rate at the last step.'),
  warmupSteps: count,
  warmupFrom: z
    .number()
    .min(0)
    .default(0)
    .describe('Learning rate that warm-up begins at; of a fork, that of its checkpoint.'),
  totalSteps: positive,
  decaySteps: count.default(0).describe('Of `wsd`: the last steps, in which the rate falls.'),
  decayShape: z
    .enum(['linear', '1-sqrt'])
    .default('linear')
    .describe('Of `wsd`: falls with the progress of the decay, or with its square root.'),
})

const stageSchema = z.strictObject({
  context: positive.describe('Length of a sample in tokens.'),
  tokens: positive.describe('Tokens trained in this stage.'),
})

/**
 * Tokens per optimizer step, rising linearly with the tokens seen; a whole number of samples each.
 */
const batchSchema = z.strictObject({
  startTokens: positive,
  tokens: positive,
  rampTokens: count.describe(
    'Tokens over which the batch grows from startTokens to tokens; 0: no ramp.',
  ),
  microTokens: positive.describe(
    'Tokens one device takes at once; the rest of a step is accumulated.',
  ),
})

const checkpointsSchema = z.strictObject({
  everyTokens: count.describe('Permanent checkpoints; 0: none but the last.'),
  everySeconds: count.describe('Rolling checkpoints; 0: none.'),
  keep: positive.describe('Rolling checkpoints kept.'),
  keepPermanent: count
    .default(0)
    .describe('Permanent checkpoints kept, spread over the run; 0: all.'),
})

const parallelSchema = z.strictObject({
  ranks: positive.describe('Processes in all; dataParallel × tensor × pipeline.'),
  data: positive,
  shard: z
    .enum(['none', 'fsdp'])
    .describe('Whether parameters are sharded over the data-parallel ranks.'),
  tensor: positive,
  pipeline: positive,
})

/**
 * A training job that leaves nothing open, because backends have no defaults of their own. Written
 * once to `<run>/job.json`.
 */
export const trainJobSchema = z.strictObject({
  protocol: z.literal(PROTOCOL),
  task: z.literal('train'),
  hash: sha256.describe(
    'Of what the job computes: neither of paths, nor of what changes only speed or rounding. ' +
      'A checkpoint must match it.',
  ),
  name: z.string().regex(/^[a-z0-9]+([._-][a-z0-9]+)*$/),
  run: z.string().describe('Absolute folder of the run; job.json lies in it.'),
  seed: count,
  backend: z.strictObject({
    name: z.string(),
    device: z.enum(['cpu', 'cuda', 'mps']),
    precision: z.enum(['float32', 'bfloat16', 'float8']),
    compile: z.boolean(),
    options: z.record(z.string(), z.json()).describe('The backend’s own, validated by its schema.'),
  }),
  data: z.strictObject({
    corpora: z.array(tokensSchema).min(1),
    tokenizer: z.strictObject({
      path: z.string().describe('Absolute folder with tokenizer.model and tokenizer.json.'),
      sha256: sha256.describe('Of the identity of the tokenizer, as in the token manifests.'),
      vocab: positive,
      pad: z.int().nullable(),
      bos: z.int().nullable(),
      eos: z.int(),
    }),
    mixture: z.array(componentSchema).min(1),
    tokens: positive.describe('Tokens of the whole run: the sum over stages.'),
    documentMask: z
      .boolean()
      .default(false)
      .describe('Whether a position attends only to its own document.'),
    order: z
      .union([z.literal(1), z.literal(2)])
      .default(1)
      .describe(
        'Version of the order of samples. 1: each stage shuffles all of its pools. ' +
          '2: stages divide whole blocks of the longest context among them.',
      ),
  }),
  start: z
    .strictObject({
      run: z.string().describe('Absolute folder of the run it is a fork of.'),
      checkpoint: z.string().describe('Name of a folder in its checkpoints/.'),
      hash: sha256.describe('Of the job that wrote the checkpoint.'),
      continues: z
        .boolean()
        .describe('Whether steps and data go on from there; otherwise they begin anew.'),
    })
    .nullable()
    .default(null)
    .describe('Where a fork takes weights and optimizer from, while it has no checkpoint itself.'),
  preset: z.string(),
  model: architectureSchema,
  optimizer: optimizerSchema,
  schedule: scheduleSchema,
  batch: batchSchema,
  stages: z.array(stageSchema).min(1),
  spikes: z.strictObject({
    window: positive.describe('Steps whose loss and gradient norm are remembered.'),
    sigmas: z
      .number()
      .positive()
      .describe('A step further away than this is skipped and reported.'),
  }),
  eval: z.strictObject({
    everyTokens: count.describe('0: only at the end.'),
    slices: z.array(sliceSchema),
  }),
  checkpoints: checkpointsSchema,
  parallel: parallelSchema,
  budget: z.strictObject({
    seconds: count.describe(
      'Wall-clock limit after which a checkpoint is written and the exit code is 11; 0: none.',
    ),
  }),
  log: z.strictObject({ everySteps: positive.describe('Steps between two `step` events.') }),
  sample: z
    .strictObject({ everyTokens: count, tokens: positive, prompts: z.array(z.array(count)) })
    .describe('Texts generated while training: prompts as token ids; everyTokens 0: none.'),
})

const checkpointRef = {
  run: z.string().describe('Absolute folder of the run whose checkpoint is used.'),
  checkpoint: z.string().describe('Name of a folder in checkpoints/, or `latest`.'),
}

/** Scores slices of held-out text with a checkpoint. */
export const evalJobSchema = z.strictObject({
  protocol: z.literal(PROTOCOL),
  task: z.literal('eval'),
  ...checkpointRef,
  slices: z.array(sliceSchema).min(1),
})

/** Exports a checkpoint in a format that other programs read. */
export const exportJobSchema = z.strictObject({
  protocol: z.literal(PROTOCOL),
  task: z.literal('export'),
  ...checkpointRef,
  format: z.enum(['huggingface']),
  output: z.string().describe('Absolute folder, made by the backend.'),
})

/** Continues token ids. Sampling is repeatable for one seed, backend and device. */
export const generateJobSchema = z.strictObject({
  protocol: z.literal(PROTOCOL),
  task: z.literal('generate'),
  ...checkpointRef,
  prompt: z.array(count).describe('Token ids; text is encoded and decoded on our side.'),
  maxTokens: positive,
  temperature: z.number().min(0).describe('0: always the likeliest token.'),
  topP: z.number().gt(0).max(1),
  topK: count.describe('0: all.'),
  stop: z.array(count).describe('Ids that end the text; they are not part of the output.'),
  seed: count,
})

/** Any job that a `--job` file may hold. */
export const jobSchema = z.discriminatedUnion('task', [
  trainJobSchema,
  evalJobSchema,
  exportJobSchema,
  generateJobSchema,
])

/** A validated training job. */
export type TrainJob = z.output<typeof trainJobSchema>
/** A validated evaluation job. */
export type EvalJob = z.output<typeof evalJobSchema>
/** A validated export job. */
export type ExportJob = z.output<typeof exportJobSchema>
/** A validated generation job. */
export type GenerateJob = z.output<typeof generateJobSchema>
/** A validated job of any task. */
export type Job = z.output<typeof jobSchema>
/** Sizes and constants of a model. */
export type Architecture = z.output<typeof architectureSchema>
/** A held-out slice that a job scores. */
export type EvalSlice = z.output<typeof sliceSchema>
/** One component of a job's mixture. */
export type MixtureComponent = z.output<typeof componentSchema>
