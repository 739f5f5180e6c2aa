import { textAt } from '../../core/batch.ts'
import { KINDS } from '../../core/document.ts'
import { SPLITS } from '../../core/report.ts'
import type { Plan, SourceRun } from '../plan/plan.ts'
import { lastMeasured } from '../segments/ledger.ts'
import { type Removal, readRemovals } from '../segments/removals.ts'
import { segmentPaths } from '../segments/segment.ts'
import { isKept, type LedgerRows, labelsOf, readLedger } from '../segments/segment-reader.ts'
import { type Fate, fateOf, type SegmentRef, sourceOf } from '../segments/segment-ref.ts'
import { keyedShares, REMOVED, splitsOf } from '../segments/split.ts'
import { measureSurvey, tidy } from './measure-survey.ts'
import {
  type Counter,
  counterOf,
  droppedAt,
  isPicked,
  noSurvey,
  type Sample,
  type SegmentSurvey,
  type SurveyCounts,
  smallest,
} from './survey.ts'
import type { SurveyTask } from './tasks.ts'

/**
 * Reads the ledger of a segment, counts what became of every document and picks samples
 * deterministically.
 */
export async function surveySegment(
  plan: Plan,
  { segment, removals: folder }: SurveyTask,
): Promise<SegmentSurvey> {
  const source = sourceOf(plan, segment.source)
  const removals = await readRemovals(plan.storage, folder, segment.number)
  const measures = measureSurvey(source)
  const counts = noSurvey()
  const splits: Uint8Array[] = []
  const bytes: Uint32Array[] = []
  let first = 0
  for await (const ledger of readLedger(plan.storage, segmentPaths(segment.base).ledger)) {
    measures.add(ledger)
    const targets = splitsOf(plan.manifest.split, ledger.id)
    surveyRows({ source, segment, ledger, first, removals }, targets, counts)
    const kept = (_: number, row: number): boolean => isKept(ledger, row)
    splits.push(targets.filter(kept))
    bytes.push(ledger.bytes.filter(kept))
    first += ledger.rows
  }
  return {
    counts,
    measures: measures.counts,
    splits: joined(Uint8Array, splits),
    bytes: joined(Uint32Array, bytes),
  }
}

/** Some rows of a segment's ledger. */
interface SurveyedRows {
  readonly source: SourceRun
  readonly segment: SegmentRef
  readonly ledger: LedgerRows
  /** Row of the segment at which they start. */
  readonly first: number
  /** By row of the segment. */
  readonly removals: ReadonlyMap<number, Removal>
}

/** Counts rows. Rows that are not published are marked as `REMOVED` in `splits`. */
function surveyRows(rows: SurveyedRows, splits: Uint8Array, counts: SurveyCounts): void {
  const { source, ledger, first, removals } = rows
  const orders = keyedShares('sample', ledger.id)
  const languages = labelsOf(ledger.lang, ledger.rows)
  const licenses = labelsOf(ledger.license, ledger.rows)
  for (let row = 0; row < ledger.rows; row++) {
    const fate = fateOf(source, ledger, row, removals.get(first + row))
    const order = orders[row] ?? 0
    if (fate.filter) {
      const entry = droppedAt(counts.dropped, `${fate.filter}:${fate.reason}`, fate)
      count(entry.counter, ledger, row)
      pick(entry, rows, row, fate, order)
      splits[row] = REMOVED
      continue
    }
    count(counts.published[SPLITS[splits[row] ?? 0] ?? 'train'], ledger, row)
    count(counterOf(counts.languages, languages[row] || 'unknown'), ledger, row)
    count(counterOf(counts.licenses, licenses[row] || 'unknown'), ledger, row)
    count(counts.kinds[KINDS[ledger.kind[row] ?? 0] ?? 'prose'], ledger, row)
    pick(counts, rows, row, fate, order)
  }
}

/** Adds a document to the samples if its hash is among the smallest. */
function pick(
  shown: { samples: Sample[] },
  rows: SurveyedRows,
  row: number,
  fate: Fate,
  order: number,
): void {
  if (isPicked(shown.samples, order))
    shown.samples = smallest([...shown.samples, sampleOf(rows, row, fate, order)])
}

function joined<Values extends Uint8Array | Uint32Array>(
  type: new (length: number) => Values,
  parts: readonly Values[],
): Values {
  const all = new type(parts.reduce((sum, part) => sum + part.length, 0))
  let length = 0
  for (const part of parts) {
    all.set(part, length)
    length += part.length
  }
  return all
}

function count(counter: Counter, ledger: LedgerRows, row: number): void {
  counter.documents++
  counter.items += ledger.items[row] ?? 0
  counter.bytes += ledger.bytes[row] ?? 0
  counter.words += ledger.words[row] ?? 0
}

function sampleOf(
  { source, segment, ledger, first }: SurveyedRows,
  row: number,
  fate: Fate,
  order: number,
): Sample {
  const values: Record<string, number | string> = {}
  const last = lastMeasured(ledger, row)
  const shown = source.steps.filter(
    ({ name }, index) => index <= last && (!fate.filter || name === fate.filter),
  )
  for (const { name, filter } of shown) {
    for (const measure of Object.keys(filter.measures)) {
      const value = ledger.values.get(`${name}.${measure}`)?.[row]
      if (value !== undefined) values[fate.filter ? measure : `${name}.${measure}`] = tidy(value)
    }
  }
  if (fate.survivor)
    Object.assign(values, { survivor: fate.survivor, similarity: tidy(fate.similarity) })
  return {
    segment,
    row: first + row,
    id: textAt(ledger.id, row),
    fate,
    reached: ledger.reached[row] ?? -1,
    lang: textAt(ledger.lang, row),
    values,
    order,
  }
}
