import type { FileHandle } from 'node:fs/promises'
import { RecordBatchReader } from 'apache-arrow'
import { EtlError } from '../core/errors.ts'
import type { Storage } from '../core/storage.ts'
import { type Columns, columnsOf } from './columns.ts'
import { loadZstd } from './zstd.ts'

/** Some consecutive rows of an Arrow file. */
export interface ColumnBatch {
  readonly rows: number
  readonly columns: Columns
}

/** An Arrow IPC file opened for random access. */
export interface OpenArrowFile {
  readonly batchCount: number
  readonly metadata: ReadonlyMap<string, string>
  batch(index: number): Promise<ColumnBatch>
  close(): Promise<void>
}

/** Opens an Arrow IPC file; reads its footer only. A damaged file is an `EtlError` of code `corpus-invalid`. */
export async function openArrowFile(storage: Storage, path: string): Promise<OpenArrowFile> {
  await loadZstd()
  const handle = await storage.open(path)
  const asFileHandle = {
    fd: -1,
    stat: async () => ({ size: handle.size }),
    async read(buffer: Uint8Array, offset: number, length: number, position: number) {
      const bytes = await handle.read(position, length)
      buffer.set(bytes, offset)
      return { bytesRead: bytes.length, buffer }
    },
    close: () => handle.close(),
  }
  const damaged = (cause: unknown) =>
    new EtlError('corpus-invalid', { where: path, what: 'not a readable Arrow file', cause })
  try {
    const reader = await RecordBatchReader.from(asFileHandle as unknown as FileHandle)
    await reader.open()
    if (!reader.isFile()) throw new Error('no Arrow file footer')
    return {
      batchCount: reader.numRecordBatches,
      metadata: reader.schema.metadata,
      async batch(index) {
        try {
          const batch = await reader.readRecordBatch(index)
          if (batch === null) throw new RangeError(`no batch ${index}`)
          return { rows: batch.numRows, columns: columnsOf(batch) }
        } catch (cause) {
          throw damaged(cause)
        }
      },
      close: () => handle.close(),
    }
  } catch (cause) {
    await handle.close()
    throw damaged(cause)
  }
}

/** All batches of an Arrow file in order. */
export async function* readArrowFile(storage: Storage, path: string): AsyncIterable<ColumnBatch> {
  const file = await openArrowFile(storage, path)
  try {
    for (let index = 0; index < file.batchCount; index++) yield await file.batch(index)
  } finally {
    await file.close()
  }
}
