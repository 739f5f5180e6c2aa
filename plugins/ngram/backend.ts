import { readFile } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import { controlPoll } from '../../src/backend/control.ts'
import { eventLog } from '../../src/backend/event-log.ts'
import type { Context } from '../../src/core/component.ts'
import { EtlError } from '../../src/core/errors.ts'
import type { SliceResult, TrainEvent } from '../../src/core/train-events.ts'
import { type EvalSlice, type GenerateJob, type TrainJob, trainJobSchema } from '../../src/core/train-job.ts'
import type { TrainerBackend, TrainPlan } from '../../src/core/trainer.ts'
import { ngramCounts } from '../../src/kernels/ngram-counts.ts'
import { type NgramModel, ngramModel } from '../../src/kernels/ngram-model.ts'
import { checkpointName, completeCheckpoints, pruneCheckpoints, readCheckpoint, writeCheckpoint } from './checkpoint.ts'
import { type JobData, openData } from './documents.ts'
import { pickToken } from './sampling.ts'

interface NgramOptions {
  readonly order: number
}

/** Tokens between two looks at the clock and at requests. */
const STEP_TOKENS = 1 << 16
const PING_SECONDS = 10

/** The backend over the local token shards of a job. */
export function ngramBackend({ order }: NgramOptions, { storage, memoryBytes }: Context): TrainerBackend {
  return {
    probe: async () => ({
      ready: true,
      devices: [{ name: 'cpu', memoryBytes: totalmem() }],
      versions: { node: process.versions.node },
      missing: [],
    }),
    plan: async (job) => planOf(job, order),
    train: (job, signal) => train(storage, memoryBytes, order, job, signal),
    async evaluate({ run, checkpoint, slices }) {
      const job = await readJob(run)
      const { counts } = await readCheckpoint(storage, run, checkpoint)
      return score(modelOf(job, counts), await openData(storage, job), slices)
    },
    async export() {
      throw new EtlError('job-invalid', { what: 'an n-gram model has no form that other programs load' })
    },
    generate: (job) => generate(storage, job),
  }
}

async function readJob(run: string): Promise<TrainJob> {
  const path = join(run, 'job.json')
  const content = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new EtlError('run-missing', { where: run, what: 'no job.json here', cause })
  })
  return trainJobSchema.parse(JSON.parse(content))
}

const modelOf = ({ data }: TrainJob, counts: Parameters<typeof ngramModel>[0]): NgramModel =>
  ngramModel(counts, data.tokenizer.vocab, data.tokenizer.bos ?? data.tokenizer.eos)

/** Every token can bring at most one new n-gram an order; tables are at least a third full of 12-byte slots. */
function planOf({ data }: TrainJob, order: number): TrainPlan {
  const entries = data.tokens * order
  return {
    parameters: entries,
    bodyParameters: entries,
    tokens: data.tokens,
    steps: Math.ceil(data.tokens / STEP_TOKENS),
    flops: 0,
    memoryBytes: Math.ceil(entries * 12 * 3),
    notes: ['Parameters and memory are upper limits: every n-gram different.'],
  }
}

