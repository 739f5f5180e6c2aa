/// <reference types="node" preserve="true" />

/**
 * Reading files the way the connectors do: `cosmos-etl/files`.
 *
 * Every reader names the file and the position in its errors (`EtlError`, codes `input-missing`,
 * `input-corrupt`, `input-unsupported`), keeps memory bounded however large the input, and stops
 * when its consumer does. Sizes and offsets are bytes of the uncompressed file.
 *
 * @example Partitions and lines of plain or compressed files, resumable at any line:
 * ```ts
 * import { linePartitions, readLines } from 'cosmos-etl/files'
 *
 * const create = (options: { input: string }, context: Context): Connector => ({
 *   partitions: () => linePartitions(context, { input: options.input, partitionBytes: 64 << 20 }),
 *   async *read(partition, from) {
 *     const lines = readLines(context, partition, from, { maxLineBytes: 1 << 20 })
 *     for await (const group of lines.groups) {
 *       for (const line of group) {
 *         const text = line.bytes.toString('utf8')
 *         if (text === '') yield lines.skip(line, 'empty-line')
 *         else yield { cursor: line.cursor, document: { kind: 'prose', text } }
 *       }
 *     }
 *   },
 * })
 * ```
 */

// Bytes and programs.
export { type ByteQueue, byteQueue, joinBytes } from './byte-queue.ts'
// Decompression: gzip, bzip2, zstd, xz, 7z, detected by the first bytes of a file.
export { type Bzip2Block, type Bzip2Range, readBzip2 } from './compression/bzip2/bzip2.ts'
export {
  type DecompressOptions,
  decompress,
  decompressStream,
} from './compression/decompress.ts'
export { gunzip } from './compression/gunzip.ts'
export { type Compression, compressionOf, sniffCompression } from './compression/sniff.ts'
// Storage and inputs.
export { filesOf, type GroupFile, groupFiles, type ListedFile } from './file-groups.ts'
export { findInputs, type InputFile } from './inputs.ts'
// Lines, and the elements of a JSON array.
export { splitElements } from './lines/array-elements.ts'
export {
  type LineInput,
  type LineReader,
  type LineReadOptions,
  linePartitions,
  MAX_LINE_BYTES,
  PARTITION_BYTES,
  readLines,
} from './lines/line-files.ts'
export {
  afterBytes,
  type Line,
  type LineCursor,
  type LineOptions,
  type LineUnit,
  splitLines,
} from './lines/lines.ts'
export { localStorage } from './local-storage.ts'
export { makeFolder } from './make-folder.ts'
// Rows of Parquet files.
export { isParquet, openParquet, type ParquetFile } from './parquet/parquet.ts'
export { type ParquetRow, parquetPartitions, parquetRows } from './parquet/parquet-files.ts'
export { findProgram, type Pipe, pipeThrough } from './program.ts'
export { escapesFolder, readTar, type TarMember } from './tar.ts'
export { readWhole } from './whole-file.ts'
