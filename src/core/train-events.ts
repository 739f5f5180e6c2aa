import { z } from 'zod'
import { PROTOCOL } from './train-job.ts'

const count = z.int().min(0)

/**
 * What every event carries: protocol version, a number rising by one from 0, Unix time in seconds.
 */
const envelope = { v: z.int(), seq: count, t: z.number() }

const event = <Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) =>
  z.object({ ...envelope, type: z.literal(type), ...shape })

/**
 * A held-out slice scored: natural-log loss per token, and bits per byte of the text those tokens
 * stand for.
 */
export const sliceResultSchema = z.object({
  slice: z.string(),
  tokens: count,
  loss: z.number(),
  perplexity: z.number(),
  bitsPerByte: z.number(),
})

/**
 * Held-out documents of which training text has a run of `run` tokens. Of a mixture too large to be
 * searched whole, `searchedTokens` says how much was.
 */
const contaminationSchema = z.object({
  run: z.int().min(1),
  trainTokens: count,
  searchedTokens: count,
  slices: z.array(
    z.object({
      slice: z.string(),
      documents: count,
      tooShort: count.describe('Documents without a run of that length.'),
      found: count,
    }),
  ),
})

/**
 * Speed of training steps. MFU counts operations by two formulas, as shares of the dense bfloat16
 * peak.
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
    .describe('6·N + 12·L·D·T a token; null where the peak is not known.'),
  mfu6N: z.number().nullable().describe('6·N a token.'),
  memoryBytes: z.number().describe('Most in use at one time.'),
  device: z.string(),
  ranks: count,
  precision: z.string(),
  compile: z.boolean(),
  dropout: z.number(),
  torch: z.string().describe('Version.'),
})

/**
 * One JSON object a line, as backends write them. Members we do not know are ignored, and so are
 * unknown types; what is listed here must be there. A non-finite number is written as null.
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
    components: z.array(z.object({ name: z.string(), tokens: count, epochs: z.number() })),
  }),
  event('warn', { code: z.string(), message: z.string() }),
  event('error', { code: z.string(), message: z.string(), hint: z.string() }),
  event('done', { step: count, tokens: count, reason: z.enum(['finished', 'stopped', 'budget']) }),
])

export type TrainEvent = z.output<typeof trainEventSchema>
export type TrainEventType = TrainEvent['type']
export type SliceResult = z.output<typeof sliceResultSchema>
export type BenchResult = z.output<typeof benchSchema>

type Body<Event> = Event extends TrainEvent ? Omit<Event, keyof typeof envelope> : never
/** An event before it is numbered and dated. */
export type TrainEventBody = Body<TrainEvent>

/**
 * `<run>/control.json`: a request to a running backend. A `seq` not seen before is carried out
 * once.
 */
export const controlSchema = z.object({
  seq: z.int().min(1),
  action: z.enum(['stop', 'checkpoint', 'eval']),
})
export type Control = z.output<typeof controlSchema>

/** `<run>/result.json`: the verdict, written last, also after a failure. */
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
export type TrainResult = z.output<typeof trainResultSchema>

/** Exit codes of a backend process and what they mean for the next step; 128 + n is a signal. */
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
    meaning: 'The backend failed by a mistake of its own.',
  },
} as const satisfies Record<number, { outcome: string; retryable: boolean; meaning: string }>
export type ExitCode = keyof typeof EXIT_CODES
