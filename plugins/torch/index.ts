import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { EtlError } from '../../src/core/errors.ts'
import { type TrainEvent, trainEventSchema } from '../../src/core/train-events.ts'
import type { EvalJob, ExportJob, GenerateJob, TrainJob } from '../../src/core/train-job.ts'
import { defineBackend, type Readiness, type TrainerBackend, type TrainPlan } from '../../src/core/trainer.ts'
import { findPython, PACKAGE_FOLDER, SETUP } from './python.ts'
import { type Launch, launch } from './ranks.ts'
import { type Complaint, verdict } from './verdict.ts'

const options = z.strictObject({
  chunkTokens: z.int().min(1).default(4096).describe('Positions whose scores over the vocabulary exist at one time.'),
  threads: z.int().min(0).default(0).describe('CPU threads of each process; 0: all cores shared among them.'),
  collectiveTimeoutSeconds: z.int().min(1).default(600).describe('After this long a silent process counts as lost.'),
  python: z.string().optional().describe('Python with PyTorch; the one of `npm run setup:torch` unless given.'),
})

const readinessSchema = z.object({
  ready: z.boolean(),
  devices: z.array(z.object({ name: z.string(), memoryBytes: z.number() })),
  versions: z.record(z.string(), z.string()),
  missing: z.array(z.object({ what: z.string(), how: z.string() })),
})

const planSchema = z.object({
  parameters: z.number(),
  bodyParameters: z.number(),
  tokens: z.number(),
  steps: z.number(),
  flops: z.number(),
  memoryBytes: z.number(),
  notes: z.array(z.string()),
})

const run = promisify(execFile)

/** Neural training with PyTorch, on CUDA devices or on the CPU. */
export const torch = defineBackend({
  name: 'torch',
  version: 1,
  summary: 'A Llama trained with PyTorch: one device, DDP, FSDP2, tensor and pipeline parallel.',
  family: 'neural',
  aliases: ['cuda', 'cpu'],
  options,
  example: {},
  create: (given) => torchBackend(given.python),
})

function torchBackend(given: string | undefined): TrainerBackend {
  const python = async (): Promise<string> => {
    const found = await findPython(given)
    if (found === undefined) throw new EtlError('backend-unready', { what: 'no Python was found', hint: SETUP })
    return found
  }
  return {
    probe: () => probe(given),
    plan: (job) => withJobFile(job, async (path) => planOf(await python(), path)),
    async *train(job, signal) {
      const logs = join(job.run, 'logs')
      const path = join(job.run, 'job.json')
      yield* events({ python: await python(), command: 'train', job: path, ranks: job.parallel.ranks, logs, signal })
    },
    evaluate: (job) =>
      withJobFile(job, async (path) => {
        const all = await collect(events({ python: await python(), command: 'eval', job: path, ranks: 1 }))
        const scored = all.find((event) => event.type === 'eval')
        if (scored?.type !== 'eval') throw new EtlError('backend-protocol', { what: 'an evaluation without a result' })
        return scored.slices
      }),
    export: (job) =>
      withJobFile(job, async (path) => {
        await collect(events({ python: await python(), command: 'export', job: path, ranks: 1 }))
      }),
    async *generate(job) {
      const folder = await mkdtemp(join(tmpdir(), 'cosmos-torch-'))
      try {
        const path = await writeJob(folder, job)
        for await (const event of events({ python: await python(), command: 'generate', job: path, ranks: 1 }))
          if (event.type === 'tokens') yield event.ids
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
  }
}

/** The events of a launch, checked; throws what it ended with. Lines of unknown types are left out. */
async function* events(options: Launch): AsyncGenerator<TrainEvent> {
  const lines = launch(options)
  let complaint: Complaint | undefined
  try {
    for (;;) {
      const next = await lines.next()
      if (next.done === true) {
        const error = verdict(next.value, complaint, options.logs)
        if (error !== undefined) throw error
        return
      }
      const event = parseEvent(next.value)
      if (event === undefined) continue
      if (event.type === 'error') complaint = event
      yield event
    }
  } finally {
    await lines.return({ codes: [], reason: 'aborted' })
  }
}

function parseEvent(line: string): TrainEvent | undefined {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (cause) {
    throw new EtlError('backend-protocol', { what: `not an event: ${line.slice(0, 80)}`, cause })
  }
  const parsed = trainEventSchema.safeParse(value)
  return parsed.success ? parsed.data : undefined
}

async function collect(stream: AsyncIterable<TrainEvent>): Promise<TrainEvent[]> {
  const all: TrainEvent[] = []
  for await (const event of stream) all.push(event)
  return all
}

type AnyJob = TrainJob | EvalJob | ExportJob | GenerateJob

async function writeJob(folder: string, job: AnyJob): Promise<string> {
  const path = join(folder, 'job.json')
  await writeFile(path, JSON.stringify(job))
  return path
}

async function withJobFile<Result>(job: AnyJob, use: (path: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'cosmos-torch-'))
  try {
    return await use(await writeJob(folder, job))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function probe(given: string | undefined): Promise<Readiness> {
  const nothing = { ready: false, devices: [], versions: {} }
  const python = await findPython(given)
  if (python === undefined) return { ...nothing, missing: [{ what: 'Python 3.11 or newer', how: SETUP }] }
  try {
    const { stdout } = await answer(python, ['probe'])
    return readinessSchema.parse(JSON.parse(stdout))
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    return { ...nothing, missing: [{ what: `a Python that works (${python}: ${reason})`, how: SETUP }] }
  }
}

async function planOf(python: string, job: string): Promise<TrainPlan> {
  try {
    const { stdout } = await answer(python, ['plan', '--job', job])
    return planSchema.parse(JSON.parse(stdout))
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? Number(cause.code) : Number.NaN
    const ending = { codes: [code], reason: 'ended' as const }
    const lines = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim().split('\n') : []
    const said = { message: lines.at(-1) ?? 'no plan', hint: `${SETUP}, or choose another backend.` }
    throw verdict(ending, said, undefined) ?? cause
  }
}

function answer(python: string, args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  return run(python, ['-m', 'cosmos_torch', ...args], { env: { ...process.env, PYTHONPATH: PACKAGE_FOLDER } })
}
