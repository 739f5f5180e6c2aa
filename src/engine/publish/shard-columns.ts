import type { ColumnSpec, Columns, NumberColumn } from '../../arrow/columns.ts'
import type { TextColumn } from '../../core/batch.ts'
import { KINDS } from '../../core/document.ts'

/** Specification of a text column of a published file. */
export const textSpec = (name: string, optional = false): ColumnSpec => ({
  name,
  type: 'utf8',
  optional,
})

/** Columns of a published shard. */
export const SHARD_COLUMNS: readonly ColumnSpec[] = [
  textSpec('id'),
  textSpec('text'),
  textSpec('source'),
  textSpec('kind'),
  textSpec('lang', true),
  { name: 'lang_score', type: 'float32' },
  textSpec('url', true),
  textSpec('license', true),
  textSpec('author', true),
  textSpec('created', true),
  textSpec('metadata', true),
]

/** Values of the shard columns, from the columns of a segment's documents. */
export function shardColumns(source: string, rows: number, documents: Columns): Columns {
  const { id, text, kind, lang, lang_score, url, license, author, created, metadata } = documents
  return {
    id,
    text,
    source: repeated(source, rows),
    kind: labelColumn(KINDS, kind as NumberColumn),
    lang,
    lang_score,
    url,
    license,
    author,
    created,
    metadata,
  } as Columns
}

/** A column that holds the same text in every row. */
export function repeated(text: string, rows: number): TextColumn {
  return labelColumn([text], new Uint8Array(rows))
}

/** A column of the labels with the given indices; the first label for an unknown index. */
export function labelColumn(labels: readonly string[], indices: NumberColumn): TextColumn {
  const encoded = labels.map((label) => Buffer.from(label))
  const offsets = new Int32Array(indices.length + 1)
  let length = 0
  for (let row = 0; row < indices.length; row++) {
    length += (encoded[indices[row] ?? 0] ?? encoded[0])?.length ?? 0
    offsets[row + 1] = length
  }
  const bytes = new Uint8Array(length)
  for (let row = 0; row < indices.length; row++) {
    const label = encoded[indices[row] ?? 0] ?? encoded[0]
    if (label) bytes.set(label, offsets[row])
  }
  return { bytes, offsets }
}
