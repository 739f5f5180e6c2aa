import { bytesAt, textAt } from '../core/batch.ts'
import { type DocumentKind, KINDS } from '../core/document.ts'
import type { MeasureReport, Split, Tally } from '../core/report.ts'
import { lastMeasured, type MeasureValues } from './ledger.ts'
import type { Plan, SourceRun } from './plan.ts'
import { type Fate, fateOf, type SegmentRef, sourceOf } from './publish-task.ts'
import { readRemovals } from './removals.ts'
import { segmentPaths } from './segment.ts'
import { isKept, type LedgerRows, readLedger } from './segment-reader.ts'
import { keyedShare, splitOf } from './split.ts'

/** Counts that grow. */
export interface Counter {
  documents: number
  items: number
  bytes: number
  words: number
}

const newCounter = (): Counter => ({ documents: 0, items: 0, bytes: 0, words: 0 })

/** A document picked to be shown, by place. */
export interface Sample {
  readonly segment: SegmentRef
  readonly row: number
  readonly id: string
  readonly fate: Fate
  readonly reached: number
  readonly lang: string
  readonly values: Readonly<Record<string, number | string>>
  /** Keyed hash of the id: the smallest are shown. */
  readonly order: number
}

/** What one pass over the ledgers of a source finds. */
export interface SourceSurvey {
  readonly dropped: Map<string, { readonly fate: Fate; readonly counter: Counter; samples: Sample[] }>
  readonly published: Readonly<Record<Split, Counter>>
  readonly languages: Map<string, Counter>
  readonly licenses: Map<string, Counter>
  readonly kinds: Readonly<Record<DocumentKind, Counter>>
  readonly measures: readonly MeasureReport[]
  samples: Sample[]
}

const SAMPLES = 3

/**
 * Reads the ledgers of a source once, in order: counts what became of every document and picks a deterministic few.
 * `onPublished` is told the place among the kept, the split and the text bytes of every published document.
 */
export async function surveySource(
  plan: Plan,
  sourceIndex: number,
  segments: readonly SegmentRef[],
  removalsFolder: string,
  onPublished: (segment: SegmentRef, place: number, source: string, split: Split, bytes: number) => void,
): Promise<SourceSurvey> {
  const source = sourceOf(plan, sourceIndex)
  const { split } = plan.manifest
  const measures = measureSurvey(source)
  const survey = {
    dropped: new Map<string, { fate: Fate; counter: Counter; samples: Sample[] }>(),
    published: { train: newCounter(), eval: newCounter(), test: newCounter() },
    languages: new Map<string, Counter>(),
    licenses: new Map<string, Counter>(),
    kinds: { prose: newCounter(), code: newCounter(), mixed: newCounter() },
    samples: [] as Sample[],
  }
  for (const segment of segments) {
    const removals = await readRemovals(plan.storage, removalsFolder, segment.number)
    let [first, place] = [0, 0]
    for await (const ledger of readLedger(plan.storage, segmentPaths(segment.base).ledger)) {
      measures.add(ledger)
      for (let row = 0; row < ledger.rows; row++) {
        const fate = fateOf(source, ledger, row, removals.get(first + row))
        if (isKept(ledger, row)) place++
        const id = bytesAt(ledger.id, row)
        const sample = (): Sample => sampleOf(source, ledger, row, first + row, segment, fate)
        const order = keyedShare('sample', id)
        if (fate.filter) {
          const key = `${fate.filter}:${fate.reason}`
          const entry = survey.dropped.get(key) ?? { fate, counter: newCounter(), samples: [] }
          survey.dropped.set(key, entry)
          count(entry.counter, ledger, row)
          if (isPicked(entry.samples, order)) entry.samples = withSample(entry.samples, sample())
          continue
        }
        const target = splitOf(split.key, split, id)
        count(survey.published[target], ledger, row)
        count(counterOf(survey.languages, textAt(ledger.lang, row) || 'unknown'), ledger, row)
        count(counterOf(survey.licenses, textAt(ledger.license, row) || 'unknown'), ledger, row)
        count(survey.kinds[KINDS[ledger.kind[row] ?? 0] ?? 'prose'], ledger, row)
        if (isPicked(survey.samples, order)) survey.samples = withSample(survey.samples, sample())
        onPublished(segment, place - 1, source.name, target, ledger.bytes[row] ?? 0)
      }
      first += ledger.rows
    }
  }
  return { ...survey, measures: measures.report() }
}

function count(counter: Counter, ledger: LedgerRows, row: number): void {
  counter.documents++
  counter.items += ledger.items[row] ?? 0
  counter.bytes += ledger.bytes[row] ?? 0
  counter.words += ledger.words[row] ?? 0
}

