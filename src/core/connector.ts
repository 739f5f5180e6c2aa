import type { z } from 'zod'
import type { Component } from './component.ts'
import type { Document, Json, JsonObject } from './document.ts'

/** Plain JSON saying where in a partition reading can go on. */
export type Cursor = Json

/**
 * An independent, deterministic piece of a source: the unit of parallelism, on one machine or on a
 * cluster.
 */
export interface Partition {
  /**
   * Unique and stable inside the source; names the work folder, so letters, digits, `.`, `_`, `-`
   * and `/` only.
   */
  readonly key: string
  /** Rough input size in bytes, for progress and scheduling; 0 where unknown. */
  readonly bytes: number
  /** What `read` needs to find the piece. */
  readonly spec: JsonObject
  /**
   * Set by the engine: when the files that `spec` names as `path` were changed. With other files it
   * is another partition.
   */
  readonly stamp?: string
}

/**
 * A piece of a thread, on its way to the documents that `assemble` makes of all pieces with one
 * key.
 */
export type SourceRecord = JsonObject

/** Something of the source that is not published, and why. Counted under its reason. */
export interface Skipped {
  /** kebab-case reason: `redirect`, `malformed-row`. */
  readonly skipped: string
  /**
   * File and position, for people: `dump.xml:1024` (bytes) or `a.jsonl:17` (lines, named as such).
   */
  readonly where: string
  /** The bad row itself, kept in the quarantine folder. */
  readonly raw?: Uint8Array
}

/** What `read` yields; `cursor` is the place just past the item. */
export type Item = { readonly cursor: Cursor } & (
  | { readonly document: Document }
  | { readonly record: SourceRecord }
  | Skipped
  /** Long stretches without output still move the cursor. */
  | { readonly progress: true }
)

/** For threads: records are shuffled by key into buckets on disk, resumably, then assembled. */
export interface Grouping {
  key(record: SourceRecord): string
  /**
   * All records of one key, in reading order (partition, then position), to documents. Every record
   * must be accounted for: `items` of the documents and the skipped entries (one each) add up to
   * `records.length`.
   */
  assemble(records: readonly SourceRecord[]): Iterable<{ readonly document: Document } | Skipped>
}

/** Reads one kind of source. */
export interface Connector {
  /**
   * Same partitions in the same order for the same input, and cheap: opens nothing it does not have
   * to.
   */
  partitions(): AsyncIterable<Partition>
  /**
   * Same items in the same order on every read, from the beginning or from any cursor it has
   * yielded.
   */
  read(partition: Partition, from?: Cursor): AsyncIterable<Item>
  /** Present when `read` yields records. */
  readonly grouping?: Grouping
}

/** A connector as it is registered. */
export interface ConnectorComponent<Options extends z.ZodObject = z.ZodObject>
  extends Component<Options, Connector> {
  /** Terms the user should see once before the source is read. */
  readonly notice?: string
}

/** Ties a connector's options to its schema. */
export function defineConnector<Options extends z.ZodObject>(
  component: ConnectorComponent<Options>,
): ConnectorComponent<Options> {
  return component
}
