import type { z } from 'zod'
import type { Storage } from './storage.ts'

/** What a component is given besides its options. */
export interface Context {
  readonly storage: Storage
  /** Absolute folder that relative paths in options start from: the manifest's. */
  readonly folder: string
  /**
   * Absolute folder for what is costly to make again (OCR results); survives runs, never published.
   */
  readonly cache: string
  /** Bytes of memory the component may plan with. */
  readonly memoryBytes: number
  readonly signal: AbortSignal
  /** Says something the user should know; shown once per message and kept in the report. */
  warn(message: string): void
}

/**
 * One shape behind connectors, filters and backends. From it come types, defaults, validation, JSON
 * Schema, docs/components.md and `etl list`.
 */
export interface Component<Options extends z.ZodObject, Instance> {
  /** kebab-case: the manifest's `type` and the file's or folder's name. */
  readonly name: string
  /** Raised whenever the output changes for the same input: part of every fingerprint. */
  readonly version: number
  /** One sentence. */
  readonly summary: string
  /** A strict object; every option described, its unit in its name. */
  readonly options: Options
  /** The smallest options that work; run by the contract tests. */
  readonly example: z.input<Options>
  /**
   * Every process of a run calls it, few of them use all that it makes: tables and models are made
   * `lazily`.
   */
  create(options: z.output<Options>, context: Context): Instance | Promise<Instance>
}
