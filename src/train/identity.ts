import { createHash } from 'node:crypto'
import { canonicalJson } from '../core/canonical-json.ts'
import type { TrainJob } from '../core/train-job.ts'

/** The members of a job that its identity is taken from. */
export type IdentityOf = Pick<
  TrainJob,
  'seed' | 'backend' | 'data' | 'model' | 'optimizer' | 'schedule' | 'stages' | 'batch'
>

/**
 * Members that the first release did not have, with what it did. They belong to the identity only
 * with other values, so that its runs go on.
 */
const LATER = {
  data: { documentMask: false, dataOrder: 1 },
  model: { qkNorm: false },
  optimizer: { momentum: 0.95, zLoss: 0 },
  schedule: { warmupFrom: 0, decaySteps: 0, decayShape: 'linear' },
}

/**
 * What a job computes, by the words of the training manifest. Where, how fast, and how rounded is
 * left out: paths, devices, parallelism, compilation, `microTokens`, and the options of the backend
 * named in `runtime`.
 */
export function identityOf(job: IdentityOf, runtime: readonly string[]): Record<string, unknown> {
  const { seed, backend, data, model, optimizer, schedule, stages, batch } = job
  const { vocab, sha256, ...marks } = data.tokenizer
  const { warmupFrom, decaySteps, decayShape } = schedule
  const options = Object.entries(backend.options).filter(([name]) => !runtime.includes(name))
  return flat({
    seed,
    // The same program, under the name of a device.
    backend: ['cpu', 'cuda'].includes(backend.name) ? 'torch' : backend.name,
    precision: backend.precision,
    options: Object.fromEntries(options),
    preset: without({ ...model }, LATER.model),
    optimizer: without({ ...optimizer }, LATER.optimizer),
    learningRate: schedule.peak,
    finalLearningRate: schedule.final,
    warmupSteps: schedule.warmupSteps,
    schedule: schedule.type,
    steps: schedule.totalSteps,
    ...without({ warmupFrom, decaySteps, decayShape }, LATER.schedule),
    batch: { startTokens: batch.startTokens, tokens: batch.tokens, rampTokens: batch.rampTokens },
    contexts: stages,
    corpora: data.corpora.map(({ fingerprint }) => fingerprint),
    tokenizer: { vocab, sha256, pad: marks.pad, bos: marks.bos, eos: marks.eos },
    mixture: data.mixture,
    tokens: data.tokens,
    ...without({ documentMask: data.documentMask, dataOrder: data.order }, LATER.data),
  })
}

/** Members of an identity that say which tokens are trained on, in which order. */
const DATA = ['seed', 'batch', 'contexts', 'corpora', 'mixture', 'tokens', 'dataOrder']
/** Members that a checkpoint is bound to. */
const SHAPE = ['backend', 'preset', 'tokenizer', 'optimizer.type']

const belongs = (key: string, to: readonly string[]): boolean =>
  to.some((name) => key === name || key.startsWith(`${name}.`))

/** The hash of an identity; a checkpoint holds that of its job. */
export function hashOf(identity: Readonly<Record<string, unknown>>): string {
  return createHash('sha256').update(canonicalJson(identity)).digest('hex')
}

/** A member in which two jobs differ. */
export interface Difference {
  /** In the words of the training manifest, as far as it has one. */
  readonly key: string
  readonly before: unknown
  readonly after: unknown
  /** Whether it changes the order of the data. */
  readonly data: boolean
  /** Whether a checkpoint of one is none for the other. */
  readonly shape: boolean
}

/** In what two identities differ, by key. */
export function differences(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): Difference[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  return keys
    .filter((key) => canonicalJson(before[key] ?? null) !== canonicalJson(after[key] ?? null))
    .map((key) => ({
      key,
      before: before[key],
      after: after[key],
      data: belongs(key, DATA),
      // Dropout is no part of the shape.
      shape: belongs(key, SHAPE) && key !== 'preset.dropout',
    }))
}

/** Differences as text: `learningRate 0.0003 → 0.0001`. */
export function differenceText(found: readonly Difference[]): string {
  return found
    .map(({ key, before, after }) => `${key} ${valueText(before)} → ${valueText(after)}`)
    .join(', ')
}

function valueText(value: unknown): string {
  if (value === undefined) return '(none)'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  if (/^[0-9a-f]{64}$/.test(text)) return `${text.slice(0, 12)}…`
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}

/** Objects in one level: `{ batch: { tokens: 1 } }` becomes `{ 'batch.tokens': 1 }`. */
function flat(value: Readonly<Record<string, unknown>>, prefix = ''): Record<string, unknown> {
  const entries = Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.entries(flat(inner as Record<string, unknown>, `${prefix}${key}.`))
      : [[`${prefix}${key}`, inner] as const],
  )
  return Object.fromEntries(entries)
}

/** The members of `given` that differ from those of `defaults`. */
function without(
  given: Readonly<Record<string, unknown>>,
  defaults: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([key, value]) => value !== defaults[key]))
}
