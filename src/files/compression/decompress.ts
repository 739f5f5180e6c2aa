import { EtlError } from '../../core/errors.ts'
import type { Storage } from '../../core/storage.ts'
import { findProgram, pipeThrough } from '../program.ts'
import { readBzip2 } from './bzip2/bzip2.ts'
import { gunzip } from './gunzip.ts'
import { un7z } from './seven-zip.ts'
import { type Compression, compressionOf } from './sniff.ts'
import { decompressZstd } from './zstd.ts'

/** What the caller already knows about the file. */
export interface DecompressOptions {
  /** The file's compression, if already known. */
  readonly compression?: Compression
  /** End of the name of the wanted archive member. Only archives use it. */
  readonly member?: string
  /** Name of the file in messages; its path by default. */
  readonly where?: string
}

/**
 * Yields the decompressed bytes of a file in order. The format is detected from the first bytes.
 * Memory stays bounded for any input. A truncated or damaged file is an `input-corrupt` error,
 * thrown after everything before the damage has been yielded.
 */
export async function* decompress(
  storage: Storage,
  path: string,
  options: DecompressOptions = {},
): AsyncIterable<Uint8Array> {
  const { where = path, member } = options
  const compression = options.compression ?? (await compressionOf(storage, path))
  if (compression === '7z') yield* un7z(path, where, member)
  else if (compression === 'bzip2') yield* bunzip2(storage, path, where)
  else yield* decompressStream(storage.stream(path), compression, where)
}

/** Like `decompress`, for any byte stream. The other formats need a file. */
export async function* decompressStream(
  source: AsyncIterable<Uint8Array>,
  compression: Exclude<Compression, '7z' | 'bzip2'>,
  where: string,
): AsyncIterable<Uint8Array> {
  if (compression === 'none') yield* source
  else if (compression === 'gzip') yield* gunzip(source, where)
  else if (compression === 'zstd') yield* decompressZstd(source, where)
  else yield* unxz(source, where)
}

async function* bunzip2(storage: Storage, path: string, where: string): AsyncIterable<Uint8Array> {
  const file = await storage.open(path)
  try {
    for await (const block of readBzip2(file)) {
      if ('bytes' in block) yield block.bytes.slice()
      else {
        const what = `the bzip2 data is damaged: ${'cut' in block ? block.cut : block.damage}`
        throw new EtlError('input-corrupt', {
          where: `${where}:${Math.floor(block.bit / 8)}`,
          what,
        })
      }
    }
  } finally {
    await file.close()
  }
}

async function* unxz(source: AsyncIterable<Uint8Array>, where: string): AsyncIterable<Uint8Array> {
  const program = await findProgram('xz')
  if (!program) {
    throw new EtlError('input-unsupported', {
      where,
      what: 'xz files are read with the program xz, which is not on PATH',
      hint: 'Install xz, or unpack the file first.',
    })
  }
  yield* pipeThrough({ program, args: ['-dc'], input: source, where })
}
