import { type Batch, bytesAt, META_COLUMNS, type TextBuilder, type TextColumn, textBuilder } from '../core/batch.ts'

/** A batch with what the engine knows of each row besides: its place in the segment. */
export interface Rows {
  readonly batch: Batch
  /** Position in reading order inside the segment. */
  readonly ordinal: Uint32Array
}

const TEXT_COLUMNS = [...META_COLUMNS, 'text'] as const

/** One row of some rows. */
export interface RowRef {
  readonly rows: Rows
  readonly row: number
}

/** Copies the given rows, in the given order, into a batch of their own. */
export function gatherRows(source: string, refs: readonly RowRef[]): Rows {
  const columns = Object.fromEntries(
    TEXT_COLUMNS.map((name) => [name, gatherText(refs.map(({ rows, row }) => [rows.batch[name], row] as const))]),
  ) as Record<(typeof TEXT_COLUMNS)[number], TextColumn>
  return {
    batch: {
      source,
      rows: refs.length,
      kind: Uint8Array.from(refs, ({ rows, row }) => rows.batch.kind[row] ?? 0),
      items: Uint32Array.from(refs, ({ rows, row }) => rows.batch.items[row] ?? 0),
      ...columns,
      lang: refs.map(({ rows, row }) => rows.batch.lang[row] ?? ''),
      langScore: Float32Array.from(refs, ({ rows, row }) => rows.batch.langScore[row] ?? Number.NaN),
    },
    ordinal: Uint32Array.from(refs, ({ rows, row }) => rows.ordinal[row] ?? 0),
  }
}

/** The rows at the given ascending positions; the same rows, uncopied, if those are all of them. */
export function selectRows(rows: Rows, positions: readonly number[]): Rows {
  if (positions.length === rows.batch.rows) return rows
  return gatherRows(
    rows.batch.source,
    positions.map((row) => ({ rows, row })),
  )
}

/** The same rows with their own copy of everything that a filter may assign to. */
export function attemptOn(rows: Rows): Rows {
  const { batch } = rows
  return { ...rows, batch: { ...batch, lang: [...batch.lang], langScore: batch.langScore.slice() } }
}

/** The given cells, copied in order into a column of their own. */
export function gatherText(cells: readonly (readonly [TextColumn, number])[]): TextColumn {
  let size = 0
  for (const [column, row] of cells) size += (column.offsets[row + 1] ?? 0) - (column.offsets[row] ?? 0)
  const builder: TextBuilder = textBuilder(cells.length, size)
  for (const [column, row] of cells) {
    builder.append(bytesAt(column, row))
    builder.endRow()
  }
  return builder.finish()
}
