// SHA-256 of many short texts at once. One of the platform's hash objects costs more than hashing
// an id does.
import { createHash } from 'node:crypto'
import { bytesAt, type TextColumn } from '../../core/batch.ts'
import { kernelFunctions, kernelMemory } from '../memory/module.ts'

/** Bytes of a digest. */
export const DIGEST_BYTES = 32

/**
 * Returns the digests of the prefix followed by each row, one after another. The caller owns the
 * result.
 */
export type RowDigests = (column: TextColumn) => Uint8Array

/** Columns of more bytes than this are left to the reference. */
const MOST_BYTES = 16 << 20

/**
 * Constants of the kernel: the number of messages hashed side by side, and the room for their
 * states, schedules and numbers of blocks.
 */
const LANES = 4
const WORK_BYTES = LANES * 4 * (8 + 64 + 1)

/**
 * Fractional parts of the cube roots of the first 64 primes, and of the square roots of the first 8
 * (FIPS 180-4).
 */
const CONSTANTS = [
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]
const INITIAL = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]

/** The reference of `rowDigests`, which uses the platform's hash. */
export function rowDigestsReference(prefix: Uint8Array, column: TextColumn): Uint8Array {
  const digests = new Uint8Array((column.offsets.length - 1) * DIGEST_BYTES)
  for (let row = 0; row < column.offsets.length - 1; row++) {
    digests.set(
      createHash('sha256').update(prefix).update(bytesAt(column, row)).digest(),
      row * DIGEST_BYTES,
    )
  }
  return digests
}

interface Functions {
  digestRows(
    prefix: number,
    prefixLength: number,
    base: number,
    offsets: number,
    rows: number,
    constants: number,
    initial: number,
    work: number,
    messages: number,
    stride: number,
    out: number,
  ): void
}

/** The kernel of `rowDigestsReference`. */
export function rowDigests(prefix: Uint8Array): RowDigests {
  const { digestRows } = kernelFunctions<Functions>('digestRows')
  const memory = kernelMemory()
  return (column) => {
    const { offsets } = column
    const rows = offsets.length - 1
    const length = offsets[rows] ?? 0
    if (length > MOST_BYTES) return rowDigestsReference(prefix, column)
    const stride = prefix.length + longest(offsets) + 72
    return memory.scope(() => {
      const out = memory.temporary(rows * DIGEST_BYTES)
      digestRows(
        memory.lend(prefix),
        prefix.length,
        memory.lend(column.bytes.subarray(0, length)),
        memory.lend(offsets),
        rows,
        memory.lend(Uint32Array.from(CONSTANTS)),
        memory.lend(Uint32Array.from(INITIAL)),
        memory.temporary(WORK_BYTES),
        memory.temporary(LANES * stride),
        stride,
        out,
      )
      return memory.bytes.slice(out, out + rows * DIGEST_BYTES)
    })
  }
}

function longest(offsets: Int32Array): number {
  let most = 0
  for (let row = 1; row < offsets.length; row++)
    most = Math.max(most, (offsets[row] ?? 0) - (offsets[row - 1] ?? 0))
  return most
}
