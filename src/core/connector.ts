import type { z } from 'zod'
import type { Component } from './component.ts'
import type { Document, Json, JsonObject } from './document.ts'

/** Where reading of a partition resumes, as plain JSON. */
export type Cursor = Json

/**
 * An independent, deterministic piece of a source: the unit of parallelism, on one machine or on a
 * cluster.
 */
export interface Partition {
  /**
   * Unique and stable within the source. It names the work folder, so only letters, digits, `.`,
   * `_`, `-` and `/` are allowed.
   */
  readonly key: string
  /** Approximate input size in bytes, for progress and scheduling; 0 where unknown. */
  readonly bytes: number
  /** What `read` needs to find the piece. */
  readonly spec: JsonObject
  /**
   * Set by the engine: the modification times of the files that `spec` names as `path`. Changed
   * files make it another partition.
   */
  readonly stamp?: string
}

/** A piece of a thread. `assemble` turns all records with one key into documents. */
export type SourceRecord = JsonObject

/** Something in the source that is not published, and why. Counted under its reason. */
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

/** What `read` yields. `cursor` points just past the item. */
export type Item = { readonly cursor: Cursor } & (
  | { readonly document: Document }
  | { readonly record: SourceRecord }
  | Skipped
  /** Moves the cursor through a long stretch without output. */
  | { readonly progress: true }
)

/** For threads: records are shuffled by key into buckets on disk, resumably, and then assembled. */
export interface Grouping {
  key(record: SourceRecord): string
  /**
   * Turns all records of one key, in reading order (partition, then position), into documents.
   * Every record must be accounted for: `items` of the documents plus the skipped entries (one
   * each) add up to `records.length`.
   */
  assemble(records: readonly SourceRecord[]): Iterable<{ readonly document: Document } | Skipped>
}

/** Reads one kind of source. */
export interface Connector {
  /**
   * Yields the same partitions in the same order for the same input. It is cheap and opens only
   * files it has to.
   */
  partitions(): AsyncIterable<Partition>
  /**
   * Yields the same items in the same order on every read, from the beginning or from any cursor it
   * has yielded.
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
