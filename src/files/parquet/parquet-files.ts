import type { Context } from '../../core/component.ts'
import type { Cursor, Partition } from '../../core/connector.ts'
import { EtlError, isEtlError } from '../../core/errors.ts'
import type { InputFile } from '../inputs.ts'
import { openParquet } from './parquet.ts'

/** A row of a Parquet file with the requested columns. */
export interface ParquetRow {
  readonly cursor: Cursor
  readonly where: string
  readonly values: Readonly<Record<string, unknown>>
}

type Spec = Record<'path' | 'label', string> & Record<'rowStart' | 'rowEnd', number>

/** Maximum number of rows decoded at once. */
const MAX_ROWS = 10_000

/** Uncompressed bytes decoded at once, estimated from the size of the row group. */
const READ_BYTES = 32 << 20

/**
 * Yields one partition per row group. A damaged file gets one partition; reading it reports the
 * damage.
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
 * Yields the rows of a partition, starting at a cursor. A bounded number of rows is decoded at a
 * time. Requested columns that the file lacks are omitted. If the file has none of `needed`, an
 * `input-unsupported` error lists its columns.
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
