import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { TrainJob } from '../core/train-job.ts'
import { decayStart, forkedSchedule, learningRate } from './schedule.ts'

interface Case {
  readonly name: string
  readonly schedule: TrainJob['schedule']
  readonly rates: Readonly<Record<string, number>>
}

/** The Python backend is tested with the same cases, `tests/test_schedule.py`. */
const CASES = JSON.parse(
  readFileSync(new URL('../../plugins/torch/tests/rates.json', import.meta.url), 'utf8'),
) as Case[]

describe('learning rates', () => {
  it.each(CASES)('$name', ({ schedule, rates }) => {
    for (const [step, rate] of Object.entries(rates))
      expect(learningRate(schedule, Number(step)), `step ${step}`).toBeCloseTo(rate, 12)
  })
})

describe('a fork with a pass of its own', () => {
  const cosine = CASES[0]!.schedule
  const wsd = CASES[3]!.schedule

  it('warms up from the rate of a finished cosine, to the peak and in the steps stated', () => {
    const source = { schedule: cosine, step: 20 }
    const schedule = forkedSchedule(cosine, source, { peak: 0.0005, steps: 10 })
    expect(schedule).toMatchObject({ peak: 0.0005, warmupSteps: 10 })
    expect(schedule.warmupFrom).toBeCloseTo(0.0001, 12)
    expect(schedule.final).toBeCloseTo(0.00005, 12)
    expect(learningRate(schedule, 0)).toBeCloseTo(0.00014, 12)
    expect(learningRate(schedule, 9)).toBeCloseTo(0.0005, 12)
    expect(() => forkedSchedule(cosine, source, { peak: 0.0005, steps: 20 })).toThrow(/only 20/)
  })

  it('goes on at the peak from before a decay', () => {
    expect(decayStart(wsd)).toBe(15)
    const schedule = forkedSchedule(wsd, { schedule: wsd, step: decayStart(wsd) }, undefined)
    for (const step of [0, 3, 14]) expect(learningRate(schedule, step)).toBeCloseTo(0.001, 12)
  })
})
