/*
 * One bzip2 block: bits -> Huffman codes -> move-to-front and zero runs -> inverse Burrows-Wheeler
 * transform -> runs. Every block is self-contained, whatever stream or file it is in. The numbers
 * below (50 symbols per group, 900,000 bytes per block, 18,002 selectors) are the format's.
 */

import { expandRuns, followLinks, LANES, linkRows } from './burrows-wheeler.ts'
import {
  type BitReader,
  BlockError,
  bitReader,
  buildTable,
  FAST_BITS,
  type HuffmanTable,
  huffmanTable,
  longCode,
  MAX_CODE_BITS,
  MAX_SYMBOLS,
} from './codes.ts'
import { crc32 } from './crc.ts'

/** First 48 bits of a block: the digits of pi in BCD. */
export const BLOCK_MAGIC = 0x314159265359
/** First 48 bits of the end of a stream: the digits of the square root of pi in BCD. */
export const STREAM_END_MAGIC = 0x177245385090

/** Maximum compressed size of a block in bytes: 900,050 codes of 20 bits, tables and selectors. */
export const MAX_COMPRESSED_BLOCK = 2_400_000

const BLOCK_SIZE = 900_000
const GROUP_SIZE = 50
const MAX_SELECTORS = 18_002

interface DecodedBlock {
  /** Valid until the next call of the same decoder. */
  readonly bytes: Uint8Array
  /** The bit just past the block. */
  readonly nextBit: number
}

/**
 * Decodes the block that begins at a bit of `input`. Throws a `BlockError` for damage and if
 * `input` ends too early.
 */
export type BlockDecoder = (input: Uint8Array, bit: number) => DecodedBlock

/**
 * A decoder with its own working memory of about 9 MB. Its output buffer grows to what a block
 * needs, at most 47 MB.
 */
export function blockDecoder(): BlockDecoder {
  const rows = new Int32Array(BLOCK_SIZE + 1)
  const counts = new Uint32Array(257)
  const selectors = new Uint8Array(MAX_SELECTORS)
  const tables = Array.from({ length: 6 }, huffmanTable)
  const raw = new Uint8Array(BLOCK_SIZE)
  const lanes = Array.from({ length: LANES }, () => new Uint8Array(BLOCK_SIZE))
  let output: Uint8Array = new Uint8Array(BLOCK_SIZE)

  return (input, bit) => {
    const bits = bitReader(input, bit)
    if (bits.read(24) * 0x1000000 + bits.read(24) !== BLOCK_MAGIC)
      throw new BlockError('no block begins here')
    const checksum = (bits.read(16) * 0x10000 + bits.read(16)) >>> 0
    if (bits.read(1)) throw new BlockError('the block is randomised, as only bzip2 0.9 did')
    const origin = bits.read(24)
    const header = readHeader(bits, selectors, tables)
    const length = readSymbols(input, bits, header, rows, counts)
    if (origin >= length) throw new BlockError('the block starts outside itself')
    linkRows(rows, length, counts)
    followLinks(rows, length, (rows[origin] as number) >>> 8, lanes, raw)
    const bytes = expandRuns(raw, length, output)
    if (bytes.length > output.length) output = new Uint8Array(bytes.buffer)
    if (crc32(bytes) !== checksum) throw new BlockError('the checksum of the block is wrong')
    return { bytes, nextBit: bits.position() }
  }
}

interface BlockHeader {
  /** Byte values that occur, ascending: the initial move-to-front list. */
  readonly alphabet: Uint8Array
  readonly selectors: Uint8Array
  readonly selectorCount: number
  readonly tables: readonly HuffmanTable[]
}

function readHeader(
  bits: BitReader,
  selectors: Uint8Array,
  tables: readonly HuffmanTable[],
): BlockHeader {
  const alphabet = readAlphabet(bits)
  const tableCount = bits.read(3)
  if (tableCount < 2 || tableCount > 6)
    throw new BlockError(`the block has ${tableCount} Huffman tables`)
  const selectorCount = readSelectors(bits, selectors, tableCount)
  const symbolCount = alphabet.length + 2
  const lengths = new Uint8Array(MAX_SYMBOLS)
  for (const table of tables.slice(0, tableCount)) {
    let length = bits.read(5)
    for (let symbol = 0; symbol < symbolCount; symbol++) {
      while (bits.read(1)) length += bits.read(1) ? -1 : 1
      if (length < 1 || length > MAX_CODE_BITS)
        throw new BlockError(`a code is ${length} bits long`)
      lengths[symbol] = length
    }
    buildTable(table, lengths, symbolCount)
  }
  return { alphabet, selectors, selectorCount, tables }
}

