import type { FileHandle } from 'node:fs/promises'
import { type AsyncRecordBatchFileReader, RecordBatchReader } from 'apache-arrow'
import { Message, type RecordBatch as RecordBatchHeader } from 'apache-arrow/ipc/metadata/message'
import { VectorLoader } from 'apache-arrow/visitor/vectorloader'
import { EtlError } from '../core/errors.ts'
import type { ReadHandle, Storage } from '../core/storage.ts'
import { type Columns, columnsOf } from './columns.ts'
import './zstd.ts' // for what is compressed

/** Some consecutive rows of an Arrow file. */
export interface ColumnBatch {
  readonly rows: number
  readonly columns: Columns
}

/** An Arrow IPC file opened for random access. */
export interface OpenArrowFile {
  readonly batchCount: number
  readonly metadata: ReadonlyMap<string, string>
  /** How many rows a batch has, without reading them. */
  rows(index: number): Promise<number>
  batch(index: number): Promise<ColumnBatch>
  close(): Promise<void>
}

/** Memory that batches are read into, one after the other: the values of each are gone once the next is read. It grows. */
export interface BatchMemory {
  bytes: Uint8Array
}

/** Memory for batches of any size. */
export const batchMemory = (): BatchMemory => ({ bytes: new Uint8Array(0) })

/**
 * Opens an Arrow IPC file; reads its footer only. Batches have memory of their own unless some is given. A damaged file is an
 * `EtlError` of code `corpus-invalid`.
 */
export async function openArrowFile(storage: Storage, path: string, memory?: BatchMemory): Promise<OpenArrowFile> {
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
    const handle = await readAtOnce(opened)
    const reader = await guarded(() => openReader(handle))
    const batches = batchReader(handle, reader, memory)
    return {
      batchCount: reader.numRecordBatches,
      metadata: reader.schema.metadata,
      rows: (index) => guarded(async () => (await batches.header(index)).length),
      batch: (index) => guarded(() => batches.read(index)),
      close: () => handle.close(),
    }
  } catch (error) {
    await opened.close()
    throw error
  }
}

/** Files up to this size are read as one piece: their footer, headers and bodies by themselves are as many requests. */
const SMALL_FILE = 1 << 20

async function readAtOnce(handle: ReadHandle): Promise<ReadHandle> {
  if (handle.size > SMALL_FILE) return handle
  const bytes = await handle.read(0, handle.size)
  return {
    size: handle.size,
    async read(offset, length, into) {
      const part = bytes.subarray(offset, offset + length)
      if (into === undefined) return part
      into.set(part)
      return into.subarray(0, part.length)
    },
    close: () => handle.close(),
  }
}

/** What an Arrow file begins and ends with. */
const MAGIC = 'ARROW1'

async function openReader(handle: ReadHandle): Promise<AsyncRecordBatchFileReader> {
  const end = await handle.read(Math.max(0, handle.size - MAGIC.length), MAGIC.length)
  if (Buffer.from(end).toString('latin1') !== MAGIC) throw new Error('it ends too early, or is of another kind')
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

/** Bytes before a message: a marker and its length. */
const MESSAGE_PREFIX = 8

/** Reads the bodies of batches as they are, into the memory if there is one; the library decompresses those that are compressed. */
function batchReader(handle: ReadHandle, reader: AsyncRecordBatchFileReader, memory: BatchMemory | undefined) {
  const blockAt = (index: number) => {
    const block = reader.footer?.getRecordBatch(index)
    if (!block) throw new RangeError(`no batch ${index}`)
    return block
  }
  const room = (length: number): Uint8Array | undefined => {
    if (memory && memory.bytes.length < length) memory.bytes = new Uint8Array(length + length / 4)
    return memory?.bytes
  }
  const readHeader = async (index: number): Promise<RecordBatchHeader> => {
    const { offset, metaDataLength } = blockAt(index)
    const message = Message.decode((await handle.read(offset, metaDataLength)).subarray(MESSAGE_PREFIX))
    if (!message.isRecordBatch()) throw new Error('not a record batch')
    return message.header()
  }
  return {
    header: readHeader,
    async read(index: number): Promise<ColumnBatch> {
      const { length: rows, nodes, buffers, compression } = await readHeader(index)
      const { fields } = reader.schema
      if (compression !== null) {
        const batch = await reader.readRecordBatch(index)
        return { rows, columns: columnsOf(fields, batch?.data.children ?? [], rows) }
      }
      const { offset, metaDataLength, bodyLength } = blockAt(index)
      const body = await handle.read(offset + metaDataLength, bodyLength, room(bodyLength))
      if (body.length < bodyLength) throw new Error('the file ends inside a batch')
      const loader = new VectorLoader(body, nodes, buffers, reader.dictionaries)
      return { rows, columns: columnsOf(fields, loader.visitMany(fields), rows) }
    },
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
