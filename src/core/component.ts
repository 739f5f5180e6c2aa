import type { z } from 'zod'
import type { Storage } from './storage.ts'

/** What a component receives besides its options. */
export interface Context {
  readonly storage: Storage
  /** Absolute folder that relative paths in options are resolved against: the manifest's. */
  readonly folder: string
  /**
   * Absolute folder for results that are expensive to compute again (OCR). It is kept between runs
   * and never published.
   */
  readonly cache: string
  /** Bytes of memory the component may plan to use. */
  readonly memoryBytes: number
  readonly signal: AbortSignal
  /** Warns the user. Each message is shown once and kept in the report. */
  warn(message: string): void
}

/**
 * The common shape of connectors, filters and backends. Types, defaults, validation, JSON Schema,
 * docs/components.md and `etl list` are all derived from it.
 */
export interface Component<Options extends z.ZodObject, Instance> {
  /** kebab-case: the manifest's `type` and the file's or folder's name. */
  readonly name: string
  /** Raised whenever the output changes for the same input; part of every fingerprint. */
  readonly version: number
  /** One sentence. */
  readonly summary: string
  /** A strict object. Every option has a description and its unit in its name. */
  readonly options: Options
  /** The smallest options that work. The contract tests run with them. */
  readonly example: z.input<Options>
  /**
   * Called in every process of a run, although few of them use all that it sets up. Tables and
   * models are therefore built `lazily`.
   */
  create(options: z.output<Options>, context: Context): Instance | Promise<Instance>
}
