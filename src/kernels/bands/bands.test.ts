import fc from 'fast-check'
import { expect, it } from 'vitest'
import { mix32 } from '../fold/fold.ts'
import {
  BAND_WIDTH,
  type BandShape,
  bandWriter,
  bandWriterReference,
  NO_RANK,
  signatureWidth,
} from './bands.ts'

const COUNT_AT = 16
const LANES_AT = 20

const shapeOf = (lanes: number, bands: number, rows: number): BandShape => {
  return { stride: LANES_AT + 2 * lanes, countAt: COUNT_AT, lanesAt: LANES_AT, lanes, bands, rows }
}

/**
 * Sketches with arbitrary content. Every seventh document is too short; every fifth is excluded.
 */
function documents({ stride, lanes }: BandShape, count: number, seed: number) {
  const sketches = new Uint8Array(stride * count)
  const view = new DataView(sketches.buffer)
  for (let row = 0; row < count; row++) {
    view.setUint32(row * stride + COUNT_AT, row % 7 === 0 ? 0 : mix32(seed + row), true)
    for (let i = 0; i < lanes; i++)
      view.setUint16(row * stride + LANES_AT + 2 * i, mix32(seed ^ (row * lanes + i)), true)
  }
  return {
    sketches,
    ranks: Uint32Array.from({ length: count }, (_, row) => (row % 5 === 0 ? NO_RANK : mix32(row))),
    scopes: Uint32Array.from({ length: count }, (_, row) =>
      row % 3 === 0 ? 0 : mix32(seed * row),
    ),
  }
}

/** What a writer writes, with a word after each array that it must leave alone. */
function written(make: typeof bandWriter, shape: BandShape, count: number, seed: number) {
  const signatures = new Uint32Array(count * signatureWidth(shape.lanes) + 1).fill(7)
  const bands = new Uint32Array(count * shape.bands * BAND_WIDTH + 1).fill(7)
  return {
    documents: make(shape)(documents(shape, count, seed), signatures, bands),
    signatures,
    bands,
  }
}

it('writes a signature and the bands of each document that is included and long enough', () => {
  const shape = shapeOf(6, 2, 3)
  const { documents: count, signatures, bands } = written(bandWriterReference, shape, 3, 1)
  // The first document is excluded and too short.
  expect(count).toBe(2)
  const { sketches, ranks } = documents(shape, 3, 1)
  expect([...signatures.subarray(0, 2)]).toEqual([
    ranks[1],
    new DataView(sketches.buffer).getUint32(shape.stride + COUNT_AT, true),
  ])
  const bytes = Array.from({ length: 6 }, (_, i) => sketches[shape.stride + LANES_AT + 2 * i])
  expect([...new Uint8Array(signatures.buffer, 8, 8)]).toEqual([...bytes, 0, 0])
  expect([2, 5, 8, 11].map((at) => bands[at])).toEqual([ranks[1], ranks[1], ranks[2], ranks[2]])
})

it('hashes bands alike only if scope, position and lanes are equal', () => {
  const shape = shapeOf(4, 2, 2)
  const hashesOf = (lanes: readonly number[], scope: number): string[] => {
    const { sketches } = documents(shape, 2, 1)
    new Uint16Array(sketches.buffer, shape.stride + LANES_AT, 4).set(lanes)
    const bands = new Uint32Array(2 * BAND_WIDTH)
    const input = { sketches, ranks: Uint32Array.of(NO_RANK, 1), scopes: Uint32Array.of(0, scope) }
    expect(bandWriterReference(shape)(input, new Uint32Array(signatureWidth(4)), bands)).toBe(1)
    return [0, 3].map((at) => bands.subarray(at, at + 2).join())
  }
  const [first, second] = hashesOf([1, 2, 1, 2], 9)
  expect(first).not.toBe(second)
  expect(hashesOf([1, 2, 3, 4], 9)[0]).toBe(first)
  expect(hashesOf([1, 3, 1, 2], 9)).toEqual([expect.not.stringMatching(`^${first}$`), second])
  expect(hashesOf([1, 2, 1, 2], 8)[0]).not.toBe(first)
})

it('has a kernel that agrees with the reference for any shape and number of documents', () => {
  const shape = fc
    .record({
      bands: fc.integer({ min: 1, max: 20 }),
      rows: fc.integer({ min: 1, max: 9 }),
      more: fc.nat(40),
    })
    .map(({ bands, rows, more }) => shapeOf(bands * rows + more, bands, rows))
  fc.assert(
    fc.property(shape, fc.nat(60), fc.nat(), (shape, count, seed) => {
      expect(written(bandWriter, shape, count, seed)).toEqual(
        written(bandWriterReference, shape, count, seed),
      )
    }),
  )
  const usual = shapeOf(112, 14, 8)
  expect(written(bandWriter, usual, 10_000, 3)).toEqual(
    written(bandWriterReference, usual, 10_000, 3),
  )
})
