/** A value that survives `JSON.parse(JSON.stringify(value))` unchanged. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json }
export type JsonObject = { readonly [key: string]: Json }

/** What a text is made of. The order is the numeric code used in batches and shards. */
export const KINDS = ['prose', 'code', 'mixed'] as const

/**
 * `prose` is judged as natural language; `code` is not (its language is the programming language);
 * in `mixed` text (a question with code, LaTeX) code spans and maths are left out of what is
 * identified.
 */
export type DocumentKind = (typeof KINDS)[number]

/** One text with its provenance, as a connector yields it. */
export interface Document {
  /**
   * Natural key inside the source (page id, question id, repo + path): never a dump date, a disk
   * path or a row number. The engine publishes `<source>:<key>`; without a key, 128 bits of the
   * content's hash stand in.
   */
  readonly key?: string
  /** Text as a string, or as valid UTF-8 bytes where the connector already has them. */
  readonly text: string | Uint8Array
  readonly kind: DocumentKind
  /**
   * Declared language: ISO 639 for prose, the linguist name in lower case for code. Filters may
   * correct it.
   */
  readonly lang?: string
  readonly url?: string
  /** SPDX expression where one exists, otherwise the licence's URL or the source's own words. */
  readonly license?: string
  readonly author?: string
  /** ISO 8601, UTC, when the text was first published. */
  readonly created?: string
  /**
   * ISO 8601, UTC, when this version was written. Of two documents with one id the newest is
   * published.
   */
  readonly revised?: string
  /** Whatever else is worth keeping; published as JSON with sorted keys. */
  readonly metadata?: JsonObject
  /**
   * How many items of the source this document was made of (a thread's posts); 1 unless said
   * otherwise.
   */
  readonly items?: number
}
