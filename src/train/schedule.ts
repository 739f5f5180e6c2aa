import { EtlError } from '../core/errors.ts'
import type { TrainJob } from '../core/train-job.ts'
import type { TrainManifest } from './manifest.ts'

type Schedule = TrainJob['schedule']

/** The learning rate of a step, counted from 0; the Python backend has the same formulas. */
export function learningRate(schedule: Schedule, step: number): number {
  const { type, peak, final, warmupSteps, warmupFrom, totalSteps } = schedule
  if (step < warmupSteps) return warmupFrom + ((peak - warmupFrom) * (step + 1)) / warmupSteps
  if (type === 'constant') return peak
  if (type === 'wsd') {
    const start = decayStart(schedule)
    if (step < start) return peak
    const progress = Math.min(1, (step + 1 - start) / Math.max(1, totalSteps - start))
    const fall = schedule.decayShape === 'linear' ? progress : Math.sqrt(progress)
    return peak - (peak - final) * fall
  }
  const last = Math.max(totalSteps - 1, warmupSteps + 1)
  const progress = Math.min(1, (step - warmupSteps) / (last - warmupSteps))
  const fall = type === 'linear' ? progress : (1 - Math.cos(Math.PI * progress)) / 2
  return peak - (peak - final) * fall
}

/** Steps of a `wsd` schedule before the rate begins to fall; the whole run for other schedules. */
export function decayStart({ type, warmupSteps, totalSteps, decaySteps }: Schedule): number {
  return type === 'wsd' ? Math.max(warmupSteps, totalSteps - decaySteps) : totalSteps
}

/**
 * The schedule of a fork that begins a pass of its own: it warms up from the rate that its
 * checkpoint was trained with, to its own peak or that of `rewarm`. Throws `job-invalid` if the
 * pass is shorter than the warm-up.
 */
export function forkedSchedule(
  own: Schedule,
  source: { readonly schedule: Schedule; readonly step: number },
  rewarm: TrainManifest['rewarm'],
): Schedule {
  const warmupFrom = learningRate(source.schedule, Math.max(0, source.step - 1))
  if (!rewarm) return { ...own, warmupFrom }
  if (rewarm.steps >= own.totalSteps) {
    throw new EtlError('job-invalid', {
      where: 'rewarm.steps',
      what: `${rewarm.steps} steps of warm-up, but the fork has only ${own.totalSteps}`,
      hint: 'Shorten the warm-up, or give the fork more `tokens`.',
    })
  }
  const final = (own.final / own.peak) * rewarm.peak
  return { ...own, peak: rewarm.peak, final, warmupSteps: rewarm.steps, warmupFrom }
}
