import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { EtlError } from './core/errors.ts'
import type { BenchResult, TrainEvent, TrainResult } from './core/train-events.ts'
import type { Readiness } from './core/trainer.ts'
import type { PreparedTraining, TrainOptions } from './preparing.ts'
import { backends } from './registry.ts'
import { trainingContext } from './train/context.ts'
import type { Baselines } from './train/run.ts'

/** What is done with a prepared job, and with the backends themselves. */

/**
 * Measures the speed of training steps: of the manifest's model, or of the preset that suits the
 * device. Reads no corpus.
 */
export async function benchTraining(
  options: Pick<TrainOptions, 'manifest' | 'backend' | 'preset'> & {
    readonly signal?: AbortSignal
  },
): Promise<BenchResult> {
  const { benchJob } = await import('./train/bench.ts')
  const { parseTrainManifest, readTrainManifest } = await import('./train/manifest.ts')
  const { bestBackend, chooseDevice, openBackend } = await import('./train/prepare.ts')
  const base = options.manifest
    ? await readTrainManifest(options.manifest)
    : parseTrainManifest({}, '')
  const { backend: name, preset } = options
  const manifest = parseTrainManifest(
    { ...base, ...(preset === undefined ? {} : { preset }) },
    options.manifest ?? '',
  )
  const context = trainingContext(
    options.manifest ? dirname(resolve(options.manifest)) : process.cwd(),
  )
  const best = async (): Promise<string> =>
    (await bestBackend(backends, context)) === 'cuda' ? 'cuda' : 'cpu'
  const found = name ?? manifest.backend ?? (await best())
  const opened = await openBackend(backends, found, manifest.options, context)
  if (!opened.backend.bench)
    throw new EtlError('job-invalid', { where: found, what: 'it has no benchmark' })
  const run = await mkdtemp(join(tmpdir(), 'etl-bench-'))
  const result = await opened.backend.bench(
    benchJob(manifest, await chooseDevice(opened), run),
    options.signal ?? new AbortController().signal,
  )
  // After a failure the folder stays, because the error names a log in it.
  await rm(run, { recursive: true })
  return result
}

/** Whether each backend can train on this machine. */
export async function trainerReadiness(): Promise<(Readiness & { readonly name: string })[]> {
  const { openBackend } = await import('./train/prepare.ts')
  const context = trainingContext(process.cwd())
  return Promise.all(
    Object.keys(backends).map(async (name) => {
      const { backend } = await openBackend(backends, name, {}, context)
      return { name, ...(await backend.probe()) }
    }),
  )
}

/**
 * Trains a prepared job, then counts its baselines. Leaves `result.json` and `report.html` behind.
 */
export async function train(
  { job, backend, runtime, baselines }: PreparedTraining,
  signal: AbortSignal,
  onEvent: (event: TrainEvent) => void,
): Promise<{ readonly result: TrainResult; readonly baselines: Baselines }> {
  const { addBaselines } = await import('./train/baseline.ts')
  const { runTraining } = await import('./train/run.ts')
  const result = await runTraining(job, backend, signal, onEvent, runtime)
  return { result, baselines: baselines ? await addBaselines(job, result, baselines, signal) : {} }
}

/**
 * For a run on several nodes, which other programs start: writes its job and, once its events say
 * that it has finished, the report. Returns the result, or undefined while it is not finished.
 */
export async function settleTraining({
  job,
  runtime,
}: PreparedTraining): Promise<TrainResult | undefined> {
  const { settleElsewhere } = await import('./train/run.ts')
  return settleElsewhere(job, runtime)
}

/**
 * Asks whoever trains in the folder `run` to save and stop, to save, or to evaluate, after the step
 * it is at. Throws `run-missing` if there is no run, or no process of this project trains in it.
 */
export async function requestTraining(
  run: string,
  action: 'stop' | 'checkpoint' | 'eval',
): Promise<void> {
  const { requestControl } = await import('./backend/control.ts')
  const { isLocked } = await import('./files/lock.ts')
  const { lockOf } = await import('./train/run.ts')
  const { readRun } = await import('./train/settle.ts')
  const folder = resolve(run)
  const { parallel } = readRun(folder)
  // The processes of several nodes are started by others, and hold no lock.
  if (parallel.ranks === 1 && !(await isLocked(lockOf(folder)))) {
    throw new EtlError('run-missing', {
      where: run,
      what: 'nobody trains here at the moment',
      hint: `\`etl train ${run}\` resumes the run.`,
    })
  }
  requestControl(folder, action)
}
