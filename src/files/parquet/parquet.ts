import {
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
} from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { EtlError } from '../../core/errors.ts'
import type { ReadHandle, Storage } from '../../core/storage.ts'

/** A Parquet file open for reading. Only the requested parts are read from disk. */
export interface ParquetFile {
  readonly columns: readonly string[]
  /** First row of each row group, followed by the total number of rows. */
  readonly groupStarts: readonly number[]
  /**
   * Reads rows `[start, end)` as objects with the given columns. Columns that the file lacks are
   * omitted.
   */
  rows(columns: readonly string[], start: number, end: number): Promise<Record<string, unknown>[]>
  /**
   * Average uncompressed bytes per row in these columns, over the row group that begins at row
   * `start`.
   */
  rowBytes(start: number, columns: readonly string[]): number
  close(): Promise<void>
}

/**
 * A page that declares a larger uncompressed size is treated as a decompression bomb: writers make
 * pages of about a megabyte.
 */
const MAX_PAGE_BYTES = 512 << 20

/** Maximum bytes read at once: one compressed column of a row group. */
const MAX_READ_BYTES = 1 << 30

/** Whether a file begins with Parquet's magic bytes. */
export async function isParquet(storage: Storage, path: string): Promise<boolean> {
  const handle = await storage.open(path)
  try {
    return Buffer.from(await handle.read(0, 4)).toString('latin1') === 'PAR1'
  } finally {
    await handle.close()
  }
}

/**
 * Opens a file and reads its footer. Damage is an `input-corrupt` error that names the file
 * `where`.
 */
export async function openParquet(
  storage: Storage,
  path: string,
  where: string,
): Promise<ParquetFile> {
  const handle = await storage.open(path)
  const file = asyncBuffer(handle, where)
  const guarded = async <T>(read: () => Promise<T>): Promise<T> => {
    try {
      return await read()
    } catch (cause) {
      if (cause instanceof EtlError) throw cause
      const reason = cause instanceof Error ? cause.message : cause
      const what = `the Parquet file is truncated or damaged: ${reason}`
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
          compressors: boundedCompressors,
          // Reads only the pages that contain the rows, if the writer recorded their offsets.
          useOffsetIndex: true,
          rowStart,
          rowEnd,
          columns: wanted.filter((name) => columns.includes(name)),
        }),
      ),
    rowBytes: (start, wanted) => rowBytes(metadata, start, wanted),
    close: () => handle.close(),
  }
}

const boundedCompressors: Compressors = Object.fromEntries(
  Object.entries(compressors).map(([codec, decompress]) => [
    codec,
    (input: Uint8Array, outputLength: number) => {
      if (outputLength > MAX_PAGE_BYTES) throw new Error(`a page of ${outputLength} bytes`)
      return decompress(input, outputLength)
    },
  ]),
)

function asyncBuffer(handle: ReadHandle, where: string): AsyncBuffer {
  return {
    byteLength: handle.size,
    async slice(start, end = handle.size) {
      if (end - start > MAX_READ_BYTES) {
        const what =
          `a row group has a column of ${end - start} bytes, ` +
          `and at most ${MAX_READ_BYTES} are read at once`
        throw new EtlError('input-unsupported', {
          where,
          what,
          hint: 'Write the file again with smaller row groups.',
        })
      }
      const bytes = await handle.read(start, end - start)
      return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer
    },
  }
}

/**
 * Names of the top-level columns. The schema is a tree in depth-first order with the number of
 * children at each node.
 */
function columnNames({ schema }: FileMetaData): string[] {
  const names: string[] = []
  for (let at = 1; at < schema.length; ) {
    names.push(schema[at]?.name ?? '')
    for (let open = 1; open > 0 && at < schema.length; at++)
      open += (schema[at]?.num_children ?? 0) - 1
  }
  return names
}

function groupStarts({ row_groups }: FileMetaData): number[] {
  const starts = [0]
  for (const { num_rows } of row_groups) starts.push((starts.at(-1) ?? 0) + Number(num_rows))
  return starts
}

function rowBytes({ row_groups }: FileMetaData, start: number, wanted: readonly string[]): number {
  let first = 0
  for (const { columns, num_rows } of row_groups) {
    if (first === start) {
      const used = columns.filter(({ meta_data }) =>
        wanted.includes(meta_data?.path_in_schema[0] ?? ''),
      )
      const bytes = used.reduce(
        (sum, { meta_data }) => sum + Number(meta_data?.total_uncompressed_size ?? 0),
        0,
      )
      return Math.max(1, bytes / Math.max(1, Number(num_rows)))
    }
    first += Number(num_rows)
  }
  return 1
}
