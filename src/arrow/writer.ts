import { createHash } from 'node:crypto'
import { CompressionType, RecordBatchFileWriter } from 'apache-arrow'
import { FileBlock } from 'apache-arrow/ipc/metadata/file'
import { BufferRegion } from 'apache-arrow/ipc/metadata/message'
import type { Storage } from '../core/storage.ts'
import { arrowSchema, type ColumnSpec, type Columns, recordBatch } from './columns.ts'
import { packZstd } from './zstd.ts'

/**
 * An Arrow IPC file being written batch by batch. It holds at most two batches in memory: while one
 * is written to disk, the next is built and compressed. Without compression the values of a batch
 * must therefore stay unchanged until `settled` resolves. With compression their memory is free
 * once `write` resolves.
 */
export interface ArrowFile {
  write(rows: number, columns: Columns): Promise<void>
  /** Resolves when everything has been written to disk. */
  settled(): Promise<void>
  /** The record batches written so far. */
  blocks(): ArrowBlock[]
  /** Writes the footer and publishes the file. Returns its size in bytes and its SHA-256 in hex. */
  commit(): Promise<{ readonly rows: number; readonly bytes: number; readonly sha256: string }>
  abort(): Promise<void>
}

/** Sizes in bytes of the message and the body of a record batch. */
export type ArrowBlock = readonly [message: number, body: number]

/** What an Arrow file contains and how it is written. */
export interface ArrowFileOptions {
  readonly columns: readonly ColumnSpec[]
  /** Written into the schema in this order. */
  readonly metadata?: ReadonlyMap<string, string>
  readonly compression: 'none' | 'zstd'
  /** Whether `commit` computes the SHA-256; true by default. Otherwise `sha256` is empty. */
  readonly hashed?: boolean
  /** Permission bits; the process default unless set. */
  readonly mode?: number
  /**
   * Whether to write record batches only, to be joined with others inside an `arrowFrame`. Such a
   * file is not synced to disk.
   */
  readonly part?: boolean
}

/** Creates an Arrow IPC file. Its bytes depend only on the options and the values. */
export async function createArrowFile(
  storage: Storage,
  path: string,
  options: ArrowFileOptions,
): Promise<ArrowFile> {
  const { encoder, schema } = startEncoder(options)
  if (options.part) encoder.chunks.length = 0
  const file = await storage.create(path, {
    ...(options.mode === undefined ? {} : { mode: options.mode }),
    durable: !options.part,
  })
  const hash = options.hashed === false ? undefined : createHash('sha256')
  let rowCount = 0
  let byteCount = 0
  let written = Promise.resolve()
  const writeChunks = async (chunks: readonly Uint8Array[]): Promise<void> => {
    for (const chunk of chunks) await file.write(chunk)
  }
  const flush = async (): Promise<void> => {
    const chunks = withSmallJoined(encoder.chunks.splice(0))
    for (const chunk of chunks) {
      hash?.update(chunk)
      byteCount += chunk.length
    }
    await written
    written = writeChunks(chunks)
    written.catch(() => undefined) // thrown by the next `await`
  }
  return {
    async write(rows, columns) {
      encoder.write(recordBatch(schema, options.columns, rows, columns))
      rowCount += rows
      await flush()
    },
    settled: () => written,
    blocks: () => encoder.blocks(),
    async commit() {
      if (!options.part) encoder.finish()
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

/**
 * The bytes before and after the record batches when parts are joined. The whole equals what
 * `createArrowFile` would write.
 */
export function arrowFrame(
  options: ArrowFileOptions,
  blocks: readonly ArrowBlock[],
): { head: Buffer; foot: Buffer } {
  const { encoder } = startEncoder(options)
  const head = Buffer.concat(encoder.chunks.splice(0))
  for (const block of blocks) encoder.adopt(block)
  encoder.finish()
  return { head, foot: Buffer.concat(encoder.chunks) }
}

/** An encoder that has already produced the head of the file with the schema. */
function startEncoder({ columns, metadata, compression }: ArrowFileOptions) {
  const schema = arrowSchema(columns, metadata ?? new Map())
  const encoder = new ChunkWriter(compression === 'zstd' ? CompressionType.ZSTD : null)
  encoder.reset(undefined, schema)
  return { encoder, schema }
}

/**
 * Chunks shorter than this are joined before writing: a record batch has about a hundred chunks,
 * most of a few bytes.
 */
const SMALL_CHUNK = 1 << 16

function withSmallJoined(chunks: readonly Uint8Array[]): Uint8Array[] {
  const joined: Uint8Array[] = []
  let small: Uint8Array[] = []
  const close = (): void => {
    if (small.length > 0) joined.push(Buffer.concat(small))
    small = []
  }
  for (const chunk of chunks) {
    if (chunk.length < SMALL_CHUNK) small.push(chunk)
    else {
      close()
      joined.push(chunk)
    }
  }
  close()
  return joined
}

const LENGTH_PREFIX = 8
const padded = (length: number): number => (length + 7) & ~7

/**
 * The library's file writer with two corrections. Chunks are handed out as they are made instead of
 * being queued. Compressed buffers carry their uncompressed length; the library writes the
 * compressed one (fixed upstream after 21.2.0 in apache/arrow-js#470).
 */
class ChunkWriter extends RecordBatchFileWriter {
  readonly chunks: Uint8Array[] = []

  constructor(compressionType: CompressionType | null) {
    super({ compressionType })
  }

  blocks(): ArrowBlock[] {
    return this._recordBatchBlocks.map(({ metaDataLength, bodyLength }) => [
      metaDataLength,
      bodyLength,
    ])
  }

  /** Registers a record batch that another encoder has written. */
  adopt([message, body]: ArrowBlock): void {
    this._recordBatchBlocks.push(new FileBlock(message, body, this._position))
    this._position += message + body
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
      const packed = raw.length === 0 ? raw : packZstd(raw)
      const smaller = packed.length < raw.length
      const body = smaller ? packed : raw.slice()
      if (raw.length > 0)
        new DataView(prefix.buffer).setBigInt64(0, smaller ? BigInt(raw.length) : -1n, true)
      bodies.push(prefix, body)
      regions.push(new BufferRegion(position, prefix.length + body.length))
      position = padded(position + prefix.length + body.length)
    }
    return { byteLength: position, bufferRegions: regions, buffers: bodies }
  }
}
