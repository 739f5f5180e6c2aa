import { crc32, createInflateRaw } from 'node:zlib'
import { EtlError } from '../../core/errors.ts'
import { type ByteQueue, byteQueue, littleEndian } from '../byte-queue.ts'
import { pushThrough } from './transform.ts'

/**
 * Compressed bytes passed to zlib at once. Deflate expands at most 1032-fold, so at most 17 MB come
 * out.
 */
const PIECE = 16 << 10

/**
 * Decompresses every member of a gzip file (RFC 1952). Zeros after the last one are padding. Node's
 * own gunzip loses the last decoded bytes when garbage follows a member; here everything before the
 * damage is yielded before the error. `onMember` is called with the offset of each member in the
 * file before its bytes are yielded.
 */
export async function* gunzip(
  source: AsyncIterable<Uint8Array>,
  where: string,
  onMember?: (start: number) => void,
): AsyncIterable<Uint8Array> {
  const input = byteQueue(source)
  const corrupt = (what: string, cause?: unknown) =>
    new EtlError('input-corrupt', { where: `${where}:${input.position()}`, what, cause })
  for (;;) {
    const start = await readHeader(input, corrupt)
    if (start === undefined) return
    onMember?.(start)
    const decoder = pushThrough(createInflateRaw({ chunkSize: 64 << 10 }))
    let check = 0
    let length = 0
    const count = (chunk: Uint8Array): Uint8Array => {
      check = crc32(chunk, check)
      length += chunk.length
      return chunk
    }
    try {
      while (!decoder.ended()) {
        const piece = await input.takeSome(PIECE)
        if (piece.length === 0) throw corrupt('the gzip data is truncated')
        const before = decoder.consumed()
        for (const chunk of await decoder.push(piece)) yield count(chunk)
        if (decoder.ended()) input.giveBack(piece.length - (decoder.consumed() - before))
      }
    } catch (cause) {
      if (cause instanceof EtlError) throw cause
      for (const chunk of decoder.rest()) yield count(chunk)
      throw corrupt(
        `the gzip data is damaged: ${cause instanceof Error ? cause.message : cause}`,
        cause,
      )
    } finally {
      decoder.close()
    }
    const trailer = await input.take(8)
    if (trailer.length < 8) throw corrupt('the gzip data is truncated')
    if (littleEndian(trailer, 0, 4) !== check || littleEndian(trailer, 4, 4) !== length % 2 ** 32) {
      throw corrupt('the checksum of the gzip member that ends here is wrong')
    }
  }
}

/** Header flags: an extra field with its length, two zero-terminated names, a checksum. */
const [EXTRA, NAME, COMMENT, HEADER_CHECK] = [4, 8, 16, 2] as const

/**
 * Reads the header of the next member and returns its offset; undefined if only padding or nothing
 * is left.
 */
async function readHeader(
  input: ByteQueue,
  corrupt: (what: string) => EtlError,
): Promise<number | undefined> {
  if (input.position() > 0) await skipZeros(input)
  const start = input.position()
  const first = await input.take(1)
  if (first.length === 0) return undefined
  const rest = await input.take(9)
  if (first[0] !== 0x1f || rest[0] !== 0x8b)
    throw corrupt('what follows the gzip data is no gzip data')
  if (rest.length < 9) throw corrupt('the gzip data is truncated')
  const flags = rest[2] ?? 0
  if (flags & EXTRA) await input.skip(littleEndian(await input.take(2), 0, 2))
  if (flags & NAME) await skipName(input)
  if (flags & COMMENT) await skipName(input)
  if (flags & HEADER_CHECK) await input.skip(2)
  return start
}

async function skipZeros(input: ByteQueue): Promise<void> {
  for (;;) {
    const bytes = await input.takeSome(PIECE)
    const end = bytes.findIndex((byte) => byte !== 0)
    if (end !== -1) input.giveBack(bytes.length - end)
    if (end !== -1 || bytes.length === 0) return
  }
}

async function skipName(input: ByteQueue): Promise<void> {
  for (;;) {
    const byte = await input.take(1)
    if (byte.length === 0 || byte[0] === 0) return
  }
}
