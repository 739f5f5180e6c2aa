import fc from 'fast-check'
import { expect, it } from 'vitest'
import { scatterRanges } from '../tasks/rank.ts'
import { DOCUMENT_WIDTH } from '../tasks/scan.ts'
import { recordsOf } from './records.ts'
import { type Scattered, scatterRecords } from './scatter.ts'

/** The records of each file, as lists. */
function filesOf([records, lengths]: Scattered, width: number): number[][][] {
  let at = 0
  return [...lengths].map((length) => {
    const file = [...recordsOf(records.subarray(at, at + length), width)].map((record) => [
      ...record,
    ])
    at += length
    return file
  })
}

const word = fc.oneof(fc.nat(5), fc.integer({ min: 0, max: 0xffffffff }))

it('gives every file its records in their original order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(word, word, word)),
      fc.integer({ min: 1, max: 9 }),
      (records, files) => {
        const packed = Uint32Array.from(records.flat())
        const scattered = scatterRecords(packed, 3, files, (at) => (packed[at] ?? 0) % files)
        const expected = Array.from({ length: files }, (_, file) =>
          records.filter(([first]) => first % files === file),
        )
        expect(filesOf(scattered, 3)).toEqual(expected)
        expect(scattered[0].buffer).not.toBe(packed.buffer)
      },
    ),
  )
})

it('puts documents into the range of their order', () => {
  const record = fc.array(fc.nat(2), { minLength: DOCUMENT_WIDTH, maxLength: DOCUMENT_WIDTH })
  const before = (a: readonly number[], b: readonly number[]): number => {
    const at = a.findIndex((value, i) => value !== b[i])
    return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0)
  }
  fc.assert(
    fc.property(fc.array(record), fc.array(record, { maxLength: 6 }), (records, cuts) => {
      const starts = cuts.sort(before)
      const scattered = scatterRanges({
        records: Uint32Array.from(records.flat()),
        starts: Uint32Array.from(starts.flat()),
      })
      const rangeOf = (one: readonly number[]): number =>
        starts.filter((start) => before(one, start) >= 0).length
      const expected = Array.from({ length: starts.length + 1 }, (_, range) =>
        records.filter((one) => rangeOf(one) === range),
      )
      expect(filesOf(scattered, DOCUMENT_WIDTH)).toEqual(expected)
    }),
  )
})
