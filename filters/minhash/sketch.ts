import { createHash } from 'node:crypto'
import { type Batch, bytesAt, kindAt } from '../../src/core/batch.ts'
import type { BandShape } from '../../src/kernels/bands/bands.ts'
import { textKernel } from '../../src/kernels/minhash/kernel.ts'
import { signer } from '../../src/kernels/minhash/minhash.ts'
import { shingler } from '../../src/kernels/shingle/shingle.ts'
import type { MinhashOptions } from './options.ts'

// A sketch: 16 bytes that are equal for exact duplicates, the number of shingles (u32, repeats
// counted, 0 = too short), then one u16 a signature lane; little-endian, as every machine Node runs
// on.
export const DIGEST_WORDS = 4
const COUNT_AT = 16
const LANES_AT = 20

/** Offsets in a sketch. */
export function sketchShape(lanes: number): Omit<BandShape, 'bands' | 'rows'> {
  return { stride: LANES_AT + 2 * lanes, countAt: COUNT_AT, lanesAt: LANES_AT, lanes }
}

/** Bytes of a sketch. */
export function sketchBytes({ hashes }: Pick<MinhashOptions, 'hashes'>): number {
  return sketchShape(hashes).stride
}

/** Typed arrays over consecutive sketches, or over a copy if the bytes are not aligned. */
export interface Sketches {
  /** Writes the four words of the digest at `at`. */
  digest(row: number, out: Uint32Array, at: number): void
  /** The signature: a view. */
  lanes(row: number): Uint16Array
}

/** Reads sketches in the form the store returns them. */
export function openSketches(bytes: Uint8Array, hashes: number): Sketches {
  const { stride } = sketchShape(hashes)
  const aligned = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice()
  const view = new DataView(aligned.buffer, aligned.byteOffset, aligned.byteLength)
  return {
    digest(row, out, at) {
      for (let i = 0; i < DIGEST_WORDS; i++)
        out[at + i] = view.getUint32(row * stride + 4 * i, true)
    },
    lanes: (row) =>
      new Uint16Array(aligned.buffer, aligned.byteOffset + row * stride + LANES_AT, hashes),
  }
}

/**
 * Sketches batches. Two prose texts are exact duplicates if their folded words are equal. Code, and
 * texts without words, must be equal except for white space: `a + b` is not `a - b`.
 */
export function sketcher(options: MinhashOptions): (batch: Batch, out: Uint8Array) => void {
  const words = shingler(options.shingleWords, textKernel())
  const sign = signer(options.signature, options.hashes, words)
  const stride = sketchBytes(options)
  const lanes = new Uint16Array(options.hashes)
  const laneBytes = new Uint8Array(lanes.buffer)
  return (batch, out) => {
    const view = new DataView(out.buffer, out.byteOffset, out.byteLength)
    for (let row = 0; row < batch.rows; row++) {
      const text = bytesAt(batch.text, row)
      const at = row * stride
      lanes.fill(0)
      const count = sign.sign(text, lanes)
      const literal = count === 0 || kindAt(batch, row) === 'code'
      const digest = literal ? literalDigest(text) : words.digest()
      for (let i = 0; i < DIGEST_WORDS; i++) view.setUint32(at + 4 * i, digest[i] ?? 0, true)
      view.setUint32(at + COUNT_AT, Math.max(0, count - options.shingleWords + 1), true)
      out.set(laneBytes, at + LANES_AT)
    }
  }
}

/** 128-bit digest of the text with every run of white space replaced by one space and trimmed. */
function literalDigest(text: Uint8Array): Uint32Array {
  const collapsed = new Uint8Array(text.length)
  let length = 0
  let gap = false
  for (const byte of text) {
    if (byte === 0x20 || (byte >= 9 && byte <= 13)) {
      gap = length > 0
      continue
    }
    if (gap) collapsed[length++] = 0x20
    gap = false
    collapsed[length++] = byte
  }
  const hash = createHash('sha256').update(collapsed.subarray(0, length)).digest()
  return Uint32Array.from({ length: DIGEST_WORDS }, (_, i) => hash.readUInt32LE(4 * i))
}
