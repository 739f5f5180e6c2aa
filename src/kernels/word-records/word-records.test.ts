import fc from 'fast-check'
import { expect, it } from 'vitest'
import { mix32 } from '../fold/fold.ts'
import {
  compareWords,
  scatterWords,
  scatterWordsReference,
  sortWords,
  sortWordsReference,
} from './word-records.ts'

/** Words that are often equal, or differ in the last bit or in the first. */
const word = fc.oneof(
  fc.nat(2),
  fc.integer({ min: 0, max: 0xffffffff }),
  fc.constantFrom(0x7fffffff, 0x80000000),
)

/** Records and their width. */
const packed = fc.integer({ min: 1, max: 19 }).chain((width) => {
  const record = fc.array(word, { minLength: width, maxLength: width })
  return fc
    .array(record, { maxLength: 70 })
    .map((records) => ({ width, words: Uint32Array.from(records.flat()) }))
})

function listed(words: Uint32Array, width: number): number[][] {
  return Array.from({ length: words.length / width }, (_, i) => [
    ...words.subarray(i * width, (i + 1) * width),
  ])
}

/** What `write` leaves in an array, with words after it that must stay unchanged. */
function written<Result>(length: number, write: (out: Uint32Array) => Result) {
  const all = new Uint32Array(length + 8).fill(7)
  return { result: write(all.subarray(0, length)), all }
}

it.each([
  ['the reference', scatterWordsReference],
  ['the kernel', scatterWords],
])('%s copies the records of each window together, in their original order', (_, scatter) => {
  const windows = fc.record({ size: fc.integer({ min: 1, max: 0xffffffff }), first: fc.nat(18) })
  fc.assert(
    fc.property(packed, windows, ({ words, width }, { size: wanted, first }) => {
      const at = first % width
      const largest = words.reduce(
        (most, value, i) => (i % width === at ? Math.max(most, value) : most),
        0,
      )
      const size = Math.max(wanted, Math.ceil(largest / 500), 1)
      const count = Math.floor(largest / size) + 1
      const { result, all } = written(words.length, (out) =>
        scatter(words, width, at, { size, count }, out),
      )
      const expected = Array.from({ length: count }, (_, window) =>
        listed(words, width).filter((record) => Math.floor((record[at] ?? 0) / size) === window),
      )
      expect([...result]).toEqual(expected.map((records) => records.length * width))
      expect(listed(all.subarray(0, words.length), width)).toEqual(expected.flat())
      expect([...all.subarray(words.length)]).toEqual(new Array(8).fill(7))
    }),
  )
})

it.each([
  ['the reference', sortWordsReference],
  ['the kernel', sortWords],
])('%s sorts records by their words', (_, sort) => {
  fc.assert(
    fc.property(packed, ({ words, width }) => {
      const { all } = written(words.length, (out) => sort(words, width, out))
      const byWords = (a: readonly number[], b: readonly number[]): number =>
        compareWords(Uint32Array.from(a), 0, Uint32Array.from(b), 0, width)
      expect(listed(all.subarray(0, words.length), width)).toEqual(
        listed(words, width).sort(byWords),
      )
      expect([...all.subarray(words.length)]).toEqual(new Array(8).fill(7))
    }),
  )
})

it('handles as many records as a task has, and more than fit into the kernels’ memory', () => {
  for (const [count, width] of [
    [60_000, 14],
    [1_500_000, 3],
  ] as const) {
    const words = Uint32Array.from(
      { length: count * width },
      (_, i) => mix32(i) % (i % width === 0 ? 300 : 2 ** 32),
    )
    const [ours, expected] = [new Uint32Array(words.length), new Uint32Array(words.length)]
    sortWords(words, width, ours)
    sortWordsReference(words, width, expected)
    expect(Buffer.compare(Buffer.from(ours.buffer), Buffer.from(expected.buffer))).toBe(0)
    const windows = { size: 5, count: 60 }
    expect(scatterWords(words, width, 0, windows, ours)).toEqual(
      scatterWordsReference(words, width, 0, windows, expected),
    )
    expect(Buffer.compare(Buffer.from(ours.buffer), Buffer.from(expected.buffer))).toBe(0)
  }
})
