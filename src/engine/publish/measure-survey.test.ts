import { describe, expect, it } from 'vitest'
import type { Filter, MeasureLimit } from '../../core/filter.ts'
import type { SourceRun } from '../plan/plan.ts'
import { KEPT } from '../segments/ledger.ts'
import type { LedgerRows } from '../segments/segment-reader.ts'
import { measureSurvey } from './measure-survey.ts'

/** The report on one measure `m` with these values and limits. */
function surveyed(values: readonly number[], limits?: readonly MeasureLimit[]) {
  const filter: Filter = {
    reasons: [],
    measures: { m: { type: 'number', description: 'A measure.' } },
    ...(limits ? { limits } : {}),
    measure: () => undefined,
    judge: () => undefined,
  }
  const survey = measureSurvey({ steps: [{ name: 'f', filter }] } as unknown as SourceRun)
  survey.add({
    rows: values.length,
    step: new Int16Array(values.length).fill(KEPT),
    reached: new Int16Array(values.length),
    values: new Map([['f.m', Float32Array.from(values)]]),
  } as unknown as LedgerRows)
  return survey.report()[0]
}

describe('the survey of a measure', () => {
  it('counts shares in bins from 0 to 1', () => {
    const report = surveyed([0, 0.5, 1])
    expect(report?.bins?.map((count, bin) => [bin, count]).filter(([, count]) => count)).toEqual([
      [0, 1],
      [10, 1],
      [19, 1],
    ])
    expect(report).not.toHaveProperty('end')
    expect(report).not.toHaveProperty('limits')
  })

  it('has no bins for numbers beyond 1 without limits', () => {
    expect(surveyed([0, 7])).not.toHaveProperty('bins')
  })

  it('names the limits of the filter and puts the furthest into the middle', () => {
    const report = surveyed(
      [1, 9, 30],
      [
        { measure: 'm', side: 'least', at: 3, scope: 'English' },
        { measure: 'm', side: 'most', at: 10 },
        { measure: 'other', side: 'most', at: 100 },
      ],
    )
    expect(report?.limits).toEqual([
      { side: 'least', at: 3, scope: 'English' },
      { side: 'most', at: 10 },
    ])
    expect(report?.end).toBe(20)
    expect(report?.bins?.[1]).toBe(1)
    expect(report?.bins?.[9]).toBe(1)
    expect(report?.bins?.[19]).toBe(1)
  })
})
