import { createGunzip } from 'node:zlib'
import { EtlError } from '../core/errors.ts'
import type { Storage } from '../core/storage.ts'
import { type Compression, compressionOf } from './compression.ts'
import { findProgram, pipeThrough } from './program.ts'
import { pushThrough } from './transform.ts'
import { decompressZstd } from './zstd.ts'

/** Compressed bytes given to zlib at once: deflate expands at most 1032-fold, so at most 17 MB come out. */
const GZIP_PIECE = 16 << 10

export interface DecompressOptions {
  /** The file's compression, if it is known already. */
  readonly compression?: Compression
  /** Which file of an archive is wanted: the end of its name. Only archives ask. */
  readonly member?: string
  /** How messages call the file; its path unless given. */
  readonly where?: string
}

/**
 * The decompressed bytes of a file, in order, whatever it is packed with (told by its first bytes). Memory stays
 * bounded for any input. A truncated or damaged file is an `input-corrupt` error, thrown after everything before the
 * damage has been yielded.
 */
export async function* decompress(
  storage: Storage,
  path: string,
  options: DecompressOptions = {},
): AsyncIterable<Uint8Array> {
  const { where = path, member } = options
  const compression = options.compression ?? (await compressionOf(storage, path))
  if (compression === '7z') yield* un7z(path, where, member)
  else yield* decompressStream(storage.stream(path), compression, where)
}

/** As `decompress`, for bytes from anywhere; archives need a file. */
export async function* decompressStream(
  source: AsyncIterable<Uint8Array>,
  compression: Exclude<Compression, '7z'>,
  where: string,
): AsyncIterable<Uint8Array> {
  if (compression === 'none') yield* source
  else if (compression === 'gzip') yield* gunzip(source, where)
  else if (compression === 'zstd') yield* decompressZstd(source, where)
  else yield* withProgram(compression, source, where)
}

/** Every member of a gzip file. Zeros behind the last one are padding, anything else is damage. */
async function* gunzip(source: AsyncIterable<Uint8Array>, where: string): AsyncIterable<Uint8Array> {
  const decoder = pushThrough(createGunzip({ chunkSize: 256 << 10 }))
  let position = 0
  try {
    for await (const chunk of source) {
      for (let start = 0; start < chunk.length; start += GZIP_PIECE) {
        const piece = chunk.subarray(start, start + GZIP_PIECE)
        yield* await decoder.push(piece)
        position += piece.length
      }
    }
    yield* await decoder.end()
  } catch (cause) {
    if (cause instanceof EtlError) throw cause
    yield* decoder.rest()
    const what = `the gzip data is truncated or damaged: ${cause instanceof Error ? cause.message : cause}`
    throw new EtlError('input-corrupt', { where: `${where}:${position}`, what, cause })
  } finally {
    decoder.close()
  }
}

async function* withProgram(name: 'bzip2' | 'xz', source: AsyncIterable<Uint8Array>, where: string) {
  const program = await findProgram(name)
  if (!program) throw missingProgram(name, where)
  yield* pipeThrough({ program, args: ['-dc'], input: source, where })
}

const missingProgram = (name: string, where: string): EtlError =>
  new EtlError('input-unsupported', {
    where,
    what: `${name} files are read with the program ${name}, which is not on PATH`,
    hint: `Install ${name}, or unpack the file first.`,
  })

/** One member of a 7z archive, streamed by a local 7-Zip under any of its names. */
async function* un7z(path: string, where: string, member: string | undefined): AsyncIterable<Uint8Array> {
  const program = (await findProgram('7z')) ?? (await findProgram('7zz')) ?? (await findProgram('7za'))
  if (!program) throw missingProgram('7z', where)
  const wanted = member === undefined ? [] : [`-i!${member}`, `-ir!*${member}`]
  yield* pipeThrough({ program, args: ['x', '-so', '-bd', ...wanted, '--', path], where })
}
