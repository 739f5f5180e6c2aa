// What near-duplicate search compares: the hashes of each document's bands, and its signature with
// one byte per lane. The kernel is ./assembly.ts.
import { mix32, WORD_PRIME_A, WORD_PRIME_B } from '../fold/fold.ts'
import { kernelFunctions, kernelMemory } from '../memory/module.ts'

/** In place of the rank of an excluded document. */
export const NO_RANK = 0xffffffff

/** Words in a band record: 64 bits of hash, rank. */
export const BAND_WIDTH = 3

/** Number of 32-bit words that hold one byte of each lane. */
export function packedWords(lanes: number): number {
  return Math.ceil(lanes / 4)
}

/** Words in a signature record: rank, shingles, one byte per lane. */
export function signatureWidth(lanes: number): number {
  return 2 + packedWords(lanes)
}

/** The layout of a sketch, in bytes, and how its lanes are divided into bands. */
export interface BandShape {
  readonly stride: number
  /** Offset of the number of shingles (u32). Documents without shingles have no bands. */
  readonly countAt: number
  /** Offset of the lanes (u16 each). */
  readonly lanesAt: number
  readonly lanes: number
  readonly bands: number
  /** Lanes in a band. */
  readonly rows: number
}

/** Documents whose records are written; all arrays have one entry or sketch per document. */
export interface BandedDocuments {
  /** Sketches of consecutive documents. */
  readonly sketches: Uint8Array
  /** Ranks of the documents, `NO_RANK` for those that are excluded. */
  readonly ranks: Uint32Array
  /** Only documents of the same scope are compared: it seeds the hashes of their bands. */
  readonly scopes: Uint32Array
}

/**
 * Writes the records of documents into arrays that have room for all of them. Returns the number of
 * documents that have records.
 */
export type BandWriter = (
  documents: BandedDocuments,
  signatures: Uint32Array,
  bands: Uint32Array,
) => number

/** The reference of `bandWriter`. */
export function bandWriterReference(shape: BandShape): BandWriter {
  const { stride, countAt, lanesAt } = shape
  const lanes = new Uint16Array(shape.lanes)
  return ({ sketches, ranks, scopes }, signatures, bands) => {
    const view = new DataView(sketches.buffer, sketches.byteOffset, sketches.byteLength)
    let written = 0
    for (let row = 0; row < ranks.length; row++) {
      const shingles = view.getUint32(row * stride + countAt, true)
      if (ranks[row] === NO_RANK || shingles === 0) continue
      for (let i = 0; i < lanes.length; i++)
        lanes[i] = view.getUint16(row * stride + lanesAt + 2 * i, true)
      const signature = written * signatureWidth(lanes.length)
      signatures[signature] = ranks[row]!
      signatures[signature + 1] = shingles
      packLanes(lanes, signatures, signature + 2)
      for (let band = 0; band < shape.bands; band++) {
        const at = (written * shape.bands + band) * BAND_WIDTH
        hashBand(lanes, band, shape.rows, scopes[row]!, bands, at)
        bands[at + 2] = ranks[row]!
      }
      written++
    }
    return written
  }
}

/**
 * Packs one byte of each lane, four to a word, into `out` from index `at`. The last word is padded
 * with zeros.
 */
export function packLanes(lanes: Uint16Array, out: Uint32Array, at: number): void {
  for (let i = 0; i < lanes.length; i++) {
    const word = at + (i >>> 2)
    const byte = (lanes[i]! & 0xff) << ((i & 3) * 8)
    out[word] = (i & 3) === 0 ? byte : out[word]! | byte
  }
}

function hashBand(
  lanes: Uint16Array,
  band: number,
  rows: number,
  scope: number,
  out: Uint32Array,
  at: number,
): void {
  let a = mix32(scope ^ (band + 1))
  let b = mix32(a ^ WORD_PRIME_B)
  for (let i = band * rows; i < (band + 1) * rows; i++) {
    a = Math.imul(a ^ lanes[i]!, WORD_PRIME_A)
    b = Math.imul(((b << 7) | (b >>> 25)) ^ lanes[i]!, WORD_PRIME_B)
  }
  out[at] = mix32(a ^ b)
  out[at + 1] = mix32(b)
}

interface Functions {
  writeBands(
    sketches: number,
    ranks: number,
    scopes: number,
    documents: number,
    stride: number,
    countAt: number,
    lanesAt: number,
    lanes: number,
    bands: number,
    rows: number,
    signatures: number,
    records: number,
  ): number
}

/** Documents that are in the kernels' memory at a time. */
const PIECE = 4096

/** The kernel of `bandWriterReference`. */
export function bandWriter(shape: BandShape): BandWriter {
  const { stride, countAt, lanesAt, lanes, bands, rows } = shape
  const { writeBands } = kernelFunctions<Functions>('writeBands')
  const memory = kernelMemory()
  const width = signatureWidth(lanes)
  const wordsAt = (at: number, count: number): Uint32Array =>
    new Uint32Array(memory.bytes.buffer, at, count)
  const piece = (
    { sketches, ranks, scopes }: BandedDocuments,
    signatures: Uint32Array,
    records: Uint32Array,
  ): number =>
    memory.scope(() => {
      const signaturesAt = memory.temporary(ranks.length * width * 4)
      const recordsAt = memory.temporary(ranks.length * bands * BAND_WIDTH * 4)
      const written = writeBands(
        memory.lend(sketches),
        memory.lend(ranks),
        memory.lend(scopes),
        ranks.length,
        stride,
        countAt,
        lanesAt,
        lanes,
        bands,
        rows,
        signaturesAt,
        recordsAt,
      )
      signatures.set(wordsAt(signaturesAt, written * width))
      records.set(wordsAt(recordsAt, written * bands * BAND_WIDTH))
      return written
    })
  return ({ sketches, ranks, scopes }, signatures, records) => {
    let written = 0
    for (let from = 0; from < ranks.length; from += PIECE) {
      const to = Math.min(ranks.length, from + PIECE)
      const some = {
        sketches: sketches.subarray(from * stride, to * stride),
        ranks: ranks.subarray(from, to),
        scopes: scopes.subarray(from, to),
      }
      written += piece(
        some,
        signatures.subarray(written * width),
        records.subarray(written * bands * BAND_WIDTH),
      )
    }
    return written
  }
}
