import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { forgetRequests } from '../backend/control.ts'
import { readEvents } from '../backend/event-log.ts'
import type { ErrorCode } from '../core/error-codes.ts'
import { EtlError, isEtlError } from '../core/errors.ts'
import {
  EXIT_CODES,
  type ExitCode,
  type TrainEvent,
  type TrainResult,
  trainResultSchema,
} from '../core/train-events.ts'
import { PROTOCOL, type TrainJob } from '../core/train-job.ts'
import type { TrainerBackend } from '../core/trainer.ts'
import { takeLock } from '../files/lock.ts'
import { replaceFile } from '../files/replace-file.ts'
import { renderTrainingReport } from './report.ts'
import { settleJob } from './settle.ts'
import { watchRun } from './watch.ts'

/** Exit codes of failures. An error with any other code is our own bug (40). */
const EXIT_OF: Partial<Record<ErrorCode, ExitCode>> = {
  'job-invalid': 20,
  'manifest-invalid': 20,
  'data-mismatch': 21,
  'tokens-missing': 21,
  'tokens-invalid': 21,
  'backend-unready': 22,
  'backend-memory': 30,
  'loss-not-finite': 31,
  'backend-lost': 32,
  interrupted: 10,
}

/** The lock that the process holds that trains in a run folder. */
export const lockOf = (run: string): string => join(run, 'lock')

/** The exit code of `etl train` for an error. */
export function trainExitCode(error: unknown): ExitCode {
  return (isEtlError(error) && EXIT_OF[error.code]) || 40
}

const DONE_CODES = { finished: 0, stopped: 10, budget: 11 } as const

/**
 * Trains in `job.run`, which nobody else may use at the time (`output-locked`), or goes on with the
 * job that is there, see `settleJob`; `runtime` names options that change no result. Passes events
 * on and writes `result.json` and `report.html`, even after a failure. Rejects with the backend's
 * error.
 */
export async function runTraining(
  wanted: TrainJob,
  backend: TrainerBackend,
  signal: AbortSignal,
  onEvent: (event: TrainEvent) => void,
  runtime: readonly string[] = [],
): Promise<TrainResult> {
  const release = await takeLock(lockOf(wanted.run))
  try {
    forgetRequests(wanted.run)
    return await trainLocked(await settleJob(wanted, runtime), backend, signal, onEvent)
  } finally {
    await release()
  }
}

async function trainLocked(
  job: TrainJob,
  backend: TrainerBackend,
  signal: AbortSignal,
  onEvent: (event: TrainEvent) => void,
): Promise<TrainResult> {
  let verdict: TrainResult
  const renew = (): void =>
    writeReport(job, { ...resultOf(job, 10, undefined), outcome: 'running' })
  const watch = watchRun(job.run, renew, (message) => onEvent(warning(message)))
  try {
    let done: (TrainEvent & { type: 'done' }) | undefined
    for await (const event of backend.train(job, signal)) {
      if (event.type === 'done') done = event
      onEvent(event)
      watch(event)
    }
    if (!done)
      throw new EtlError('backend-lost', {
        where: job.run,
        what: 'the backend ended without reporting an outcome',
      })
    verdict = resultOf(job, DONE_CODES[done.reason], undefined)
  } catch (error) {
    try {
      writeResult(job, resultOf(job, trainExitCode(error), error))
    } catch {
      // A full disk, for example: the reason of the failure itself is what matters.
    }
    throw error
  }
  writeResult(job, verdict)
  return verdict
}

/** A warning of ours among the events of a backend. */
function warning(message: string): TrainEvent {
  return { v: PROTOCOL, seq: 0, t: Date.now() / 1000, type: 'warn', code: 'not-watched', message }
}

/**
 * For a run that other programs start, on several nodes. Writes `job.json` if there is none yet.
 * Once the events show that the run is over, writes `result.json` and `report.html` and returns the
 * result.
 */
export async function settleElsewhere(
  wanted: TrainJob,
  runtime: readonly string[] = [],
): Promise<TrainResult | undefined> {
  const job = await settleJob(wanted, runtime)
  const last = readEvents(join(job.run, 'events.jsonl')).findLast(
    ({ type }) => type === 'done' || type === 'step',
  )
  if (last?.type !== 'done' || last.reason !== 'finished') return undefined
  const verdict = resultOf(job, DONE_CODES[last.reason], undefined)
  writeResult(job, verdict)
  return verdict
}

/** What a neural model is compared with: n-gram models of these orders. */
export const BASELINES = { unigrams: 1, trigrams: 3 } as const
/** Name of a baseline. */
export type Baseline = keyof typeof BASELINES
/** Results of the baselines that have run. */
export type Baselines = Readonly<Partial<Record<Baseline, TrainResult>>>

/** Reads the results of a run's baselines, as far as they exist. */
export function readBaselines(run: string): Baselines {
  const verdicts = Object.keys(BASELINES).map((name) => {
    const path = join(run, 'baseline', name, 'result.json')
    return [
      name,
      existsSync(path)
        ? trainResultSchema.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data
        : undefined,
    ]
  })
  return Object.fromEntries(verdicts.filter(([, verdict]) => verdict !== undefined))
}

function resultOf(job: TrainJob, exitCode: ExitCode, error: unknown): TrainResult {
  const events = readEvents(join(job.run, 'events.jsonl'))
  const last = <Type extends TrainEvent['type']>(type: Type) =>
    events.findLast((event): event is TrainEvent & { type: Type } => event.type === type)
  const progress = events.findLast(
    (event) => event.type === 'done' || event.type === 'checkpoint' || event.type === 'step',
  )
  const counted =
    progress && 'tokens' in progress && typeof progress.tokens === 'number' ? progress : undefined
  return {
    protocol: PROTOCOL,
    exitCode,
    outcome: EXIT_CODES[exitCode].outcome,
    step: counted && 'step' in counted ? counted.step : 0,
    tokens: counted ? Number(counted.tokens) : 0,
    checkpoint: last('checkpoint')?.path ?? null,
    slices: last('eval')?.slices ?? [],
    contamination: contaminationOf(last('contamination')),
    error: error === undefined ? null : describe(error),
  }
}

function contaminationOf(
  event: (TrainEvent & { type: 'contamination' }) | undefined,
): TrainResult['contamination'] {
  if (!event) return null
  const { run, trainTokens, searchedTokens, slices } = event
  return { run, trainTokens, searchedTokens, slices }
}

function describe(error: unknown): TrainResult['error'] {
  if (isEtlError(error)) return { code: error.code, message: error.message, hint: error.hint }
  return {
    code: 'internal',
    message: String(error),
    hint: 'This is a bug in cosmos-etl or in the backend.',
  }
}

function writeResult(job: TrainJob, result: TrainResult): void {
  const path = join(job.run, 'result.json')
  replaceFile(path, `${JSON.stringify(result, undefined, 2)}\n`)
  writeReport(job, result)
}

/** Writes `report.html` of a run, with the scores of its baselines if there are any. */
export function writeReport(job: TrainJob, result: TrainResult): void {
  const events = readEvents(join(job.run, 'events.jsonl'))
  const path = join(job.run, 'report.html')
  replaceFile(path, renderTrainingReport(job, result, events, readBaselines(job.run)))
}
