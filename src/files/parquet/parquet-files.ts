import type { Context } from '../../core/component.ts'
import type { Cursor, Partition } from '../../core/connector.ts'
import { EtlError, isEtlError } from '../../core/errors.ts'
import type { InputFile } from '../inputs.ts'
import { openParquet } from './parquet.ts'

/** A row of a Parquet file with the columns that were asked for. */
export interface ParquetRow {
  readonly cursor: Cursor
  readonly where: string
  readonly values: Readonly<Record<string, unknown>>
}

type Spec = Record<'path' | 'label', string> & Record<'rowStart' | 'rowEnd', number>

/** Most rows decoded at once. */
const MAX_ROWS = 10_000

/** Bytes of uncompressed columns decoded at once, as near as the size of the row group tells. */
const READ_BYTES = 32 << 20

/**
 * One partition a row group. A damaged file gets one partition, whose reading then says what is
 * wrong.
 */
export async function* parquetPartitions(
  context: Context,
  files: readonly InputFile[],
): AsyncIterable<Partition> {
  for (const { path, label, key, size } of files) {
    const starts = await groupStarts(context, path, label)
    const groups = starts.length - 1
    for (let group = 0; group < groups; group++) {
      const [rowStart = 0, rowEnd = 0] = starts.slice(group)
      const spec: Spec = { path, label, rowStart, rowEnd }
      yield {
        key: `${key}/${String(group).padStart(5, '0')}`,
        bytes: Math.ceil(size / groups),
        spec,
      }
    }
  }
}

async function groupStarts(
  context: Context,
  path: string,
  label: string,
): Promise<readonly number[]> {
  try {
    const file = await openParquet(context.storage, path, label)
    await file.close()
    return file.groupStarts
  } catch (error) {
    if (isEtlError(error) && error.code === 'input-corrupt') return [0, 1]
    throw error
  }
}

/**
 * The rows of a partition from a cursor on, a bounded number at a time. Of the columns those the
 * file does not have are left out; a file with none of `needed` is an `input-unsupported` error
 * that names what it has.
 */
export async function* parquetRows(
  context: Context,
  partition: Partition,
  from: Cursor | undefined,
  columns: readonly string[],
  needed: readonly string[] = [],
): AsyncIterable<ParquetRow> {
  const { path, label, rowStart, rowEnd } = partition.spec as Spec
  const file = await openParquet(context.storage, path, label)
  try {
    if (needed.length > 0 && !needed.some((name) => file.columns.includes(name))) {
      const what = `has no column ${needed.join(', ')}; its columns are ${file.columns.join(', ')}`
      throw new EtlError('input-unsupported', {
        where: label,
        what,
        hint: 'Name the column with `textField`.',
      })
    }
    const rowBytes = file.rowBytes(rowStart, columns)
    const step = Math.max(1, Math.min(MAX_ROWS, Math.floor(READ_BYTES / rowBytes)))
    for (let start = (from as number | undefined) ?? rowStart; start < rowEnd; start += step) {
      context.signal.throwIfAborted()
      const rows = await file.rows(columns, start, Math.min(start + step, rowEnd))
      for (const [index, values] of rows.entries()) {
        const row = start + index
        yield { cursor: row + 1, where: `${label}:row ${row}`, values }
      }
    }
  } finally {
    await file.close()
  }
}
