import { totalmem } from 'node:os'
import { completeCheckpoints } from '../../src/backend/checkpoints.ts'
import { controlPoll } from '../../src/backend/control.ts'
import { eventLog } from '../../src/backend/event-log.ts'
import { EtlError } from '../../src/core/errors.ts'
import type { Storage } from '../../src/core/storage.ts'
import type { TrainEvent, TrainEventBody } from '../../src/core/train-events.ts'
import type { TrainJob } from '../../src/core/train-job.ts'
import type { TrainPlan } from '../../src/core/trainer.ts'
import { type NgramCounts, ngramCounts } from '../../src/ngram/counts.ts'
import { checkpointName, pruneCheckpoints, readCheckpoint, writeCheckpoint } from './checkpoint.ts'
import { type JobData, openData, trainingDocuments } from './documents.ts'
import { modelOf, score } from './score.ts'

/**
 * Tokens per step: a step ends with the document that reaches its multiple. Then the clock and the
 * control file are checked.
 */
const STEP_TOKENS = 1 << 16

/** A step that took longer than this, in seconds, always emits an event. */
const PING_SECONDS = 10

/** The state of a run. */
interface Run {
  readonly job: TrainJob
  readonly counts: NgramCounts
  /** Documents counted in the current pass, per component of the mixture. */
  readonly documents: number[]
  step: number
  tokens: number
  readonly resumedFrom: string | null
  emit(body: TrainEventBody): TrainEvent
  save(permanent: boolean): Promise<TrainEvent>
  requested: ReturnType<typeof controlPoll>
}

/**
 * Upper limits for a job. Every token adds at most one new n-gram per order. The hash tables have
 * slots of 12 bytes and are at least one third full.
 */
export function planOf({ data }: TrainJob, order: number): TrainPlan {
  const entries = data.tokens * order
  return {
    parameters: entries,
    bodyParameters: entries,
    tokens: data.tokens,
    steps: Math.ceil(data.tokens / STEP_TOKENS),
    flops: 0,
    memoryBytes: Math.ceil(entries * 12 * 3),
    notes: ['Parameters and memory are upper limits that assume no n-gram repeats.'],
  }
}

/** Counts the mixture of a job, resuming from its newest checkpoint, then scores its slices. */
export async function* train(
  storage: Storage,
  memoryBytes: number,
  order: number,
  job: TrainJob,
  signal: AbortSignal,
): AsyncIterable<TrainEvent> {
  const emit = eventLog(job.run)
  // Polling starts here, so requests to an earlier process of this run are ignored.
  const requested = controlPoll(job.run)
  yield emit({
    type: 'hello',
    protocol: 1,
    backend: 'ngram',
    versions: { node: process.versions.node },
    devices: [{ name: 'cpu', memoryBytes: totalmem() }],
    ranks: 1,
    capabilities: ['eval', 'generate', 'resume'],
  })
  const data = await openData(storage, job)
  const run = await openRun(storage, order, job, { emit, requested })
  const { parameters, flops, steps } = planOf(job, order)
  yield emit({
    type: 'plan',
    parameters,
    steps,
    tokens: job.data.tokens,
    flops,
    resumedFrom: run.resumedFrom,
  })
  const reason = yield* count(run, data, memoryBytes, signal)
  if (reason === 'finished') run.step = steps
  yield await run.save(true)
  if (reason === 'finished') {
    yield emit({ type: 'phase', name: 'eval', state: 'begin' })
    const slices = await score(modelOf(job, run.counts.sorted()), data, job.eval.slices)
    yield emit({ type: 'eval', step: run.step, trainTokens: run.tokens, slices })
    yield emit({ type: 'phase', name: 'eval', state: 'end' })
  }
  yield emit(mixtureEvent(run))
  yield emit({ type: 'done', step: run.step, tokens: run.tokens, reason })
}

