import type { DocumentKind } from '../../core/document.ts'
import type { MeasureReport, Split, Tally } from '../../core/report.ts'
import type { SourceRun } from '../plan/plan.ts'
import type { Fate, SegmentRef } from '../segments/segment-ref.ts'
import { type MeasureCounts, measureSurvey } from './measure-survey.ts'

/** Counts that grow. */
export interface Counter {
  documents: number
  items: number
  bytes: number
  words: number
}

/** Nothing counted. */
export const newCounter = (): Counter => ({ documents: 0, items: 0, bytes: 0, words: 0 })

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

/** Documents removed for one reason. */
export interface DroppedSurvey {
  readonly fate: Fate
  readonly counter: Counter
  samples: Sample[]
}

/** What became of some documents of a source. */
export interface SurveyCounts {
  /** By `<filter>:<reason>`. */
  readonly dropped: Map<string, DroppedSurvey>
  readonly published: Readonly<Record<Split, Counter>>
  readonly languages: Map<string, Counter>
  readonly licenses: Map<string, Counter>
  readonly kinds: Readonly<Record<DocumentKind, Counter>>
  samples: Sample[]
}

/** What the ledgers of a source tell. */
export interface SourceSurvey extends SurveyCounts {
  readonly measures: readonly MeasureReport[]
}

/** What the ledger of a segment tells. */
export interface SegmentSurvey {
  readonly counts: SurveyCounts
  readonly measures: readonly MeasureCounts[]
  /**
   * Of every document that row filters kept, in order: its split as a place in `SPLITS`, or
   * `REMOVED`, …
   */
  readonly splits: Uint8Array
  /** … and the bytes of its text. */
  readonly bytes: Uint32Array
}

/** Adds the surveys of the segments of a source, in their order. */
export function sourceSurvey(source: SourceRun) {
  const counts = noSurvey()
  const measures = measureSurvey(source)
  return {
    add(segment: SegmentSurvey): void {
      mergeCounts(counts, segment.counts)
      measures.merge(segment.measures)
    },
    finish: (): SourceSurvey => ({ ...counts, measures: measures.report() }),
  }
}

/** A survey of no documents. */
export function noSurvey(): SurveyCounts {
  return {
    dropped: new Map(),
    published: { train: newCounter(), eval: newCounter(), test: newCounter() },
    languages: new Map(),
    licenses: new Map(),
    kinds: { prose: newCounter(), code: newCounter(), mixed: newCounter() },
    samples: [],
  }
}

function mergeCounts(counts: SurveyCounts, more: SurveyCounts): void {
  for (const [key, { fate, counter, samples }] of more.dropped) {
    const entry = droppedAt(counts.dropped, key, fate)
    addTally(entry.counter, counter)
    entry.samples = smallest([...entry.samples, ...samples])
  }
  mergeRecord(counts.published, more.published)
  mergeRecord(counts.kinds, more.kinds)
  for (const [key, counter] of more.languages) addTally(counterOf(counts.languages, key), counter)
  for (const [key, counter] of more.licenses) addTally(counterOf(counts.licenses, key), counter)
  counts.samples = smallest([...counts.samples, ...more.samples])
}

function mergeRecord<Key extends string>(
  counts: Readonly<Record<Key, Counter>>,
  more: Readonly<Record<Key, Counter>>,
) {
  for (const key of Object.keys(counts) as Key[]) addTally(counts[key], more[key])
}

/** Adds the counts of one tally to another. */
export function addTally(counter: Counter, tally: Tally): void {
  counter.documents += tally.documents
  counter.items += tally.items
  counter.bytes += tally.bytes
  counter.words += tally.words
}

/** The counter of a key, new if there is none. */
export function counterOf(counters: Map<string, Counter>, key: string): Counter {
  const counter = counters.get(key) ?? newCounter()
  counters.set(key, counter)
  return counter
}

/** What is known of the documents removed for a reason, new if nothing is. */
export function droppedAt(
  dropped: SurveyCounts['dropped'],
  key: string,
  fate: Fate,
): DroppedSurvey {
  const entry = dropped.get(key) ?? { fate, counter: newCounter(), samples: [] }
  dropped.set(key, entry)
  return entry
}

/** Documents shown of each kind. */
const SAMPLES = 3

/** Whether a document with this hash is among those shown. */
export function isPicked(samples: readonly Sample[], order: number): boolean {
  return samples.length < SAMPLES || order < (samples.at(-1)?.order ?? 1)
}

/** The samples that are shown, by their hash. */
export function smallest(samples: readonly Sample[]): Sample[] {
  return [...samples].sort((a, b) => a.order - b.order).slice(0, SAMPLES)
}
