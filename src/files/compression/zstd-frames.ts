import { EtlError } from '../../core/errors.ts'
import { byteQueue, joinBytes, littleEndian } from '../byte-queue.ts'

/**
 * The outer structure of a zstd file (RFC 8878, section 3.1): frames of blocks. Walking it costs
 * next to nothing and provides what not every decoder offers: the offset of each frame, the exact
 * place of a truncation, and pieces so small (a block holds at most 128 KiB) that they cannot make
 * a decoder run out of memory.
 */

/** Facts from a frame header. */
export interface ZstdFrame {
  /** Byte offset of the frame in the file. */
  readonly start: number
  /** Bytes of history that a decoder must keep; the content size for a single-segment frame. */
  readonly windowBytes: number
  readonly singleSegment: boolean
}

/** A header or a block as it stands in the file. The last block includes the checksum, if any. */
export interface ZstdPiece {
  readonly frame: ZstdFrame
  readonly bytes: Uint8Array
  /** Set on the header of a frame. */
  readonly first: boolean
  /** Set on the last block of a frame. */
  readonly last: boolean
}

/** Maximum uncompressed size of a block. */
export const ZSTD_BLOCK_BYTES = 128 << 10

const FRAME_MAGIC = 0xfd2fb528
const SKIPPABLE_MAGIC = 0x184d2a50

/**
 * Walks frames and blocks, ignoring skippable frames. Truncation and garbage are `input-corrupt`
 * errors with the offset.
 */
export async function* zstdPieces(
  source: AsyncIterable<Uint8Array>,
  where: string,
): AsyncIterable<ZstdPiece> {
  const input = byteQueue(source)
  const corrupt = (what: string) =>
    new EtlError('input-corrupt', { where: `${where}:${input.position()}`, what })
  const need = async (length: number): Promise<Uint8Array> => {
    const bytes = await input.take(length)
    if (bytes.length < length) throw corrupt('the file ends in the middle of a zstd frame')
    return bytes
  }
  for (;;) {
    const start = input.position()
    const magicBytes = await input.take(4)
    if (magicBytes.length === 0) return
    if (magicBytes.length < 4) throw corrupt('the file ends in the middle of a zstd frame')
    const magic = littleEndian(magicBytes, 0, 4)
    if (magic >>> 4 === SKIPPABLE_MAGIC >>> 4) {
      await input.skip(littleEndian(await need(4), 0, 4))
      continue
    }
    if (magic !== FRAME_MAGIC) throw corrupt('these bytes are no zstd frame')
    const { frame, header, checksum } = await readHeader(start, magicBytes, need)
    yield { frame, bytes: header, first: true, last: false }
    for (let last = false; !last; ) {
      const blockHeader = await need(3)
      const word = littleEndian(blockHeader, 0, 3)
      last = (word & 1) === 1
      const type = (word >> 1) & 3
      if (type === 3 || word >> 3 > ZSTD_BLOCK_BYTES) throw corrupt('a zstd block is damaged')
      const body = await need((type === 1 ? 1 : word >> 3) + (last && checksum ? 4 : 0))
      yield { frame, bytes: joinBytes([blockHeader, body]), first: false, last }
    }
  }
}

async function readHeader(
  start: number,
  magic: Uint8Array,
  need: (length: number) => Promise<Uint8Array>,
) {
  const descriptor = await need(1)
  const flags = descriptor[0] ?? 0
  const singleSegment = (flags & 0x20) !== 0
  const dictionaryBytes = [0, 1, 2, 4][flags & 3] ?? 0
  const sizeBytes = flags >> 6 === 0 ? (singleSegment ? 1 : 0) : 1 << (flags >> 6)
  const rest = await need((singleSegment ? 0 : 1) + dictionaryBytes + sizeBytes)
  const windowDescriptor = rest[0] ?? 0
  const base = 2 ** (10 + (windowDescriptor >> 3))
  const size = littleEndian(rest, rest.length - sizeBytes, sizeBytes) + (sizeBytes === 2 ? 256 : 0)
  const windowBytes = singleSegment ? size : base + (base / 8) * (windowDescriptor & 7)
  const frame: ZstdFrame = { start, windowBytes, singleSegment }
  return { frame, header: joinBytes([magic, descriptor, rest]), checksum: (flags & 4) !== 0 }
}
