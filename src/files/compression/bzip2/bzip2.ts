import type { ReadHandle } from '../../../core/storage.ts'
import { BLOCK_MAGIC, blockDecoder, MAX_COMPRESSED_BLOCK, STREAM_END_MAGIC } from './block.ts'
import { BlockError } from './codes.ts'

/**
 * A decoded block, or a place where none could be decoded. Positions are in bits from the start of
 * the file.
 */
export type Bzip2Block = { readonly bit: number; readonly nextBit: number } & (
  | { /** Valid until the next block is requested. */ readonly bytes: Uint8Array }
  /** What is wrong between `bit` and `nextBit`, where the next block begins. */
  | { readonly damage: string }
  /** What is wrong with the file from `bit` on; no block follows. */
  | { readonly cut: string }
)

/** The part of a file to read. */
export interface Bzip2Range {
  /** Reading starts with the first block that begins at this bit or later; 0 by default. */
  readonly fromBit?: number
}

const WINDOW = 4 * MAX_COMPRESSED_BLOCK
/** Maximum bytes between two blocks: end magic, checksum, padding, stream header. */
const STREAM_BORDER = 16

/**
 * Yields the blocks of a bzip2 file in order, starting at any bit. Blocks are self-contained and
 * begin with a 48-bit magic number, so a file can be read from several places at once, with one
 * stream or many and without an index. (The number occurs by chance once in 2^48 bits; the checksum
 * then exposes the false block as damaged.)
 */
export async function* readBzip2(
  file: ReadHandle,
  range: Bzip2Range = {},
): AsyncIterable<Bzip2Block> {
  const decode = blockDecoder()
  const window = slidingWindow(file)
  let bit = await findBlock(window, range.fromBit ?? 0)
  while (bit !== undefined) {
    const { bytes: input, start } = await window.at(bit, MAX_COMPRESSED_BLOCK + STREAM_BORDER)
    const at: number = bit
    const decoded = attempt(() => decode(input, at - start))
    if (decoded instanceof BlockError) {
      bit = await findBlock(window, at + 1)
      if (bit === undefined)
        yield {
          bit: at,
          nextBit: file.size * 8,
          cut: `cut off or damaged in the last block (${decoded.message})`,
        }
      else yield { bit: at, nextBit: bit, damage: decoded.message }
      continue
    }
    const nextBit = decoded.nextBit + start
    yield { bit: at, nextBit, bytes: decoded.bytes }
    const next = followingBlock(input, decoded.nextBit)
    if (next === 'end') return
    if (next !== undefined) {
      bit = next + start
      continue
    }
    bit = await findBlock(window, nextBit)
    if (bit === undefined)
      yield {
        bit: nextBit,
        nextBit: file.size * 8,
        cut: 'the file does not end where a stream ends',
      }
    else yield { bit: nextBit, nextBit: bit, damage: 'neither a block nor the end of a stream' }
  }
}

function attempt<T>(decode: () => T): T | BlockError {
  try {
    return decode()
  } catch (error) {
    if (error instanceof BlockError) return error
    throw error
  }
}

/**
 * The bit at which the block after this one begins, possibly in the next stream; `end` after the
 * last stream.
 */
function followingBlock(input: Uint8Array, bit: number): number | 'end' | undefined {
  if (read48(input, bit) === BLOCK_MAGIC) return bit
  let at = bit
  // An empty stream has no block, only a header and an end.
  while (read48(input, at) === STREAM_END_MAGIC) {
    const byte = Math.ceil((at + 48 + 32) / 8)
    if (byte === input.length) return 'end'
    if (byte > input.length || !isStreamHeader(input, byte)) return undefined
    at = (byte + 4) * 8
    if (read48(input, at) === BLOCK_MAGIC) return at
  }
  return undefined
}

/** "BZh" and the block size, "1" to "9". */
function isStreamHeader(input: Uint8Array, byte: number): boolean {
  const level = input[byte + 3] ?? 0
  return (
    input[byte] === 0x42 &&
    input[byte + 1] === 0x5a &&
    input[byte + 2] === 0x68 &&
    level >= 0x31 &&
    level <= 0x39
  )
}

function read48(input: Uint8Array, bit: number): number {
  const byte = bit >>> 3
  const shift = bit & 7
  let value = 0
  for (let index = 0; index < 6; index++) {
    const pair = ((input[byte + index] ?? 0) << 8) | (input[byte + index + 1] ?? 0)
    value = value * 256 + ((pair >>> (8 - shift)) & 0xff)
  }
  return value
}

interface Window {
  /**
   * Returns at least `length` bytes from the byte that holds `bit`, or everything up to the end.
   * `start` is the position of the first byte, in bits.
   */
  at(bit: number, length: number): Promise<{ readonly bytes: Uint8Array; readonly start: number }>
  readonly size: number
}

function slidingWindow(file: ReadHandle): Window {
  let first = 0
  let bytes = new Uint8Array(0)
  return {
    size: file.size,
    async at(bit, length) {
      const byte = Math.floor(bit / 8)
      const end = Math.min(byte + length, file.size)
      if (byte < first || end > first + bytes.length) {
        first = byte
        bytes = (await file.read(byte, WINDOW)) as Uint8Array<ArrayBuffer>
      }
      return { bytes, start: first * 8 }
    },
  }
}

/** The first bit at or after `bit` where a block's magic number is found. */
async function findBlock(window: Window, bit: number): Promise<number | undefined> {
  let from = bit
  while (Math.floor(from / 8) + 6 <= window.size) {
    const { bytes, start } = await window.at(from, Math.min(WINDOW, 1 << 20))
    const found = findMagic(bytes, from - start)
    if (found !== undefined) return found + start
    from = start + (bytes.length - 6) * 8
    if (start / 8 + bytes.length >= window.size) return undefined
  }
  return undefined
}

/**
 * For each pair of bytes: a bit mask of the shifts at which they may be bytes 1 and 2 of the magic
 * number.
 */
const SHIFTS = magicShifts()

function magicShifts(): Uint8Array {
  const shifts = new Uint8Array(1 << 16)
  for (let shift = 0; shift < 8; shift++) {
    const pair = Math.floor(BLOCK_MAGIC / 2 ** (24 + shift)) & 0xffff
    shifts[pair] = (shifts[pair] ?? 0) | (1 << shift)
  }
  return shifts
}

function findMagic(input: Uint8Array, fromBit: number): number | undefined {
  const end = input.length - 1
  for (let byte = (fromBit >>> 3) + 1; byte < end; byte++) {
    const shifts = SHIFTS[((input[byte] as number) << 8) | (input[byte + 1] as number)] as number
    if (shifts === 0) continue
    for (let shift = 0; shift < 8; shift++) {
      const bit = (byte - 1) * 8 + shift
      if (shifts & (1 << shift) && bit >= fromBit && read48(input, bit) === BLOCK_MAGIC) return bit
    }
  }
  return undefined
}
