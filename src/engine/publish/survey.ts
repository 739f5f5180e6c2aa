import type { DocumentKind } from '../../core/document.ts'
import type { MeasureReport, Split, Tally } from '../../core/report.ts'
import type { SourceRun } from '../plan/plan.ts'
import type { Fate, SegmentRef } from '../segments/segment-ref.ts'
import { type MeasureCounts, measureSurvey } from './measure-survey.ts'

/** A tally that is being counted. */
export interface Counter {
  documents: number
  items: number
  bytes: number
  words: number
}

/** A counter at zero. */
export const newCounter = (): Counter => ({ documents: 0, items: 0, bytes: 0, words: 0 })

/** A document sampled for the report, by place. */
export interface Sample {
  readonly segment: SegmentRef
  readonly row: number
  readonly id: string
  readonly fate: Fate
  readonly reached: number
  readonly lang: string
  readonly values: Readonly<Record<string, number | string>>
  /** Keyed hash of the id in [0, 1): the samples with the smallest values are shown. */
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

/** Summary of the ledgers of a source. */
export interface SourceSurvey extends SurveyCounts {
  readonly measures: readonly MeasureReport[]
}

/** Summary of the ledger of one segment. */
export interface SegmentSurvey {
  readonly counts: SurveyCounts
  readonly measures: readonly MeasureCounts[]
  /**
   * Split of every document that row filters kept, in order, as an index into `SPLITS`, or
   * `REMOVED`.
   */
  readonly splits: Uint8Array
  /** Bytes of text of the same documents. */
  readonly bytes: Uint32Array
}

/** Merges the surveys of the segments of a source, which must be added in order. */
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

/** The counter of a key; created if missing. */
export function counterOf(counters: Map<string, Counter>, key: string): Counter {
  const counter = counters.get(key) ?? newCounter()
  counters.set(key, counter)
  return counter
}

/** The survey of the documents removed for a reason; created if missing. */
export function droppedAt(
  dropped: SurveyCounts['dropped'],
  key: string,
  fate: Fate,
): DroppedSurvey {
  const entry = dropped.get(key) ?? { fate, counter: newCounter(), samples: [] }
  dropped.set(key, entry)
  return entry
}

/** Number of documents shown per source, and per source and reason. */
const SAMPLES = 3

/** Whether a document with this hash belongs to the samples. */
export function isPicked(samples: readonly Sample[], order: number): boolean {
  return samples.length < SAMPLES || order < (samples.at(-1)?.order ?? 1)
}

/** The samples to show: those with the smallest hashes, in ascending order. */
export function smallest(samples: readonly Sample[]): Sample[] {
  return [...samples].sort((a, b) => a.order - b.order).slice(0, SAMPLES)
}
