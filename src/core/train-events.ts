import { z } from 'zod'
import { PROTOCOL } from './train-job.ts'

const count = z.int().min(0)

/**
 * Members of every event: protocol version, a number that rises by one from 0, Unix time in
 * seconds.
 */
const envelope = { v: z.int(), seq: count, t: z.number() }

const event = <Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) =>
  z.object({ ...envelope, type: z.literal(type), ...shape })

/**
 * The score of a held-out slice: natural-log loss per token, and bits per byte of the text that
 * those tokens encode.
 */
export const sliceResultSchema = z.object({
  slice: z.string(),
  tokens: count,
  loss: z.number(),
  perplexity: z.number(),
  bitsPerByte: z.number(),
})

/**
 * Held-out documents that share a run of `run` tokens with the training text. If the mixture is too
 * large to search completely, `searchedTokens` says how much was searched.
 */
const contaminationSchema = z.object({
  run: z.int().min(1),
  trainTokens: count,
  searchedTokens: count,
  slices: z.array(
    z.object({
      slice: z.string(),
      documents: count,
      tooShort: count.describe('Documents shorter than one run.'),
      found: count,
    }),
  ),
})

/**
 * Speed of training steps. The two MFU values count operations by two formulas, as shares of the
 * dense bfloat16 peak.
 */
const benchSchema = z.object({
  preset: z.string(),
  parameters: count,
  vocabulary: count,
  context: count,
  headDim: count,
  microBatch: count.describe('Samples in one pass.'),
  accumulated: count.describe('Passes in one step.'),
  timedSteps: count,
  warmUpSeconds: z.number(),
  tokensPerSecond: z.number(),
  flopsPerSecond: z.number(),
  mfuFullAttention: z
    .number()
    .nullable()
    .describe('6·N + 12·L·D·T per token; null where the peak is not known.'),
  mfu6N: z.number().nullable().describe('6·N per token.'),
  memoryBytes: z.number().describe('Peak use.'),
  device: z.string(),
  ranks: count,
  precision: z.string(),
  compile: z.boolean(),
  dropout: z.number(),
  torch: z.string().describe('Version.'),
})

/** Tokens that a run has trained on, and how often that is all there are. */
const realised = z.object({ name: z.string(), tokens: count, epochs: z.number() })

/**
 * One JSON object per line, as backends write them. Unknown members and unknown types are ignored;
 * the members listed here are required. A non-finite number is written as null.
 */
export const trainEventSchema = z.discriminatedUnion('type', [
  event('hello', {
    protocol: z.int(),
    backend: z.string(),
    versions: z.record(z.string(), z.string()),
    devices: z.array(z.object({ name: z.string(), memoryBytes: z.number() })),
    ranks: z.int().min(1),
    capabilities: z.array(z.string()),
  }),
  event('plan', {
    parameters: z.number(),
    steps: z.number(),
    tokens: z.number(),
    flops: z.number(),
    resumedFrom: z.string().nullable(),
  }),
  event('phase', { name: z.string(), state: z.enum(['begin', 'end']) }),
  event('ping', {}),
  event('step', {
    step: count,
    tokens: count,
    loss: z.number().nullable(),
    smoothed: z.number().nullable(),
    gradNorm: z.number().nullable(),
    lr: z.number(),
    tokensPerSecond: z.number(),
    mfu: z.number().nullable(),
    memoryBytes: z.number(),
    dataWaitMs: z.number(),
  }),
  event('contamination', contaminationSchema.shape),
  event('bench', benchSchema.shape),
  event('spike', {
    step: count,
    loss: z.number().nullable(),
    gradNorm: z.number().nullable(),
    sigmas: z.number().nullable(),
  }),
  event('eval', { step: count, trainTokens: count, slices: z.array(sliceResultSchema) }),
  event('checkpoint', {
    step: count,
    tokens: count,
    path: z.string(),
    bytes: z.number(),
    permanent: z.boolean(),
  }),
  event('sample', { step: count, prompt: z.array(count), tokens: z.array(count) }),
  event('tokens', { ids: z.array(count) }),
  event('mixture', {
    components: z.array(
      realised.extend({
        leftOut: count.default(0).describe('Tokens at the end that fill no whole block.'),
      }),
    ),
    sources: z.array(realised).default([]),
  }),
  event('warn', { code: z.string(), message: z.string() }),
  event('error', { code: z.string(), message: z.string(), hint: z.string() }),
  event('done', { step: count, tokens: count, reason: z.enum(['finished', 'stopped', 'budget']) }),
])

/** An event that `trainEventSchema` has parsed. */
export type TrainEvent = z.output<typeof trainEventSchema>
/** The `type` of an event. */
export type TrainEventType = TrainEvent['type']
/** The score of one held-out slice, as `sliceResultSchema` describes it. */
export type SliceResult = z.output<typeof sliceResultSchema>
/** The speed of a backend, as a `bench` event reports it. */
export type BenchResult = z.output<typeof benchSchema>

type Body<Event> = Event extends TrainEvent ? Omit<Event, keyof typeof envelope> : never
/** An event without its envelope. */
export type TrainEventBody = Body<TrainEvent>

/**
 * `<run>/control.json`: a request to a running backend. The backend carries out each new `seq`
 * once.
 */
export const controlSchema = z.object({
  seq: z.int().min(1),
  action: z.enum(['stop', 'checkpoint', 'eval']),
})
/** A parsed `control.json`. */
export type Control = z.output<typeof controlSchema>

/** `<run>/result.json`: the outcome of a run, written last, even after a failure. */
export const trainResultSchema = z.object({
  protocol: z.literal(PROTOCOL),
  exitCode: z.int(),
  outcome: z.string(),
  step: count,
  tokens: count,
  checkpoint: z.string().nullable(),
  slices: z.array(sliceResultSchema),
  contamination: contaminationSchema.nullable(),
  error: z.object({ code: z.string(), message: z.string(), hint: z.string() }).nullable(),
})
/** A parsed `result.json`. */
export type TrainResult = z.output<typeof trainResultSchema>

/**
 * Exit codes of a backend process and whether the same command may be run again; 128 + n is a
 * signal.
 */
export const EXIT_CODES = {
  0: { outcome: 'done', retryable: false, meaning: 'The run is finished.' },
  10: {
    outcome: 'stopped',
    retryable: true,
    meaning: 'Stopped on request; a checkpoint was saved.',
  },
  11: {
    outcome: 'budget',
    retryable: true,
    meaning: 'The time budget is used up; a checkpoint was saved.',
  },
  20: {
    outcome: 'bad-job',
    retryable: false,
    meaning: 'The job file is invalid or asks for something impossible.',
  },
  21: {
    outcome: 'data-mismatch',
    retryable: false,
    meaning: 'The data is not what the job or the checkpoint was made for.',
  },
  22: {
    outcome: 'environment',
    retryable: false,
    meaning: 'A program, library or device is missing.',
  },
  30: { outcome: 'out-of-memory', retryable: false, meaning: 'Memory ran out.' },
  31: { outcome: 'not-finite', retryable: false, meaning: 'The loss is no longer a number.' },
  32: {
    outcome: 'collective',
    retryable: true,
    meaning: 'Processes lost contact with each other.',
  },
  40: {
    outcome: 'internal',
    retryable: false,
    meaning: 'The backend failed because of a bug of its own.',
  },
} as const satisfies Record<number, { outcome: string; retryable: boolean; meaning: string }>
/** A key of `EXIT_CODES`. */
export type ExitCode = keyof typeof EXIT_CODES
