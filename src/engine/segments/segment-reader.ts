import { type Columns, isText } from '../../arrow/columns.ts'
import { readArrowFile } from '../../arrow/reader.ts'
import { bytesAt, type TextColumn, textAt } from '../../core/batch.ts'
import type { Storage } from '../../core/storage.ts'
import { KEPT, type Ledger, type MeasureValues } from './ledger.ts'
import type { Rows } from './rows.ts'

/** Reads the documents of a `kept` or `dropped` file, batch by batch. */
export async function* readDocuments(
  storage: Storage,
  path: string,
  source: string,
): AsyncIterable<Rows> {
  for await (const { rows, columns } of readArrowFile(storage, path))
    yield rowsOf(source, rows, columns)
}

/** Views the columns of a segment's file as documents, without copying their texts. */
export function rowsOf(source: string, rows: number, columns: Columns): Rows {
  const text = (name: string): TextColumn => columns[name] as TextColumn
  const strings = (name: string): string[] =>
    Array.from({ length: rows }, (_, row) => textAt(text(name), row))
  return {
    batch: {
      source,
      rows,
      kind: columns.kind as Uint8Array,
      items: columns.items as Uint32Array,
      text: text('text'),
      id: text('id'),
      url: text('url'),
      license: text('license'),
      author: text('author'),
      created: text('created'),
      revised: text('revised'),
      metadata: text('metadata'),
      lang: strings('lang'),
      langScore: columns.lang_score as Float32Array,
    },
    ordinal: columns.ordinal as Uint32Array,
  }
}

/** A stretch of a segment's ledger, in reading order. */
export interface LedgerRows extends Ledger {
  readonly id: TextColumn
  readonly revised: TextColumn
  readonly license: TextColumn
  readonly lang: TextColumn
  readonly langScore: Float32Array
  readonly kind: Uint8Array
  readonly items: Uint32Array
  readonly bytes: Uint32Array
  readonly words: Uint32Array
}

/** Reads the ledger of a segment, batch by batch. Labels are decoded to strings. */
export async function* readLedger(storage: Storage, path: string): AsyncIterable<LedgerRows> {
  for await (const { rows, columns } of readArrowFile(storage, path)) {
    const values = new Map<string, MeasureValues>()
    for (const [name, column] of Object.entries(columns)) {
      if (!name.includes('.')) continue
      values.set(name, isText(column) ? labelsOf(column, rows) : (column as Float32Array))
    }
    yield {
      rows,
      id: columns.id as TextColumn,
      revised: columns.revised as TextColumn,
      license: columns.license as TextColumn,
      lang: columns.lang as TextColumn,
      langScore: columns.lang_score as Float32Array,
      kind: columns.kind as Uint8Array,
      items: columns.items as Uint32Array,
      bytes: columns.bytes as Uint32Array,
      words: columns.words as Uint32Array,
      step: columns.step as Int16Array,
      reached: columns.reached as Int16Array,
      reason: labelsOf(columns.reason as TextColumn, rows),
      values,
    }
  }
}

/** Up to this many labels, comparing a value with all of them is faster than decoding it. */
const FEW_LABELS = 16

/**
 * Decodes a column that has few distinct values. A value equal to an earlier one is not decoded
 * again.
 */
export function labelsOf(column: TextColumn, rows: number): string[] {
  const known: { readonly bytes: Uint8Array; readonly text: string }[] = []
  const labels: string[] = []
  for (let row = 0; row < rows; row++) {
    const seen = known.find(({ bytes }) => holds(column, row, bytes))
    const text = seen?.text ?? textAt(column, row)
    if (seen === undefined && known.length < FEW_LABELS)
      known.push({ bytes: bytesAt(column, row), text })
    labels.push(text)
  }
  return labels
}

function holds({ bytes, offsets }: TextColumn, row: number, label: Uint8Array): boolean {
  const start = offsets[row] ?? 0
  if ((offsets[row + 1] ?? 0) - start !== label.length) return false
  for (let at = 0; at < label.length; at++) if (bytes[start + at] !== label[at]) return false
  return true
}

/** Whether a row of a ledger passed every row filter. */
export function isKept(ledger: Ledger, row: number): boolean {
  return ledger.step[row] === KEPT
}
