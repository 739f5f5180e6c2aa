import type { DocumentKind, Json } from './document.ts'
import type { Alarm } from './filter.ts'

export const SPLITS = ['train', 'eval', 'test'] as const
export type Split = (typeof SPLITS)[number]

/**
 * Documents, the items they were made of, their text in UTF-8 bytes and in white-space separated
 * words.
 */
export interface Tally {
  readonly documents: number
  readonly items: number
  readonly bytes: number
  readonly words: number
}

/** A removed document shown in a report; the text is redacted and cut. */
export interface Example {
  readonly id: string
  readonly excerpt: string
  /** Language code of the excerpt, `''` where unknown; tells the direction it is shown in. */
  readonly lang: string
  /** What the dropping filter measured; for duplicates the survivor and the similarity. */
  readonly values: { readonly [name: string]: number | string }
}

/** Documents that one filter dropped for one reason. `filter` is `engine` for limits and errors. */
export interface DropReport extends Tally {
  readonly filter: string
  readonly reason: string
  readonly examples: readonly Example[]
}

/** Items of the source that never became a document. */
export interface SkipReport {
  readonly reason: string
  readonly items: number
  /** Up to five places, for people. */
  readonly places: readonly string[]
}

/** What one measure of one row filter looked like over a source. */
export interface MeasureReport {
  readonly filter: string
  readonly measure: string
  readonly description: string
  readonly type: 'number' | 'count' | 'label'
  /** Rows measured. */
  readonly rows: number
  /** Numbers and counts only. */
  readonly sum?: number
  readonly min?: number
  readonly max?: number
  /** Numbers between 0 and 1: documents in 20 equal bins. */
  readonly bins?: readonly number[]
  /** Labels: documents per label, most frequent first, at most 20. */
  readonly labels?: readonly { readonly label: string; readonly rows: number }[]
}

/** `reports/<source>.json`. `read = skipped + dropped + published`, counted in items, exactly. */
export interface SourceReport {
  readonly source: string
  readonly type: string
  readonly read: number
  readonly skipped: readonly SkipReport[]
  readonly dropped: readonly DropReport[]
  readonly published: Readonly<Record<Split, Tally>>
  readonly languages: Readonly<Record<string, Tally>>
  readonly licenses: Readonly<Record<string, Tally>>
  readonly kinds: Readonly<Record<DocumentKind, Tally>>
  readonly measures: readonly MeasureReport[]
  /** Damaged inputs that ended early. */
  readonly warnings: readonly string[]
  /** Kept documents shown in the report, a deterministic few. */
  readonly examples: readonly Example[]
}

/** One published file. */
export interface ShardInfo {
  /** Relative to the corpus folder. */
  readonly path: string
  readonly split: Split
  readonly rows: number
  readonly bytes: number
  readonly sha256: string
}

/** How much of the benchmarks and of our own eval and test was in train. */
export interface ContaminationReport {
  readonly benchmarks: readonly {
    readonly name: string
    readonly items: number
    /** Items with no run long enough to look for: not protected. */
    readonly tooShort: number
    /** Items with a run in some training document. */
    readonly found: number
    /** Training documents with runs of it. */
    readonly documents: number
    /** Runs ignored because too many documents have them. */
    readonly ignored: number
  }[]
  /** What is left in published training code, measured by the method that did not decide. */
  readonly languages: readonly {
    readonly language: string
    readonly documents: number
    readonly contaminated: number
    readonly share: number
    /** The highest share allowed, where one is set. */
    readonly limit?: number
  }[]
}

/**
 * Everything `report.html` and the dataset card show. No time, host or path of the machine is in
 * it.
 */
export interface RunReport {
  readonly name: string
  readonly description: string
  readonly version: string
  readonly fingerprint: string
  readonly sources: readonly SourceReport[]
  readonly filters: readonly {
    readonly type: string
    readonly version: number
    readonly options: Json
  }[]
  readonly splits: Readonly<Record<Split, Tally & { readonly wanted: number }>>
  readonly shards: readonly ShardInfo[]
  readonly alarms: readonly Alarm[]
  readonly contamination?: ContaminationReport
  readonly deterministic: boolean
}