async function openRun(
  storage: Storage,
  order: number,
  job: TrainJob,
  channels: Pick<Run, 'emit' | 'requested'>,
): Promise<Run> {
  const done = completeCheckpoints(job.run)
  const before = done.length > 0 ? await readCheckpoint(storage, job.run, 'latest') : undefined
  if (before && before.state.jobHash !== job.hash) {
    throw new EtlError('data-mismatch', {
      where: job.run,
      what: 'its checkpoints were made for another job',
    })
  }
  const run: Run = {
    job,
    counts: ngramCounts(order, before?.counts),
    documents: job.data.mixture.map((_, index) => before?.state.documents[index] ?? 0),
    step: before?.state.step ?? 0,
    tokens: before?.state.tokens ?? 0,
    resumedFrom: before ? checkpointName(before.state.step) : null,
    ...channels,
    async save(permanent) {
      const { step, tokens, documents, counts } = run
      const state = { jobHash: job.hash, step, tokens, documents }
      const bytes = await writeCheckpoint(storage, job.run, { state, counts: counts.sorted() })
      if (!permanent) await pruneCheckpoints(storage, job.run, job.checkpoints.keep)
      const path = `checkpoints/${checkpointName(step)}`
      return run.emit({ type: 'checkpoint', step, tokens, path, bytes, permanent })
    },
  }
  return run
}

/**
 * Counts until the mixture is used up, a request arrives or the budget is spent. Returns the reason
 * for stopping.
 */
async function* count(
  run: Run,
  data: JobData,
  memoryBytes: number,
  signal: AbortSignal,
): AsyncGenerator<TrainEvent, 'finished' | 'stopped' | 'budget'> {
  const { job, counts, emit, requested } = run
  const { steps } = planOf(job, counts.order)
  const started = Date.now()
  const last = { time: started, saved: started, tokens: run.tokens }
  for await (const { ids, start, end } of trainingDocuments(data, job.data.mixture, run)) {
    if (signal.aborted) throw new EtlError('interrupted', { what: 'counting was stopped' })
    counts.add(ids, start, end)
    // The last step ends with the mixture, though its last document may be longer.
    const step = Math.min(Math.floor(run.tokens / STEP_TOKENS), steps - 1)
    if (step <= run.step) continue
    run.step = step
    const fresh = run.tokens - last.tokens
    const now = Date.now()
    const seconds = (now - last.time) / 1000
    if (run.step % job.log.everySteps === 0 || seconds > PING_SECONDS) {
      yield emit(stepEvent(run.step, run.tokens, fresh / Math.max(seconds, 1e-3), counts.bytes()))
    }
    if (counts.bytes() > memoryBytes) throw outOfMemory(run, memoryBytes)
    last.time = now
    last.tokens = run.tokens
    const request = requested()
    const { everySeconds } = job.checkpoints
    if (request === 'checkpoint' || (everySeconds > 0 && now - last.saved > everySeconds * 1000)) {
      yield await run.save(false)
      last.saved = Date.now()
    }
    if (request === 'stop') return 'stopped'
    if (job.budget.seconds > 0 && now - started > job.budget.seconds * 1000) return 'budget'
    // Lets signals and timers of this process run.
    await new Promise(setImmediate)
  }
  return 'finished'
}

const outOfMemory = ({ job, tokens }: Run, memoryBytes: number): EtlError =>
  new EtlError('backend-memory', {
    where: job.run,
    what: `the n-gram tables outgrew ${memoryBytes} bytes after ${tokens} tokens`,
    hint: 'Train on fewer tokens (`tokens` in the manifest) or with a smaller `order`.',
  })

function mixtureEvent({ job: { data }, tokens }: Run): TrainEventBody {
  const total = data.mixture.reduce((sum, component) => sum + component.tokens, 0)
  return {
    type: 'mixture',
    components: data.mixture.map(({ name, tokens: share, available }) => ({
      name,
      tokens: Math.round((share / total) * tokens),
      epochs: available === 0 ? 0 : ((share / total) * tokens) / available,
      leftOut: 0,
    })),
    sources: [],
  }
}

/** The event of a step. Counting has no loss until the end. */
function stepEvent(step: number, tokens: number, tokensPerSecond: number, memoryBytes: number) {
  return {
    type: 'step' as const,
    step,
    tokens,
    loss: null,
    smoothed: null,
    gradNorm: null,
    lr: 0,
    tokensPerSecond,
    mfu: null,
    memoryBytes,
    dataWaitMs: 0,
  }
}