function readAlphabet(bits: BitReader): Uint8Array {
  const ranges = bits.read(16)
  const values: number[] = []
  for (let range = 0; range < 16; range++) {
    if (!(ranges & (0x8000 >>> range))) continue
    const used = bits.read(16)
    for (let value = 0; value < 16; value++)
      if (used & (0x8000 >>> value)) values.push(range * 16 + value)
  }
  if (values.length === 0) throw new BlockError('the block uses no byte value')
  return Uint8Array.from(values)
}

/**
 * Reads which table each group of symbols is coded with. The numbers are move-to-front coded in
 * unary. Returns how many there are.
 */
function readSelectors(bits: BitReader, selectors: Uint8Array, tableCount: number): number {
  const count = bits.read(15)
  if (count === 0) throw new BlockError('the block has no selectors')
  const order = [0, 1, 2, 3, 4, 5]
  for (let index = 0; index < count; index++) {
    let rank = 0
    while (bits.read(1)) rank++
    if (rank >= tableCount) throw new BlockError('a selector names no table')
    const [table = 0] = order.splice(rank, 1)
    order.unshift(table)
    // Some writers round the number up to more than a block can use.
    if (index < MAX_SELECTORS) selectors[index] = table
  }
  return Math.min(count, MAX_SELECTORS)
}

/**
 * Fills `rows` with the last column of the sorted matrix, one byte per entry, and returns its
 * length.
 */
function readSymbols(
  input: Uint8Array,
  bits: BitReader,
  header: BlockHeader,
  rows: Int32Array,
  counts: Uint32Array,
): number {
  const { selectors, selectorCount, tables } = header
  const list = new Uint8Array(256)
  list.set(header.alphabet)
  const endOfBlock = header.alphabet.length + 1
  const lastBit = input.length * 8
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength)
  const safe = input.length - 3
  counts.fill(0)
  let bit = bits.position()
  let length = 0
  let run = 0
  let runUnit = 1
  for (let group = 0; group < selectorCount; group++) {
    const table = tables[selectors[group] as number] as HuffmanTable
    const { fast } = table
    for (let left = GROUP_SIZE; left > 0; left--) {
      const at = bit >>> 3
      const word = (at < safe ? view.getUint32(at) : lastWord(input, at)) << (bit & 7)
      const entry = fast[word >>> (32 - FAST_BITS)] as number
      let symbol = entry >>> 5
      if (entry === 0) {
        const long = longCode(table, word >>> (32 - MAX_CODE_BITS))
        symbol = long >>> 5
        bit += long & 31
      } else bit += entry & 31
      if (symbol <= 1) {
        if (runUnit > BLOCK_SIZE) throw new BlockError('a run is longer than a block')
        run += runUnit << symbol
        runUnit <<= 1
        continue
      }
      if (run > 0) {
        const byte = list[0] as number
        if (length + run > BLOCK_SIZE) throw new BlockError('the block is too long')
        rows.fill(byte, length, length + run)
        counts[byte + 1] = (counts[byte + 1] as number) + run
        length += run
        run = 0
        runUnit = 1
      }
      if (symbol === endOfBlock) {
        if (bit > lastBit) throw new BlockError('the data ends inside a block')
        bits.moveTo(bit)
        return length
      }
      if (length >= BLOCK_SIZE) throw new BlockError('the block is too long')
      let rank = symbol - 1
      const byte = list[rank] as number
      if (rank > 24) list.copyWithin(1, 0, rank)
      else for (; rank > 0; rank--) list[rank] = list[rank - 1] as number
      list[0] = byte
      counts[byte + 1] = (counts[byte + 1] as number) + 1
      rows[length++] = byte
    }
    if (bit > lastBit) throw new BlockError('the data ends inside a block')
  }
  throw new BlockError('the block has no end')
}

/** Four bytes near the end of the input, zeros past it. */
function lastWord(input: Uint8Array, at: number): number {
  const byte = (index: number) => input[at + index] ?? 0
  return (byte(0) << 24) | (byte(1) << 16) | (byte(2) << 8) | byte(3)
}
