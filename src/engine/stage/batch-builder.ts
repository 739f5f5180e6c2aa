import { createHash } from 'node:crypto'
import { META_COLUMNS, type TextBuilder, textBuilder } from '../../core/batch.ts'
import { canonicalJson } from '../../core/canonical-json.ts'
import { type Document, KINDS } from '../../core/document.ts'
import type { Rows } from '../segments/rows.ts'

/** Reasons for which the engine drops a document before any filter sees it. */
export const ENGINE_REASONS = ['too-large', 'empty'] as const
/** A reason of the engine's own for dropping a document. */
export type EngineReason = (typeof ENGINE_REASONS)[number]

/** Packs documents into a batch. */
export interface BatchBuilder {
  /** Adds a document as the next row of the segment; returns the reason if the engine drops it. */
  add(document: Document): EngineReason | undefined
  readonly rows: number
  /** Bytes of text added so far. */
  readonly bytes: number
  finish(): { readonly rows: Rows; readonly reasons: readonly (EngineReason | undefined)[] }
}

/**
 * Bytes of text that fill a batch, which is what filters process at once and what is handed to
 * another worker. The output does not depend on it. With 2 MiB a run takes a tenth less CPU time
 * than with 1 MiB; with 4 MiB most of that gain is lost again (512 MB of text, AMD EPYC,
 * 2026-11-27).
 */
export const BATCH_BYTES = 2 << 20

/** Initial capacity for text: a full batch and a little more. */
const TEXT_BYTES = BATCH_BYTES + (1 << 16)

/** Bytes kept of a document that is too large, for inspection. */
const EXCERPT_BYTES = 4096

const encoder = new TextEncoder()

/** Starts a batch whose first row has the given ordinal. */
export function batchBuilder(
  source: string,
  firstOrdinal: number,
  maxDocumentBytes: number,
): BatchBuilder {
  const text = textBuilder(1024, TEXT_BYTES)
  const meta = Object.fromEntries(
    META_COLUMNS.map((name) => [name, textBuilder(64, 1 << 12)]),
  ) as Record<(typeof META_COLUMNS)[number], TextBuilder>
  const kind: number[] = []
  const items: number[] = []
  const lang: string[] = []
  const reasons: (EngineReason | undefined)[] = []

  const addMeta = (name: (typeof META_COLUMNS)[number], value: string | undefined): void => {
    if (value) meta[name].appendText(value)
    meta[name].endRow()
  }

  return {
    add(document) {
      const bytes =
        typeof document.text === 'string' ? encoder.encode(document.text) : document.text
      const tooLarge = bytes.length > maxDocumentBytes
      const reason = tooLarge ? 'too-large' : isBlank(bytes) ? 'empty' : undefined
      text.append(tooLarge ? bytes.subarray(0, characterBoundary(bytes, EXCERPT_BYTES)) : bytes)
      text.endRow()
      addMeta('id', `${source}:${document.key ?? contentKey(bytes)}`)
      addMeta('url', document.url)
      addMeta('license', document.license)
      addMeta('author', document.author)
      addMeta('created', document.created)
      addMeta('revised', document.revised)
      addMeta('metadata', document.metadata && canonicalJson(document.metadata))
      kind.push(KINDS.indexOf(document.kind))
      items.push(document.items ?? 1)
      lang.push(document.lang ?? '')
      reasons.push(reason)
      return reason
    },
    get rows() {
      return reasons.length
    },
    get bytes() {
      return text.length
    },
    finish() {
      const columns = Object.fromEntries(
        META_COLUMNS.map((name) => [name, meta[name].finish()]),
      ) as Record<(typeof META_COLUMNS)[number], ReturnType<TextBuilder['finish']>>
      const rows: Rows = {
        batch: {
          source,
          rows: reasons.length,
          kind: Uint8Array.from(kind),
          items: Uint32Array.from(items),
          text: text.finish(),
          ...columns,
          lang,
          langScore: new Float32Array(reasons.length).fill(Number.NaN),
        },
        ordinal: Uint32Array.from(reasons, (_, row) => firstOrdinal + row),
      }
      return { rows, reasons }
    },
  }
}

/**
 * The first 128 bits of the SHA-256 of the text, in hex: the key of a document whose source has
 * none.
 */
function contentKey(text: Uint8Array): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

function isBlank(text: Uint8Array): boolean {
  for (let at = 0; at < text.length; at++) if ((text[at] ?? 0) > 0x20) return false
  return true
}

/** The largest length up to `length` that does not split a UTF-8 character. */
export function characterBoundary(text: Uint8Array, length: number): number {
  let end = Math.min(length, text.length)
  while (end > 0 && end < text.length && ((text[end] ?? 0) & 0xc0) === 0x80) end--
  return end
}