async function* train(
  storage: Context['storage'],
  memoryBytes: number,
  order: number,
  job: TrainJob,
  signal: AbortSignal,
): AsyncIterable<TrainEvent> {
  const { run, data, checkpoints } = job
  const emit = eventLog(run)
  const requested = controlPoll(run)
  const started = Date.now()
  yield emit({
    type: 'hello',
    protocol: 1,
    backend: 'ngram',
    versions: { node: process.versions.node },
    devices: [{ name: 'cpu', memoryBytes: totalmem() }],
    ranks: 1,
    capabilities: ['eval', 'generate', 'resume'],
  })
  const shards = await openData(storage, job)
  const done = await completeCheckpoints(storage, run)
  const before = done.length > 0 ? await readCheckpoint(storage, run, 'latest') : undefined
  if (before && before.state.jobHash !== job.hash) {
    throw new EtlError('data-mismatch', { where: run, what: 'its checkpoints were made for another job' })
  }
  const counts = ngramCounts(order, before?.counts)
  const documents = data.mixture.map((_, index) => before?.state.documents[index] ?? 0)
  let { step, tokens } = before?.state ?? { step: 0, tokens: 0 }
  const { parameters, flops, steps } = planOf(job, order)
  const resumedFrom = before ? checkpointName(before.state.step) : null
  yield emit({ type: 'plan', parameters, steps, tokens: data.tokens, flops, resumedFrom })

  const save = async (permanent: boolean): Promise<TrainEvent> => {
    const state = { jobHash: job.hash, step, tokens, documents }
    const bytes = await writeCheckpoint(storage, run, { state, counts: counts.sorted() })
    if (!permanent) await pruneCheckpoints(storage, run, checkpoints.keep)
    return emit({ type: 'checkpoint', step, tokens, path: `checkpoints/${checkpointName(step)}`, bytes, permanent })
  }
  let last = { time: Date.now(), saved: Date.now(), tokens }
  let reason: 'finished' | 'stopped' | 'budget' = 'finished'
  const total = data.mixture.reduce((sum, component) => sum + component.tokens, 0)

  counting: for (const [index, component] of data.mixture.entries()) {
    let position = 0
    const earlier = data.mixture.slice(0, index).reduce((sum, one) => sum + one.tokens, 0)
    // Counting a text twice changes nothing but the counts, so the mixture's repetitions are counted like any text.
    while (tokens < earlier + component.tokens) {
      const atStart = tokens
      for await (const { ids, start, end } of shards.documents('train', component.groups)) {
        if (signal.aborted) throw new EtlError('interrupted', { what: 'counting was stopped' })
        if (position++ < (documents[index] ?? 0)) continue
        if (tokens >= earlier + component.tokens) break
        counts.add(ids, start, end)
        tokens += end - start
        documents[index] = position
        if (tokens - last.tokens < STEP_TOKENS) continue
        step++
        const seconds = (Date.now() - last.time) / 1000
        if (step % job.log.everySteps === 0 || seconds > PING_SECONDS) {
          yield emit(stepEvent(step, tokens, (tokens - last.tokens) / Math.max(seconds, 1e-3), counts.bytes()))
        }
        if (counts.bytes() > memoryBytes) {
          throw new EtlError('backend-memory', {
            where: run,
            what: `the n-gram tables outgrew ${memoryBytes} bytes after ${tokens} tokens`,
            hint: 'Train on fewer tokens (`tokens` in the manifest) or with a smaller `order`.',
          })
        }
        const savedAgo = (Date.now() - last.saved) / 1000
        const request = requested()
        last = { ...last, time: Date.now(), tokens }
        if (request === 'checkpoint' || (checkpoints.everySeconds > 0 && savedAgo > checkpoints.everySeconds)) {
          yield await save(false)
          last = { ...last, saved: Date.now() }
        }
        const spent = job.budget.seconds > 0 && (Date.now() - started) / 1000 > job.budget.seconds
        if (request === 'stop' || spent) {
          reason = request === 'stop' ? 'stopped' : 'budget'
          break counting
        }
        // Lets signals and timers of the process run.
        await new Promise(setImmediate)
      }
      documents[index] = reason === 'finished' && tokens < earlier + component.tokens ? 0 : (documents[index] ?? 0)
      position = 0
      if (tokens === atStart) break
    }
  }
  if (reason === 'finished') step++
  yield await save(true)
  if (reason === 'finished') {
    yield emit({ type: 'phase', name: 'eval', state: 'begin' })
    const slices = await score(modelOf(job, counts.sorted()), shards, job.eval.slices)
    yield emit({ type: 'eval', step, trainTokens: tokens, slices })
    yield emit({ type: 'phase', name: 'eval', state: 'end' })
  }
  yield emit({
    type: 'mixture',
    components: data.mixture.map(({ name, tokens: share, available }) => ({
      name,
      tokens: Math.round((share / total) * tokens),
      epochs: available === 0 ? 0 : ((share / total) * tokens) / available,
    })),
  })
  yield emit({ type: 'done', step, tokens, reason })
}

/** Counting has no loss before the end. */
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

async function score(model: NgramModel, data: JobData, slices: readonly EvalSlice[]): Promise<SliceResult[]> {
  const results: SliceResult[] = []
  for (const { name, split, groups, tokens: wanted } of slices) {
    let nats = 0
    let tokens = 0
    let bytes = 0
    for await (const { ids, start, end, textBytes } of data.documents(split, groups)) {
      if (tokens >= wanted) break
      for (let at = start + 1; at < end; at++) nats -= model.logProbability(ids, start, at)
      tokens += end - start - 1
      bytes += textBytes
    }
    if (tokens === 0) continue
    const loss = nats / tokens
    results.push({ slice: name, tokens, loss, perplexity: Math.exp(loss), bitsPerByte: nats / Math.LN2 / bytes })
  }
  return results
}

async function* generate(storage: Context['storage'], job: GenerateJob): AsyncIterable<readonly number[]> {
  const train = await readJob(job.run)
  const { counts } = await readCheckpoint(storage, job.run, job.checkpoint)
  const model = modelOf(train, counts)
  const random = seeded(job.seed)
  const context = [...job.prompt]
  const probabilities = new Float64Array(train.data.tokenizer.vocab)
  for (let made = 0; made < job.maxTokens; made++) {
    model.distribution(context.slice(-(model.order - 1)), probabilities)
    const id = pickToken(probabilities, job, random)
    if (job.stop.includes(id)) return
    context.push(id)
    yield [id]
  }
}

/** Mulberry32: a small generator whose sequence a seed decides. */
function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
