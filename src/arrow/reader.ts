import type { FileHandle } from 'node:fs/promises'
import { type AsyncRecordBatchFileReader, type Field, RecordBatchReader, Utf8 } from 'apache-arrow'
import { Message, type RecordBatch as RecordBatchHeader } from 'apache-arrow/ipc/metadata/message'
import { VectorLoader } from 'apache-arrow/visitor/vectorloader'
import type { TextColumn } from '../core/batch.ts'
import { EtlError } from '../core/errors.ts'
import { type GrowingMemory, withRoom } from '../core/growing-memory.ts'
import type { ReadHandle, Storage } from '../core/storage.ts'
import { type Columns, columnsOf } from './columns.ts'
import './zstd.ts' // registers the codec for compressed files

/** Consecutive rows of an Arrow file. */
export interface ColumnBatch {
  readonly rows: number
  readonly columns: Columns
}

/** An Arrow IPC file opened for random access. */
export interface OpenArrowFile {
  readonly batchCount: number
  readonly metadata: ReadonlyMap<string, string>
  /** Number of rows of a batch; reads only its header. */
  rows(index: number): Promise<number>
  batch(index: number): Promise<ColumnBatch>
  /**
   * Reads a batch of which only some rows are needed. The texts of `column` are read later, by
   * `fill`.
   */
  sparseBatch(index: number, column: string): Promise<SparseBatch>
  close(): Promise<void>
}

/** A batch in which one text column has arbitrary contents, except in rows that `fill` has read. */
export interface SparseBatch extends ColumnBatch {
  /** Reads the texts of the rows `[start, end)`. */
  fill(start: number, end: number): Promise<void>
}

/**
 * Opens an Arrow IPC file and reads only its footer. Each batch has its own memory, unless `memory`
 * is given: then reading a batch overwrites the previous one. A damaged file is an `EtlError` with
 * code `corpus-invalid`.
 */
export async function openArrowFile(
  storage: Storage,
  path: string,
  memory?: GrowingMemory,
): Promise<OpenArrowFile> {
  const opened = await storage.open(path)
  const guarded = async <T>(read: () => Promise<T>): Promise<T> => {
    try {
      return await read()
    } catch (cause) {
      const what = `not a readable Arrow file: ${cause instanceof Error ? cause.message : cause}`
      throw new EtlError('corpus-invalid', { where: path, what, cause })
    }
  }
  try {
    const handle = await readAtOnce(opened, memory)
    const reader = await guarded(() => openReader(handle))
    const batches = batchReader(handle, reader, memory)
    return {
      batchCount: reader.numRecordBatches,
      metadata: reader.schema.metadata,
      rows: (index) => guarded(async () => (await batches.header(index)).length),
      batch: (index) => guarded(() => batches.read(index)),
      async sparseBatch(index, column) {
        const { fill, ...batch } = await guarded(() => batches.readSparse(index, column))
        return { ...batch, fill: (start, end) => guarded(() => fill(start, end)) }
      },
      close: () => handle.close(),
    }
  } catch (error) {
    await opened.close()
    throw error
  }
}

/**
 * Files up to this size are read in one request. Reading footer, headers and bodies separately
 * would take as many requests as there are parts.
 */
const SMALL_FILE = 1 << 20

async function readAtOnce(
  handle: ReadHandle,
  memory: GrowingMemory | undefined,
): Promise<ReadHandle> {
  if (handle.size > SMALL_FILE) return handle
  const bytes = await handle.read(0, handle.size, memory && withRoom(memory, handle.size))
  return {
    size: handle.size,
    async read(offset, length, into) {
      const part = bytes.subarray(offset, offset + length)
      if (into === undefined || into === memory?.bytes) return part
      into.set(part)
      return into.subarray(0, part.length)
    },
    close: () => handle.close(),
  }
}

/** The bytes at both ends of an Arrow file. */
const MAGIC = 'ARROW1'

async function openReader(handle: ReadHandle): Promise<AsyncRecordBatchFileReader> {
  const end = await handle.read(Math.max(0, handle.size - MAGIC.length), MAGIC.length)
  if (Buffer.from(end).toString('latin1') !== MAGIC)
    throw new Error('it ends too early, or is of another kind')
  const asFileHandle = {
    fd: -1,
    stat: async () => ({ size: handle.size }),
    async read(buffer: Uint8Array, offset: number, length: number, position: number) {
      const { length: bytesRead } = await handle.read(position, length, buffer.subarray(offset))
      return { bytesRead, buffer }
    },
    close: () => handle.close(),
  }
  const reader = await RecordBatchReader.from(asFileHandle as unknown as FileHandle)
  await reader.open()
  if (!reader.isFile()) throw new Error('it is of another kind')
  return reader as AsyncRecordBatchFileReader
}

