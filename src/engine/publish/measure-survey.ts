import type { MeasureLimit } from '../../core/filter.ts'
import type { MeasureReport } from '../../core/report.ts'
import type { SourceRun } from '../plan/plan.ts'
import { lastMeasured } from '../segments/ledger.ts'
import type { LedgerRows } from '../segments/segment-reader.ts'

/** Rounds a float to the four significant digits with which it is shown. */
export function tidy(value: number | string): number | string {
  return typeof value === 'number' && !Number.isInteger(value)
    ? Number(value.toPrecision(4))
    : value
}

const BINS = 20
const LABELS = 20

/** Statistics of one measure: sum, range, histogram and labels. */
export interface MeasureCounts {
  rows: number
  sum: number
  min: number
  max: number
  readonly bins: number[]
  readonly labels: Map<string, number>
}

/** Collects the statistics of every measure of a source. */
export interface MeasureSurvey {
  /** One per measure, in the order of the chain. */
  readonly counts: readonly MeasureCounts[]
  add(ledger: LedgerRows): void
  /** Adds statistics collected elsewhere. */
  merge(counts: readonly MeasureCounts[]): void
  report(): MeasureReport[]
}

/** An empty survey. */
export function measureSurvey({ steps }: SourceRun): MeasureSurvey {
  const measures = steps.flatMap(({ name, filter }, index) =>
    Object.entries(filter.measures).map(([measure, { type, description }]) => {
      const limits = (filter.limits ?? []).filter((limit) => limit.measure === measure)
      return { filter: name, measure, description, type, index, limits, end: endOf(limits) }
    }),
  )
  const counts = measures.map(noCounts)
  return {
    counts,
    add(ledger) {
      const last = new Int16Array(ledger.rows)
      for (let row = 0; row < ledger.rows; row++) last[row] = lastMeasured(ledger, row)
      for (const [position, { filter, measure, index, end }] of measures.entries()) {
        const values = ledger.values.get(`${filter}.${measure}`)
        if (values === undefined) continue
        const count = counts[position] ?? noCounts()
        const isMeasured = (row: number): boolean => (last[row] ?? -1) >= index
        if (Array.isArray(values)) addLabels(count, values, isMeasured)
        else addNumbers(count, values, isMeasured, end)
      }
    },
    merge(others) {
      for (const [position, other] of others.entries())
        addCounts(counts[position] ?? noCounts(), other)
    },
    report: () =>
      measures.map(({ index: _, ...measure }, position) =>
        measureReport(measure, counts[position] ?? noCounts()),
      ),
  }
}

/** End of the bins: 1, or far enough for the furthest limit to stand in the middle. */
function endOf(limits: readonly MeasureLimit[]): number {
  const furthest = Math.max(0, ...limits.map(({ at }) => at))
  return furthest > 1 ? 2 * furthest : 1
}

function noCounts(): MeasureCounts {
  return {
    rows: 0,
    sum: 0,
    min: Number.POSITIVE_INFINITY,
    max: Number.NEGATIVE_INFINITY,
    bins: new Array<number>(BINS).fill(0),
    labels: new Map(),
  }
}

function addLabels(
  counts: MeasureCounts,
  values: readonly string[],
  isMeasured: (row: number) => boolean,
): void {
  for (const [row, label] of values.entries()) {
    if (!isMeasured(row)) continue
    counts.rows++
    counts.labels.set(label, (counts.labels.get(label) ?? 0) + 1)
  }
}

function addNumbers(
  counts: MeasureCounts,
  values: Float32Array | Uint32Array,
  isMeasured: (row: number) => boolean,
  end: number,
): void {
  let { rows, sum, min, max } = counts
  for (let row = 0; row < values.length; row++) {
    if (!isMeasured(row)) continue
    rows++
    const value = values[row] ?? 0
    if (Number.isNaN(value)) continue
    sum += value
    min = Math.min(min, value)
    max = Math.max(max, value)
    const bin = Math.max(0, Math.min(BINS - 1, Math.floor((value / end) * BINS)))
    counts.bins[bin] = (counts.bins[bin] ?? 0) + 1
  }
  Object.assign(counts, { rows, sum, min, max })
}

function addCounts(counts: MeasureCounts, other: MeasureCounts): void {
  counts.rows += other.rows
  counts.sum += other.sum
  counts.min = Math.min(counts.min, other.min)
  counts.max = Math.max(counts.max, other.max)
  for (const [bin, count] of other.bins.entries())
    counts.bins[bin] = (counts.bins[bin] ?? 0) + count
  for (const [label, count] of other.labels)
    counts.labels.set(label, (counts.labels.get(label) ?? 0) + count)
}

function measureReport(
  measure: Pick<MeasureReport, 'filter' | 'measure' | 'description' | 'type'> & {
    readonly limits: readonly MeasureLimit[]
    readonly end: number
  },
  counts: MeasureCounts,
): MeasureReport {
  const { limits: own, end, type, ...names } = measure
  const limits = own.map(({ measure: _, ...limit }) => limit)
  const head = { ...names, type, rows: counts.rows, ...(limits.length > 0 ? { limits } : {}) }
  if (type === 'label') {
    const labels = [...counts.labels]
      .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
      .slice(0, LABELS)
    return { ...head, labels: labels.map(([label, rows]) => ({ label, rows })) }
  }
  if (counts.min > counts.max) return head
  const range = {
    sum: Number(tidy(counts.sum)),
    min: Number(tidy(counts.min)),
    max: Number(tidy(counts.max)),
  }
  const isBinned = type === 'number' && counts.min >= 0 && (counts.max <= end || limits.length > 0)
  const bins = isBinned ? { bins: counts.bins, ...(end === 1 ? {} : { end }) } : {}
  return { ...head, ...range, ...bins }
}
