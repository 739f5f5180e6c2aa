/* Reading bits and Huffman codes. */

/** An invalid block: damaged, cut off, or not a block at all. */
export class BlockError extends Error {
  override readonly name = 'BlockError'
}

/** Maximum length of a code in bits. */
export const MAX_CODE_BITS = 20
/** 256 byte values or ranks, two run marks and end of block; one rank cannot occur. */
export const MAX_SYMBOLS = 258
/** Codes of up to this many bits are decoded with one table lookup. */
export const FAST_BITS = 10

/** Reads bits from an array, high bits first. */
export interface BitReader {
  /** Reads up to 24 bits. Reading past the end throws a `BlockError`. */
  read(count: number): number
  position(): number
  moveTo(bit: number): void
}

/** A reader that starts at bit `start`. */
export function bitReader(input: Uint8Array, start: number): BitReader {
  let bit = start
  return {
    read(count) {
      if (bit + count > input.length * 8) throw new BlockError('the data ends inside a block')
      const value = peek24(input, bit) >>> (24 - count)
      bit += count
      return value
    },
    position: () => bit,
    moveTo(next) {
      bit = next
    },
  }
}

/** 24 bits starting at any bit, with zeros past the end. */
function peek24(input: Uint8Array, bit: number): number {
  const at = bit >>> 3
  const word =
    ((input[at] ?? 0) << 24) |
    ((input[at + 1] ?? 0) << 16) |
    ((input[at + 2] ?? 0) << 8) |
    (input[at + 3] ?? 0)
  return (word << (bit & 7)) >>> 8
}

/** Canonical Huffman codes in tables for decoding. */
export interface HuffmanTable {
  /** Indexed by the next `FAST_BITS` bits: `symbol << 5 | length`, or 0 for longer codes. */
  readonly fast: Uint16Array
  /** Indexed by length: one past the last code of this length, as `MAX_CODE_BITS` bits. */
  readonly limits: Int32Array
  /** Indexed by length: what to subtract from a code to get its index in `symbols`. */
  readonly bases: Int32Array
  readonly symbols: Uint16Array
}

/** An empty table for `buildTable` to fill. */
export const huffmanTable = (): HuffmanTable => ({
  fast: new Uint16Array(1 << FAST_BITS),
  limits: new Int32Array(MAX_CODE_BITS + 2),
  bases: new Int32Array(MAX_CODE_BITS + 2),
  symbols: new Uint16Array(MAX_SYMBOLS),
})

/**
 * Builds canonical codes from their lengths: shorter codes first, then by symbol. Throws a
 * `BlockError` if there are too many.
 */
export function buildTable(table: HuffmanTable, lengths: Uint8Array, symbolCount: number): void {
  const { fast, limits, bases, symbols } = table
  fast.fill(0)
  let code = 0
  let index = 0
  for (let length = 1; length <= MAX_CODE_BITS; length++) {
    bases[length] = code - index
    for (let symbol = 0; symbol < symbolCount; symbol++) {
      if (lengths[symbol] !== length) continue
      if (length <= FAST_BITS) {
        const first = code << (FAST_BITS - length)
        fast.fill((symbol << 5) | length, first, first + (1 << (FAST_BITS - length)))
      }
      symbols[index++] = symbol
      code++
    }
    if (code > 1 << length) throw new BlockError('a Huffman table has too many codes')
    limits[length] = code << (MAX_CODE_BITS - length)
    code <<= 1
  }
}

/**
 * Looks up a code too long for the fast table, given as the next `MAX_CODE_BITS` bits. Returns
 * `symbol << 5 | length`.
 */
export function longCode(table: HuffmanTable, code: number): number {
  for (let length = FAST_BITS + 1; length <= MAX_CODE_BITS; length++) {
    if (code >= (table.limits[length] as number)) continue
    const index = (code >>> (MAX_CODE_BITS - length)) - (table.bases[length] as number)
    return ((table.symbols[index] as number) << 5) | length
  }
  throw new BlockError('a code is in no Huffman table')
}
