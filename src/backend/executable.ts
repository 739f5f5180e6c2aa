import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { EtlError } from '../core/errors.ts'
import { lazily } from '../core/lazily.ts'
import type { SliceResult, TrainEvent } from '../core/train-events.ts'
import type { Job } from '../core/train-job.ts'
import type { Readiness, TrainerBackend } from '../core/trainer.ts'
import { makeFolder } from '../files/make-folder.ts'
import { type LaunchOptions, launch, type Program } from './launch.ts'

const run = promisify(execFile)
const ANSWER_MS = 60_000

/** The output of `probe`. */
const readinessSchema = z.object({
  ready: z.boolean(),
  devices: z.array(z.object({ name: z.string(), memoryBytes: z.number() })),
  versions: z.record(z.string(), z.string()),
  missing: z.array(z.object({ what: z.string(), how: z.string() })),
})

/** The output of `plan`. */
const planSchema = z.object({
  parameters: z.number(),
  bodyParameters: z.number(),
  tokens: z.number(),
  steps: z.number(),
  flops: z.number(),
  memoryBytes: z.number(),
  notes: z.array(z.string()),
})

/**
 * Wraps a program that speaks protocol 1 as a backend. `<command> probe` and `<command> plan --job
 * <file>` print one JSON object. `<command> train|eval|export|generate --job <file>` writes events
 * as JSON lines to the file descriptor named by `ETL_EVENTS_FD` and reports the outcome by its exit
 * code.
 */
export function executableBackend(
  program: Program,
  limits: Pick<LaunchOptions, 'silenceMs' | 'graceMs'> = {},
): TrainerBackend {
  /** Runs a command that prints one JSON object and validates the object. */
  const answer = async <Value>(
    schema: z.ZodType<Value>,
    ...args: readonly string[]
  ): Promise<Value> => {
    const [file = '', ...first] = program.command
    const env = { ...process.env, ...program.env }
    const { stdout } = await run(file, [...first, ...args], { env, timeout: ANSWER_MS })
    return schema.parse(JSON.parse(stdout))
  }
  /** Runs a task whose job is passed in a temporary file. */
  async function* once(task: LaunchOptions['task'], job: Job): AsyncIterable<TrainEvent> {
    const logs = join(job.run, 'logs', task)
    await makeFolder(logs)
    const file = await jobFile(job)
    try {
      const signal = new AbortController().signal
      yield* launch(program, { task, job: file.path, ranks: 1, logs, signal, ...limits })
    } finally {
      await file.remove()
    }
  }
  // Starting the program takes seconds, and a plan asks as well as what prepares the job.
  const probed = lazily(async (): Promise<Readiness> => {
    try {
      return await answer(readinessSchema, 'probe')
    } catch (error) {
      const reason = error instanceof Error ? error.message.split('\n')[0] : error
      const what = `${program.command.join(' ')} does not answer: ${reason}`
      const how = 'Check that the program exists, is executable and speaks protocol 1.'
      return { ready: false, devices: [], versions: {}, missing: [{ what, how }] }
    }
  })
  return {
    probe: probed,
    async plan(job) {
      const file = await jobFile(job)
      try {
        return await answer(planSchema, 'plan', '--job', file.path)
      } catch (cause) {
        const where = program.command.join(' ')
        throw new EtlError('backend-failed', { where, what: 'it cannot plan this job', cause })
      } finally {
        await file.remove()
      }
    },
    train: (job, signal) =>
      launch(program, {
        task: 'train',
        job: join(job.run, 'job.json'),
        ranks: job.parallel.ranks,
        logs: join(job.run, 'logs'),
        signal,
        ...limits,
      }),
    async evaluate(job) {
      let slices: readonly SliceResult[] = []
      for await (const event of once('eval', job)) if (event.type === 'eval') slices = event.slices
      return slices
    },
    async export(job) {
      for await (const _ of once('export', job));
    },
    async *generate(job) {
      for await (const event of once('generate', job)) if (event.type === 'tokens') yield event.ids
    },
  }
}

/** Writes a job to a temporary file. */
async function jobFile(job: Job): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'etl-job-'))
  const path = join(folder, 'job.json')
  await writeFile(path, JSON.stringify(job))
  return { path, remove: () => rm(folder, { recursive: true, force: true }) }
}
