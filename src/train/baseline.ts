import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { TrainResult } from '../core/train-events.ts'
import type { TrainJob } from '../core/train-job.ts'
import type { TrainerBackend } from '../core/trainer.ts'
import {
  BASELINES,
  type Baseline,
  type Baselines,
  readBaselines,
  runTraining,
  writeReport,
} from './run.ts'

/** Maximum tokens a baseline is counted on: a few seconds and a few hundred megabytes. */
const BASELINE_TOKENS = 2_000_000

/**
 * Counts unigrams and trigrams on the run's own mixture, scores the run's own slices with them, and
 * writes the run's report with both. The baselines are runs of their own below `<run>/baseline`.
 * Results of an earlier call are kept. A failing baseline does not fail the run; the report gives
 * the reason.
 */
export async function addBaselines(
  job: TrainJob,
  result: TrainResult,
  backends: Readonly<Record<Baseline, TrainerBackend>>,
  signal: AbortSignal,
): Promise<Baselines> {
  const names = Object.keys(BASELINES) as Baseline[]
  const known = readBaselines(job.run)
  const open = names.filter((name) => known[name]?.exitCode !== 0)
  if (result.slices.length === 0 || open.length === 0) return known
  for (const name of open) {
    await runTraining(baselineJob(job, name), backends[name], signal, () => undefined).catch(
      () => undefined,
    )
  }
  writeReport(job, result)
  return readBaselines(job.run)
}

/**
 * The job of a baseline: the same data, slices and shares for the `ngram` backend, with nothing
 * repeated and at most BASELINE_TOKENS.
 */
export function baselineJob(job: TrainJob, name: Baseline): TrainJob {
  const share = Math.min(1, BASELINE_TOKENS / job.data.tokens)
  const mixture = job.data.mixture.map((component) => ({
    ...component,
    tokens: Math.max(1, Math.round(Math.min(component.tokens * share, component.available))),
  }))
  const tokens = mixture.reduce((sum, component) => sum + component.tokens, 0)
  return {
    ...job,
    name: `${job.name}-${name}`,
    hash: createHash('sha256').update(`${name} of ${job.hash}`).digest('hex'),
    run: join(job.run, 'baseline', name),
    data: { ...job.data, mixture, tokens },
    backend: {
      name: 'ngram',
      device: 'cpu',
      precision: 'float32',
      compile: false,
      options: { order: BASELINES[name] },
    },
    checkpoints: { everyTokens: 0, everySeconds: 0, keep: 1, keepPermanent: 0 },
    budget: { seconds: 0 },
  }
}
