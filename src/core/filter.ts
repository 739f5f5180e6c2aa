import type { z } from 'zod'
import type { Batch, TextColumn } from './batch.ts'
import type { Component } from './component.ts'
import type { DocumentKind } from './document.ts'
import type { Storage } from './storage.ts'

/**
 * How a measure is stored: as a 32-bit float, an unsigned 32-bit integer or a short string from a
 * small set.
 */
export interface MeasureSpec {
  readonly type: 'number' | 'count' | 'label'
  /** One sentence that includes the unit; shown in reports and docs. */
  readonly description: string
}

/**
 * Where `measure` writes its results: one array per measure with one entry per row, initially zero
 * or `''`.
 */
export interface Measures {
  number(name: string): Float32Array
  count(name: string): Uint32Array
  label(name: string): string[]
}

/** A line that `judge` draws through a measure: rows beyond it may be dropped. For reports. */
export interface MeasureLimit {
  readonly measure: string
  /** Whether `at` is the least or the most that is kept. */
  readonly side: 'least' | 'most'
  readonly at: number
  /** Rows it holds for, such as a language; all if undefined. */
  readonly scope?: string
}

/** One row as `judge` sees it: only what the ledger holds. */
export interface MeasuredRow {
  readonly kind: DocumentKind
  readonly lang: string
  readonly values: Readonly<Record<string, number | string>>
}

/** The reason to drop the row, or undefined to keep it. */
export type Verdict = string | undefined

/**
 * One comparison that `judge` makes for a row. The row is dropped for the reason of the first that
 * does not pass.
 */
export interface Judgement {
  readonly reason: string
  /** Name of a measure, or two that are compared together: `characters / lines`. */
  readonly measure: string
  readonly value: number | string
  /** Numbers have a least or a most; labels are among the names of `limit`, or not. */
  readonly comparison: 'least' | 'most' | 'among' | 'not-among'
  readonly limit: number | readonly string[]
  /** Option that holds the limit, such as `english.minWords`; undefined if none does. */
  readonly option?: string | undefined
  readonly passed: boolean
}

/**
 * A row filter in two halves, so that thresholds can be changed without reading the input again.
 */
export interface Filter {
  /** Every reason for which it may drop a row, kebab-case. */
  readonly reasons: readonly string[]
  readonly measures: Readonly<Record<string, MeasureSpec>>
  /** The lines that `judge` draws through measures. */
  readonly limits?: readonly MeasureLimit[]
  /**
   * Fills `out` for every row. It may replace columns of the batch if `rewrites` is set. Rows do
   * not depend on each other.
   */
  measure(batch: Batch, out: Measures): void
  /** Pure: the same row always gets the same verdict. */
  judge(row: MeasuredRow): Verdict
  /**
   * The comparisons that `judge` makes for a row, in order: `judge` returns the reason of the first
   * that does not pass. `judgedBy` makes both. Shown by `etl try` and `etl explain`.
   */
  judgements?(row: MeasuredRow): readonly Judgement[]
  /** Whether `measure` may change text, metadata or language. */
  readonly rewrites?: boolean
  /**
   * Whether everything published must pass through its rewriting. The engine then also applies it
   * to dropped rows before it publishes excerpts of them.
   */
  readonly redacts?: boolean
  /**
   * Hashes of the files that `measure` or `judge` depends on, such as lists and models. They are
   * part of the fingerprint, so that a changed file counts as a changed filter.
   */
  readonly fileHashes?: readonly string[]
}

/** A row filter as it is registered. */
export interface FilterComponent<Options extends z.ZodObject = z.ZodObject>
  extends Component<Options, Filter> {
  readonly level: 'row'
  /**
   * Options that only `judge` reads. Changing them re-judges stored measures without reading the
   * input again.
   */
  readonly thresholds: readonly (keyof z.output<Options> & string)[]
}

/**
 * A stretch of consecutive documents in the sketch store. Documents are numbered from 0 in reading
 * order.
 */
export interface SketchBlock {
  readonly firstRow: number
  readonly rows: number
  /** `sketchBytes` per row. */
  readonly sketches: Uint8Array
  readonly id: TextColumn
  /** Text length in bytes. */
  readonly bytes: Uint32Array
  /** Position of the row's source in the manifest. */
  readonly source: Uint16Array
  readonly kind: Uint8Array
  readonly lang: TextColumn
}

/** Sketches of every document that passed all row filters, with access to their texts. */
export interface SketchStore {
  readonly rows: number
  /** Names of the sources in manifest order. */
  readonly sources: readonly string[]
  /** Documents `[0, baseRows)` belong to earlier corpora. They rank first and are never removed. */
  readonly baseRows: number
  /**
   * One sequential pass over the sketches. The arrays of a block are valid until the next block.
   */
  scan(): AsyncIterable<SketchBlock>
  /** One sequential pass over the texts of the wanted rows, in order; all rows by default. */
  texts(
    wanted?: (row: number) => boolean,
  ): AsyncIterable<{ readonly row: number; readonly text: Uint8Array }>
  readonly storage: Storage
  /**
   * Folder for temporary and resumable files. The engine empties it when its fingerprint changes.
   */
  readonly folder: string
  readonly memoryBytes: number
  /** Number of workers it may keep busy. */
  readonly workers: number
  readonly signal: AbortSignal
  warn(message: string): void
  /** Reports progress from 0 to 1 for the display. */
  progress(share: number, phase: string): void
}

/** The removal of one document in favour of another that is kept. */
export interface Decision {
  readonly row: number
  readonly reason: string
  /** Row of a document that is kept. */
  readonly survivor: number
  /** The similarity that was compared, 0 to 1. */
  readonly similarity: number
}

/** Something in the result that a person should look at. */
export interface Alarm {
  /** kebab-case. */
  readonly code: string
  readonly message: string
}

/**
 * A filter that needs all documents: it first computes a compact sketch of each, then decides. Runs
 * after all row filters.
 */
export interface CorpusFilter {
  readonly reasons: readonly string[]
  /** Bytes that `sketch` writes per document. */
  readonly sketchBytes: number
  /** Writes row i at `out[i * sketchBytes]`; `out` starts zeroed. */
  sketch(batch: Batch, out: Uint8Array): void
  /** Yields each removed row once, in any order. The set is the same for any number of workers. */
  decide(store: SketchStore): AsyncIterable<Decision | { readonly alarm: Alarm }>
}

/** A corpus filter as it is registered. */
export interface CorpusFilterComponent<Options extends z.ZodObject = z.ZodObject>
  extends Component<Options, CorpusFilter> {
  readonly level: 'corpus'
  /** Options that only `decide` reads. Changing them keeps the sketches. */
  readonly thresholds: readonly (keyof z.output<Options> & string)[]
}

/** A registered filter of either level. */
export type AnyFilterComponent = FilterComponent | CorpusFilterComponent

/** Ties a row filter's options to its schema. */
export function defineFilter<Options extends z.ZodObject>(
  component: Omit<FilterComponent<Options>, 'level'>,
): FilterComponent<Options> {
  return { ...component, level: 'row' }
}

/** Ties a corpus filter's options to its schema. */
export function defineCorpusFilter<Options extends z.ZodObject>(
  component: Omit<CorpusFilterComponent<Options>, 'level'>,
): CorpusFilterComponent<Options> {
  return { ...component, level: 'corpus' }
}