/** Adds the counts of one tally to another. */
export function addTally(counter: Counter, tally: Tally): void {
  counter.documents += tally.documents
  counter.items += tally.items
  counter.bytes += tally.bytes
  counter.words += tally.words
}

function counterOf(counters: Map<string, Counter>, key: string): Counter {
  const counter = counters.get(key) ?? newCounter()
  counters.set(key, counter)
  return counter
}

function isPicked(samples: readonly Sample[], order: number): boolean {
  return samples.length < SAMPLES || order < (samples.at(-1)?.order ?? 1)
}

function withSample(samples: readonly Sample[], sample: Sample): Sample[] {
  return [...samples, sample].sort((a, b) => a.order - b.order).slice(0, SAMPLES)
}

function sampleOf(
  source: SourceRun,
  ledger: LedgerRows,
  row: number,
  ordinal: number,
  segment: SegmentRef,
  fate: Fate,
): Sample {
  const values: Record<string, number | string> = {}
  const last = lastMeasured(ledger, row)
  const shown = source.steps.filter(({ name }, index) => index <= last && (!fate.filter || name === fate.filter))
  for (const { name, filter } of shown) {
    for (const measure of Object.keys(filter.measures)) {
      const value = ledger.values.get(`${name}.${measure}`)?.[row]
      if (value !== undefined) values[fate.filter ? measure : `${name}.${measure}`] = tidy(value)
    }
  }
  if (fate.survivor) Object.assign(values, { survivor: fate.survivor, similarity: tidy(fate.similarity) })
  return {
    segment,
    row: ordinal,
    id: textAt(ledger.id, row),
    fate,
    reached: ledger.reached[row] ?? -1,
    lang: textAt(ledger.lang, row),
    values,
    order: keyedShare('sample', bytesAt(ledger.id, row)),
  }
}

/** Floats with four significant digits: what they are shown with. */
export function tidy(value: number | string): number | string {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value
}

const BINS = 20
const LABELS = 20

/** Sums, ranges, histograms and label counts of every measure of a source. */
function measureSurvey({ steps }: SourceRun) {
  const stats = steps.flatMap(({ name, filter }, index) =>
    Object.entries(filter.measures).map(([measure, { type, description }]) => ({
      filter: name,
      measure,
      description,
      type,
      index,
      rows: 0,
      sum: 0,
      min: Number.POSITIVE_INFINITY,
      max: Number.NEGATIVE_INFINITY,
      bins: new Array<number>(BINS).fill(0),
      labels: new Map<string, number>(),
    })),
  )
  return {
    add(ledger: LedgerRows): void {
      for (const stat of stats) {
        const values: MeasureValues | undefined = ledger.values.get(`${stat.filter}.${stat.measure}`)
        for (let row = 0; row < ledger.rows; row++) {
          const value = values?.[row]
          if (value === undefined || lastMeasured(ledger, row) < stat.index) continue
          stat.rows++
          if (typeof value === 'string') stat.labels.set(value, (stat.labels.get(value) ?? 0) + 1)
          else addNumber(stat, value)
        }
      }
    },
    report: (): MeasureReport[] => stats.map(measureReport),
  }
}

interface MeasureStats {
  readonly filter: string
  readonly measure: string
  readonly description: string
  readonly type: 'number' | 'count' | 'label'
  rows: number
  sum: number
  min: number
  max: number
  readonly bins: number[]
  readonly labels: Map<string, number>
}

function addNumber(stat: MeasureStats, value: number): void {
  if (Number.isNaN(value)) return
  stat.sum += value
  stat.min = Math.min(stat.min, value)
  stat.max = Math.max(stat.max, value)
  const bin = Math.max(0, Math.min(BINS - 1, Math.floor(value * BINS)))
  stat.bins[bin] = (stat.bins[bin] ?? 0) + 1
}

function measureReport({ filter, measure, description, type, ...stat }: MeasureStats): MeasureReport {
  const head = { filter, measure, description, type, rows: stat.rows }
  if (type === 'label') {
    const labels = [...stat.labels].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, LABELS)
    return { ...head, labels: labels.map(([label, rows]) => ({ label, rows })) }
  }
  if (stat.min > stat.max) return head
  const range = { sum: Number(tidy(stat.sum)), min: Number(tidy(stat.min)), max: Number(tidy(stat.max)) }
  const isShare = type === 'number' && stat.min >= 0 && stat.max <= 1
  return { ...head, ...range, ...(isShare ? { bins: stat.bins } : {}) }
}
