/** A value that survives `JSON.parse(JSON.stringify(value))` unchanged. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json }
/** A JSON object. */
export type JsonObject = { readonly [key: string]: Json }

/** Kinds of text. A kind's position is its numeric code in batches and shards. */
export const KINDS = ['prose', 'code', 'mixed'] as const

/**
 * `prose` is judged as natural language. `code` is not; its language is the programming language.
 * In `mixed` text (a question with code, LaTeX) code spans and maths are ignored by language
 * identification.
 */
export type DocumentKind = (typeof KINDS)[number]

/** One text with its provenance, as a connector yields it. */
export interface Document {
  /**
   * Natural key within the source (page id, question id, repo + path): never a dump date, a disk
   * path or a row number. The engine publishes `<source>:<key>`. Without a key it uses 128 bits of
   * the content's hash.
   */
  readonly key?: string
  /** The text as a string, or as valid UTF-8 bytes if the connector already has them. */
  readonly text: string | Uint8Array
  readonly kind: DocumentKind
  /**
   * Declared language: ISO 639 for prose, the lower-case Linguist name for code. Filters may
   * correct it.
   */
  readonly lang?: string
  readonly url?: string
  /** SPDX expression where one exists, otherwise the licence's URL or the source's own wording. */
  readonly license?: string
  readonly author?: string
  /** ISO 8601, UTC, when the text was first published. */
  readonly created?: string
  /**
   * ISO 8601, UTC, when this version was written. Among documents with the same id the newest is
   * published.
   */
  readonly revised?: string
  /** Anything else worth keeping; published as JSON with sorted keys. */
  readonly metadata?: JsonObject
  /** Number of source items this document was made of (a thread's posts); 1 by default. */
  readonly items?: number
}
