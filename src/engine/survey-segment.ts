import { textAt } from '../core/batch.ts'
import { KINDS } from '../core/document.ts'
import { SPLITS } from '../core/report.ts'
import { lastMeasured } from './ledger.ts'
import { measureSurvey, tidy } from './measure-survey.ts'
import type { Plan, SourceRun } from './plan.ts'
import { type Fate, fateOf, type SegmentRef, type SurveyTask, sourceOf } from './publish-task.ts'
import { readRemovals } from './removals.ts'
import { segmentPaths } from './segment.ts'
import { isKept, type LedgerRows, readLedger } from './segment-reader.ts'
import { keyedShares, REMOVED, splitsOf } from './split.ts'
import {
  type Counter,
  counterOf,
  droppedAt,
  isPicked,
  noSurvey,
  type Sample,
  type SegmentSurvey,
  smallest,
} from './survey.ts'

/** Reads the ledger of a segment: counts what became of every document and picks a deterministic few. */
export async function surveySegment(plan: Plan, { segment, removals: folder }: SurveyTask): Promise<SegmentSurvey> {
  const source = sourceOf(plan, segment.source)
  const removals = await readRemovals(plan.storage, folder, segment.number)
  const measures = measureSurvey(source)
  const counts = noSurvey()
  const splits: Uint8Array[] = []
  const bytes: Uint32Array[] = []
  let first = 0
  for await (const ledger of readLedger(plan.storage, segmentPaths(segment.base).ledger)) {
    measures.add(ledger)
    const orders = keyedShares('sample', ledger.id)
    const targets = splitsOf(plan.manifest.split, ledger.id)
    const kept: number[] = []
    for (let row = 0; row < ledger.rows; row++) {
      const fate = fateOf(source, ledger, row, removals.get(first + row))
      const order = orders[row] ?? 0
      const sample = (): Sample => sampleOf(source, ledger, row, { segment, row: first + row, fate, order })
      if (isKept(ledger, row)) kept.push(row)
      if (fate.filter) {
        const entry = droppedAt(counts.dropped, `${fate.filter}:${fate.reason}`, fate)
        count(entry.counter, ledger, row)
        if (isPicked(entry.samples, order)) entry.samples = smallest([...entry.samples, sample()])
        targets[row] = REMOVED
        continue
      }
      count(counts.published[SPLITS[targets[row] ?? 0] ?? 'train'], ledger, row)
      count(counterOf(counts.languages, textAt(ledger.lang, row) || 'unknown'), ledger, row)
      count(counterOf(counts.licenses, textAt(ledger.license, row) || 'unknown'), ledger, row)
      count(counts.kinds[KINDS[ledger.kind[row] ?? 0] ?? 'prose'], ledger, row)
      if (isPicked(counts.samples, order)) counts.samples = smallest([...counts.samples, sample()])
    }
    splits.push(Uint8Array.from(kept, (row) => targets[row] ?? REMOVED))
    bytes.push(Uint32Array.from(kept, (row) => ledger.bytes[row] ?? 0))
    first += ledger.rows
  }
  return { counts, measures: measures.counts, splits: joined(Uint8Array, splits), bytes: joined(Uint32Array, bytes) }
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
  source: SourceRun,
  ledger: LedgerRows,
  row: number,
  place: { readonly segment: SegmentRef; readonly row: number; readonly fate: Fate; readonly order: number },
): Sample {
  const { fate } = place
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
    ...place,
    id: textAt(ledger.id, row),
    reached: ledger.reached[row] ?? -1,
    lang: textAt(ledger.lang, row),
    values,
  }
}
