import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { TrainResult } from '../core/train-events.ts'
import type { TrainJob } from '../core/train-job.ts'
import type { TrainerBackend } from '../core/trainer.ts'
import { readBaseline, runTraining, writeReport } from './run.ts'

/** Longest n-gram of the baseline, and tokens it is counted on at most: some seconds and some hundred megabytes. */
export const BASELINE_ORDER = 3
const BASELINE_TOKENS = 2_000_000

/**
 * Counts n-grams on the run's own mixture and scores the run's own slices with them, as a run in `<run>/baseline`, and
 * writes the report of the run with both. What an earlier call found is kept. A baseline that fails takes nothing from
 * the run: the report says why there is none.
 */
export async function addBaseline(
  job: TrainJob,
  result: TrainResult,
  backend: TrainerBackend,
  signal: AbortSignal,
): Promise<TrainResult | undefined> {
  if (result.slices.length === 0) return undefined
  const known = readBaseline(job.run)
  if (known?.exitCode === 0) return known
  await runTraining(baselineJob(job), backend, signal, () => undefined).catch(() => undefined)
  writeReport(job, result)
  return readBaseline(job.run)
}

/** The same data, slices and shares for the `ngram` backend; nothing repeated, and no more than BASELINE_TOKENS. */
export function baselineJob(job: TrainJob): TrainJob {
  const share = Math.min(1, BASELINE_TOKENS / job.data.tokens)
  const mixture = job.data.mixture.map((component) => ({
    ...component,
    tokens: Math.max(1, Math.round(Math.min(component.tokens * share, component.available))),
  }))
  const tokens = mixture.reduce((sum, component) => sum + component.tokens, 0)
  return {
    ...job,
    name: `${job.name}-baseline`,
    hash: createHash('sha256').update(`baseline of ${job.hash}`).digest('hex'),
    run: join(job.run, 'baseline'),
    data: { ...job.data, mixture, tokens },
    backend: {
      name: 'ngram',
      device: 'cpu',
      precision: 'float32',
      compile: false,
      options: { order: BASELINE_ORDER },
    },
    checkpoints: { everyTokens: 0, everySeconds: 0, keep: 1 },
    budget: { seconds: 0 },
  }
}
