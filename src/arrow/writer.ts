import { createHash } from 'node:crypto'
import { compress } from '@bokuweb/zstd-wasm'
import { CompressionType, RecordBatchFileWriter } from 'apache-arrow'
import { BufferRegion } from 'apache-arrow/ipc/metadata/message'
import type { Storage } from '../core/storage.ts'
import { arrowSchema, type ColumnSpec, type Columns, recordBatch } from './columns.ts'
import { loadZstd, PUBLISHED_LEVEL } from './zstd.ts'

/**
 * An Arrow IPC file being written batch by batch. At most two batches are held in memory: while one goes to the disk the next
 * is made and compressed, so the values of a batch must not be changed once they are handed over.
 */
export interface ArrowFile {
  write(rows: number, columns: Columns): Promise<void>
  /** Writes the footer and publishes the file; its size in bytes and SHA-256 in hex. */
  commit(): Promise<{ readonly rows: number; readonly bytes: number; readonly sha256: string }>
  abort(): Promise<void>
}

export interface ArrowFileOptions {
  readonly columns: readonly ColumnSpec[]
  /** Written into the schema in this order. */
  readonly metadata?: ReadonlyMap<string, string>
  readonly compression: 'none' | 'zstd'
  /** Whether `commit` tells the SHA-256, as it does unless this is false; else it is empty. */
  readonly hashed?: boolean
  /** Permission bits; those of the process unless given. */
  readonly mode?: number
}

/** Creates an Arrow IPC file. The bytes depend on options and values only. */
export async function createArrowFile(storage: Storage, path: string, options: ArrowFileOptions): Promise<ArrowFile> {
  if (options.compression === 'zstd') await loadZstd()
  const schema = arrowSchema(options.columns, options.metadata ?? new Map())
  const encoder = new ChunkWriter(options.compression === 'zstd' ? CompressionType.ZSTD : null)
  encoder.reset(undefined, schema)
  const file = await storage.create(path, options.mode === undefined ? {} : { mode: options.mode })
  const hash = options.hashed === false ? undefined : createHash('sha256')
  let rowCount = 0
  let byteCount = 0
  let written = Promise.resolve()
  const writeChunks = async (chunks: readonly Uint8Array[]): Promise<void> => {
    for (const chunk of chunks) await file.write(chunk)
  }
  const flush = async (): Promise<void> => {
    const chunks = encoder.chunks.splice(0)
    for (const chunk of chunks) {
      hash?.update(chunk)
      byteCount += chunk.length
    }
    await written
    written = writeChunks(chunks)
    written.catch(() => undefined) // told by the next `await`
  }
  return {
    async write(rows, columns) {
      encoder.write(recordBatch(schema, options.columns, rows, columns))
      rowCount += rows
      await flush()
    },
    async commit() {
      encoder.finish()
      await flush()
      await written
      await file.commit()
      return { rows: rowCount, bytes: byteCount, sha256: hash?.digest('hex') ?? '' }
    },
    async abort() {
      await written.catch(() => undefined)
      await file.abort()
    },
  }
}

const LENGTH_PREFIX = 8
const padded = (length: number): number => (length + 7) & ~7

/**
 * The library's file writer with two corrections: chunks are handed out as they are made instead of being queued, and
 * compressed buffers carry their uncompressed length (the library writes the compressed one; fixed upstream after
 * 21.2.0 in apache/arrow-js#470).
 */
class ChunkWriter extends RecordBatchFileWriter {
  readonly chunks: Uint8Array[] = []

  constructor(compressionType: CompressionType | null) {
    super({ compressionType })
  }

  protected override _write(chunk: ArrayBufferView): this {
    if (this._started && chunk.byteLength > 0) {
      this.chunks.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength))
      this._position += chunk.byteLength
    }
    return this
  }

  protected override _compressBodyBuffers(buffers: ArrayBufferView[]) {
    const bodies: Uint8Array[] = []
    const regions: BufferRegion[] = []
    let position = 0
    for (const { buffer, byteOffset, byteLength } of buffers) {
      const raw = new Uint8Array(buffer, byteOffset, byteLength)
      const prefix = new Uint8Array(raw.length === 0 ? 0 : LENGTH_PREFIX)
      const packed = raw.length === 0 ? raw : compress(raw, PUBLISHED_LEVEL)
      const body = packed.length < raw.length ? packed : raw
      if (raw.length > 0) {
        new DataView(prefix.buffer).setBigInt64(0, body === raw ? -1n : BigInt(raw.length), true)
      }
      bodies.push(prefix, body)
      regions.push(new BufferRegion(position, prefix.length + body.length))
      position = padded(position + prefix.length + body.length)
    }
    return { byteLength: position, bufferRegions: regions, buffers: bodies }
  }
}
