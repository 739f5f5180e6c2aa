import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { EtlError } from '../core/errors.ts'
import type { ReadHandle, Storage } from '../core/storage.ts'

/** A Parquet file open for reading; only what is asked for is read from disk. */
export interface ParquetFile {
  readonly columns: readonly string[]
  /** First row of each row group, and the number of rows as the last entry. */
  readonly groupStarts: readonly number[]
  /** Rows `[start, end)` as objects with the given columns, those the file does not have left out. */
  rows(columns: readonly string[], start: number, end: number): Promise<Record<string, unknown>[]>
  close(): Promise<void>
}

/** Whether a file begins as Parquet does. */
export async function isParquet(storage: Storage, path: string): Promise<boolean> {
  const handle = await storage.open(path)
  try {
    return Buffer.from(await handle.read(0, 4)).toString('latin1') === 'PAR1'
  } finally {
    await handle.close()
  }
}

/** Opens a file and reads its footer. Damage is an `input-corrupt` error that calls the file `where`. */
export async function openParquet(storage: Storage, path: string, where: string): Promise<ParquetFile> {
  const handle = await storage.open(path)
  const file = asyncBuffer(handle)
  const guarded = async <T>(read: () => Promise<T>): Promise<T> => {
    try {
      return await read()
    } catch (cause) {
      if (cause instanceof EtlError) throw cause
      const what = `the Parquet file is truncated or damaged: ${cause instanceof Error ? cause.message : cause}`
      throw new EtlError('input-corrupt', { where, what, cause })
    }
  }
  const metadata = await guarded(() => parquetMetadataAsync(file)).catch(async (error: unknown) => {
    await handle.close()
    throw error
  })
  const columns = columnNames(metadata)
  return {
    columns,
    groupStarts: groupStarts(metadata),
    rows: (wanted, rowStart, rowEnd) =>
      guarded(() =>
        parquetReadObjects({
          file,
          metadata,
          compressors,
          rowStart,
          rowEnd,
          columns: wanted.filter((name) => columns.includes(name)),
        }),
      ),
    close: () => handle.close(),
  }
}

function asyncBuffer(handle: ReadHandle): AsyncBuffer {
  return {
    byteLength: handle.size,
    async slice(start, end = handle.size) {
      const bytes = await handle.read(start, end - start)
      return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer
    },
  }
}

/** Names of the top-level columns: the schema is a tree written depth first, with the number of children at each node. */
function columnNames({ schema }: FileMetaData): string[] {
  const names: string[] = []
  for (let at = 1; at < schema.length; ) {
    names.push(schema[at]?.name ?? '')
    for (let open = 1; open > 0 && at < schema.length; at++) open += (schema[at]?.num_children ?? 0) - 1
  }
  return names
}

function groupStarts({ row_groups }: FileMetaData): number[] {
  const starts = [0]
  for (const { num_rows } of row_groups) starts.push((starts.at(-1) ?? 0) + Number(num_rows))
  return starts
}