/** Bytes before a message: a marker and the message length. */
const MESSAGE_PREFIX = 8

/**
 * Reads the bodies of uncompressed batches directly, into `memory` if given. The library reads and
 * decompresses the others.
 */
function batchReader(
  handle: ReadHandle,
  reader: AsyncRecordBatchFileReader,
  memory: GrowingMemory | undefined,
) {
  const blockAt = (index: number) => {
    const block = reader.footer?.getRecordBatch(index)
    if (!block) throw new RangeError(`no batch ${index}`)
    return block
  }
  const readHeader = async (index: number): Promise<RecordBatchHeader> => {
    const { offset, metaDataLength } = blockAt(index)
    const message = Message.decode(
      (await handle.read(offset, metaDataLength)).subarray(MESSAGE_PREFIX),
    )
    if (!message.isRecordBatch()) throw new Error('not a record batch')
    return message.header()
  }
  const { fields } = reader.schema
  const inBody = (
    body: Uint8Array,
    { length: rows, nodes, buffers }: RecordBatchHeader,
  ): ColumnBatch => {
    const loader = new VectorLoader(body, nodes, buffers, reader.dictionaries)
    return { rows, columns: columnsOf(fields, loader.visitMany(fields), rows) }
  }
  const readWhole = async (index: number, header: RecordBatchHeader): Promise<ColumnBatch> => {
    if (header.compression !== null) {
      const batch = await reader.readRecordBatch(index)
      return {
        rows: header.length,
        columns: columnsOf(fields, batch?.data.children ?? [], header.length),
      }
    }
    const { offset, metaDataLength, bodyLength } = blockAt(index)
    const body = await handle.read(
      offset + metaDataLength,
      bodyLength,
      memory && withRoom(memory, bodyLength),
    )
    if (body.length < bodyLength) throw new Error('the file ends inside a batch')
    return inBody(body, header)
  }
  return {
    header: readHeader,
    read: async (index: number): Promise<ColumnBatch> => readWhole(index, await readHeader(index)),
    async readSparse(index: number, column: string): Promise<SparseBatch> {
      const header = await readHeader(index)
      const hole = header.buffers[textBuffer(fields, column)]
      const isInMemory = handle.size <= SMALL_FILE
      if (isInMemory || header.compression !== null || !hole) {
        return { ...(await readWhole(index, header)), fill: async () => undefined }
      }
      const { offset, metaDataLength, bodyLength } = blockAt(index)
      const start = offset + metaDataLength
      const body = (memory ? withRoom(memory, bodyLength) : new Uint8Array(bodyLength)).subarray(
        0,
        bodyLength,
      )
      const readInto = async (from: number, to: number): Promise<void> => {
        const { length } = await handle.read(start + from, to - from, body.subarray(from, to))
        if (length < to - from) throw new Error('the file ends inside a batch')
      }
      await readInto(0, hole.offset)
      await readInto(hole.offset + hole.length, bodyLength)
      const batch = inBody(body, header)
      const { bytes, offsets } = batch.columns[column] as TextColumn
      const first = bytes.byteOffset - body.byteOffset
      return {
        ...batch,
        fill: (from, to) => readInto(first + (offsets[from] ?? 0), first + (offsets[to] ?? 0)),
      }
    },
  }
}

/**
 * Index of the buffer in a record batch that holds the bytes of a text column. Each column has a
 * validity buffer and, for texts, offsets before its values.
 */
function textBuffer(fields: readonly Field[], column: string): number {
  let buffers = 0
  for (const { name, type } of fields) {
    if (type.children?.length) throw new TypeError(`${name} is nested`)
    buffers += type instanceof Utf8 ? 3 : 2
    if (name === column) return buffers - 1
  }
  throw new RangeError(`no column ${column}`)
}

/** Yields all batches of an Arrow file in order. `memory` and errors are as in `openArrowFile`. */
export async function* readArrowFile(
  storage: Storage,
  path: string,
  memory?: GrowingMemory,
): AsyncIterable<ColumnBatch> {
  const file = await openArrowFile(storage, path, memory)
  try {
    for (let index = 0; index < file.batchCount; index++) yield await file.batch(index)
  } finally {
    await file.close()
  }
}
