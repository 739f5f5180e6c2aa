import type { DocumentKind, Json } from './document.ts'
import type { Alarm, MeasureLimit } from './filter.ts'

/** The splits of a corpus, in the order in which they are reported. */
export const SPLITS = ['train', 'eval', 'test'] as const
/** One of `SPLITS`. */
export type Split = (typeof SPLITS)[number]

/** Counts: documents, the items they were made of, UTF-8 bytes and white-space separated words. */
export interface Tally {
  readonly documents: number
  readonly items: number
  readonly bytes: number
  readonly words: number
}

/** A document shown in a report. The excerpt is redacted and shortened. */
export interface Example {
  readonly id: string
  readonly excerpt: string
  /** Language code of the excerpt, `''` where unknown; it determines the text direction. */
  readonly lang: string
  /** What the dropping filter measured; for duplicates, the survivor and the similarity. */
  readonly values: { readonly [name: string]: number | string }
}

/** Documents that one filter dropped for one reason. `filter` is `engine` for limits and errors. */
export interface DropReport extends Tally {
  readonly filter: string
  readonly reason: string
  readonly examples: readonly Example[]
}

/** Source items that never became a document. */
export interface SkipReport {
  readonly reason: string
  readonly items: number
  /** Up to five places, for people to look at. */
  readonly places: readonly string[]
}

/** The distribution of one measure of one row filter over a source. */
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
  /**
   * Numbers between 0 and `end`: document counts in 20 equal bins. The last bin also has what lies
   * beyond.
   */
  readonly bins?: readonly number[]
  /** 1 if undefined. */
  readonly end?: number
  /** Lines that the filter draws through the measure. */
  readonly limits?: readonly Omit<MeasureLimit, 'measure'>[]
  /** Labels: document counts per label, most frequent first, at most 20. */
  readonly labels?: readonly { readonly label: string; readonly rows: number }[]
}

/**
 * `reports/<source>.json`. `read = skipped + dropped + published` holds exactly, counted in items.
 */
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
  /** Damaged inputs whose reading ended early. */
  readonly warnings: readonly string[]
  /** A few kept documents shown in the report, chosen deterministically. */
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

/** Overlap of the training split with the benchmarks and with our own eval and test splits. */
export interface ContaminationReport {
  readonly benchmarks: readonly {
    readonly name: string
    readonly items: number
    /** Items too short to have an n-gram to search for; they are not protected. */
    readonly tooShort: number
    /** Items of which some training document contains an n-gram. */
    readonly found: number
    /** Training documents that contain n-grams of the benchmark. */
    readonly documents: number
    /** N-grams ignored because too many documents contain them. */
    readonly ignored: number
  }[]
  /**
   * What remains in published training code, measured by the method that was not used to decide.
   */
  readonly languages: readonly {
    readonly language: string
    readonly documents: number
    readonly contaminated: number
    readonly share: number
    /** The highest share allowed, if a limit is set. */
    readonly limit?: number
  }[]
}

/**
 * Everything that `report.html` and the dataset card show. It contains no time, host name or local
 * path.
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
