import type { z } from 'zod'
import type { Batch, TextColumn } from './batch.ts'
import type { Component } from './component.ts'
import type { DocumentKind } from './document.ts'
import type { Storage } from './storage.ts'

/**
 * How a measure is stored: 32-bit float, unsigned 32-bit integer, or a short string from a small
 * set.
 */
export interface MeasureSpec {
  readonly type: 'number' | 'count' | 'label'
  /** One sentence, unit included; shown in reports and docs. */
  readonly description: string
}

/**
 * Where `measure` leaves its findings: one array a measure, one entry a row, zero or `''` at first.
 */
export interface Measures {
  number(name: string): Float32Array
  count(name: string): Uint32Array
  label(name: string): string[]
}

/** One row as `judge` sees it: nothing but what is in the ledger. */
export interface MeasuredRow {
  readonly kind: DocumentKind
  readonly lang: string
  readonly values: Readonly<Record<string, number | string>>
}

/** The reason to drop the row for, or undefined to keep it. */
export type Verdict = string | undefined

/** A row filter in two halves, so that thresholds can be changed without reading anything again. */
export interface Filter {
  /** Everything it may drop a row for, kebab-case. */
  readonly reasons: readonly string[]
  readonly measures: Readonly<Record<string, MeasureSpec>>
  /**
   * Fills `out` for every row; may replace columns of the batch if `rewrites` is set. Rows do not
   * depend on each other.
   */
  measure(batch: Batch, out: Measures): void
  /** Pure. */
  judge(row: MeasuredRow): Verdict
  /** Whether `measure` may change text, metadata or language. */
  readonly rewrites?: boolean
  /**
   * Whether nothing may be published that did not pass its rewriting: applied to dropped rows too.
   */
  readonly redacts?: boolean
}

/** A row filter as it is registered. */
export interface FilterComponent<Options extends z.ZodObject = z.ZodObject>
  extends Component<Options, Filter> {
  readonly level: 'row'
  /** Options that only `judge` reads: changing them re-judges stored measures and reads nothing. */
  readonly thresholds: readonly (keyof z.output<Options> & string)[]
}

/**
 * A stretch of consecutive documents of the sketch store. Documents are numbered from 0 in reading
 * order.
 */
export interface SketchBlock {
  readonly firstRow: number
  readonly rows: number
  /** `sketchBytes` a row. */
  readonly sketches: Uint8Array
  readonly id: TextColumn
  /** Text length in bytes. */
  readonly bytes: Uint32Array
  /** Position of the row's source in the manifest. */
  readonly source: Uint16Array
  readonly kind: Uint8Array
  readonly lang: TextColumn
}

/** Sketches of every document that passed all row filters, and a way back to their texts. */
export interface SketchStore {
  readonly rows: number
  /** Names of the sources in manifest order. */
  readonly sources: readonly string[]
  /** Documents `[0, baseRows)` belong to earlier corpora: they rank first and are never removed. */
  readonly baseRows: number
  /** One sequential pass over the sketches; the arrays of a block are gone with the next one. */
  scan(): AsyncIterable<SketchBlock>
  /** One sequential pass over the texts of the wanted rows (all, if not given), in order. */
  texts(
    wanted?: (row: number) => boolean,
  ): AsyncIterable<{ readonly row: number; readonly text: Uint8Array }>
  readonly storage: Storage
  /**
   * Folder for temporary and resumable files; emptied by the engine when its fingerprint changes.
   */
  readonly folder: string
  readonly memoryBytes: number
  /** Processes or threads it may keep busy. */
  readonly workers: number
  readonly signal: AbortSignal
  warn(message: string): void
  /** 0 to 1, for the progress display. */
  progress(share: number, phase: string): void
}

/** The removal of one document in favour of another that is kept. */
export interface Decision {
  readonly row: number
  readonly reason: string
  /** Row of a document that is kept. */
  readonly survivor: number
  /** What was compared, 0 to 1. */
  readonly similarity: number
}

/** Something in the outcome that a person should look at. */
export interface Alarm {
  /** kebab-case. */
  readonly code: string
  readonly message: string
}

/**
 * A corpus filter needs all documents: a compact sketch per document first, decisions after. Runs
 * after all row filters.
 */
export interface CorpusFilter {
  readonly reasons: readonly string[]
  /** Bytes per document that `sketch` writes. */
  readonly sketchBytes: number
  /** Writes row i at `out[i * sketchBytes]`; `out` is zeroed. */
  sketch(batch: Batch, out: Uint8Array): void
  /** Each removed row once, in any order; the same set for any worker count. */
  decide(store: SketchStore): AsyncIterable<Decision | { readonly alarm: Alarm }>
}

/** A corpus filter as it is registered. */
export interface CorpusFilterComponent<Options extends z.ZodObject = z.ZodObject>
  extends Component<Options, CorpusFilter> {
  readonly level: 'corpus'
  /** Options that only `decide` reads: changing them keeps the sketches. */
  readonly thresholds: readonly (keyof z.output<Options> & string)[]
}

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
