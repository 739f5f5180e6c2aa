import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { learnEmbedded } from '../../tokenizer/learn.ts'
import { bpeTable } from '../../tokenizer/vocabulary.ts'
import { hardBytes, realTexts } from '../testing/texts.ts'
import { type BpeEncoder, type BpeTable, tokenSink } from './bpe-table.ts'
import { bpeEncoder } from './kernel.ts'
import { referenceBpeEncoder } from './reference.ts'

const utf8 = new TextEncoder()

/**
 * A vocabulary of `a`, `b`, `c`, `ab`, `bc`, `abc`, `aa` with the given merges, and one id per byte
 * from 100.
 */
function tinyTable(merges: readonly (readonly [number, number, number, number])[]): BpeTable {
  const pieces = ['a', 'b', 'c', 'ab', 'bc', 'abc', 'aa']
  const characters = new Int32Array(0x110000).fill(-1)
  for (const [id, piece] of pieces.entries())
    if (piece.length === 1) characters[piece.charCodeAt(0)] = id
  const column = (index: number) => Int32Array.from(merges, (merge) => merge[index] ?? 0)
  return {
    characters,
    byteIds: Int32Array.from({ length: 256 }, (_, byte) => 100 + byte),
    merges: { left: column(0), right: column(1), merged: column(2), rank: column(3) },
    pieces: pieces.map((piece) => utf8.encode(piece)),
    whole: [],
  }
}

const sameIds = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((id, i) => id === b[i])

function idsOf(encode: BpeEncoder, bytes: Uint8Array, start = 0, end = bytes.length): number[] {
  const sink = tokenSink(1)
  encode(bytes, start, end, sink)
  return [...sink.ids.subarray(0, sink.length)]
}

describe.each([
  ['reference', referenceBpeEncoder],
  ['kernel', bpeEncoder],
])('%s', (_, encoderOf: (table: BpeTable) => BpeEncoder) => {
  const encode = (merges: Parameters<typeof tinyTable>[0], text: string): number[] =>
    idsOf(encoderOf(tinyTable(merges)), utf8.encode(text))

  it('merges the pair of lowest rank first, and the leftmost of equal rank', () => {
    expect(encode([[0, 1, 3, 1]], 'abab')).toEqual([3, 3])
    const both = (ab: number, bc: number) =>
      [
        [0, 1, 3, ab],
        [1, 2, 4, bc],
      ] as const
    expect(encode(both(1, 2), 'abc')).toEqual([3, 2])
    expect(encode(both(2, 1), 'abc')).toEqual([0, 4])
    expect(encode([[0, 0, 6, 1]], 'aaa')).toEqual([6, 0])
    expect(encode([...both(1, 2), [3, 2, 5, 3]], 'abcabc')).toEqual([5, 5])
  })

  it('writes bytes for characters without a piece and for bytes that are not UTF-8', () => {
    const encodeBytes = encoderOf(tinyTable([[0, 1, 3, 1]]))
    expect(idsOf(encodeBytes, utf8.encode('aéb'))).toEqual([0, 100 + 0xc3, 100 + 0xa9, 1])
    // An overlong form of "a" is not "a".
    expect(idsOf(encodeBytes, Uint8Array.of(0xc1, 0xa1, 0xe0, 0x81, 0xa1))).toEqual([
      293, 261, 324, 229, 261,
    ])
    expect(idsOf(encodeBytes, Uint8Array.of(0x61, 0xf0, 0x9f, 0x98))).toEqual([0, 340, 259, 252])
  })

  it('never cuts texts that are one token', () => {
    const table = { ...tinyTable([[0, 1, 3, 1]]), whole: [{ bytes: utf8.encode('ba'), id: 50 }] }
    expect(idsOf(encoderOf(table), utf8.encode('abab'))).toEqual([0, 50, 1])
  })

  it('reads nothing outside the stretch it is given', () => {
    const encodeBytes = encoderOf(tinyTable([[0, 1, 3, 1]]))
    expect(idsOf(encodeBytes, utf8.encode('ababab'), 1, 4)).toEqual([1, 3])
    expect(idsOf(encodeBytes, utf8.encode('ab'), 1, 1)).toEqual([])
  })
})

describe('kernel and reference', () => {
  let texts: Uint8Array[] = []
  let table: BpeTable
  let reference: BpeEncoder
  beforeAll(() => {
    texts = realTexts().flatMap((text) => [text, text.subarray(text.length >> 1)])
    const decoder = new TextDecoder()
    table = bpeTable(
      learnEmbedded(
        texts.map((text) => decoder.decode(text)),
        6000,
      ),
    )
    reference = referenceBpeEncoder(table)
  })

  it('agree on thousands of real documents, with a cache of any size', () => {
    expect(texts.length).toBeGreaterThan(2000)
    const encoders = [1, 64, 1 << 12, 1 << 18].map((slots) => bpeEncoder(table, slots))
    const wanted = texts.map((text) => idsOf(reference, text))
    // The encoders take over the kernels' memory from each other. The second round finds words in
    // its cache.
    for (const encode of encoders) {
      for (const _ of ['cold', 'warm']) {
        const different = texts.filter((text, i) => !sameIds(idsOf(encode, text), wanted[i]!))
        expect(different).toEqual([])
      }
    }
  })

  it('agree on empty, broken, astral and huge texts', () => {
    const encode = bpeEncoder(table)
    for (const bytes of hardBytes())
      expect(sameIds(idsOf(encode, bytes), idsOf(reference, bytes))).toBe(true)
  })

  it('agree on long and short words that end at or cross the end of a window', () => {
    const encode = bpeEncoder(table)
    for (const word of ['مرحبا ', `${'x1-'.repeat(60)} `, ' '.repeat(40), '\u{1f600}']) {
      const bytes = utf8.encode(word.repeat(Math.ceil(300_000 / utf8.encode(word).length)))
      for (const start of [0, 1, 3]) {
        expect(sameIds(idsOf(encode, bytes, start), idsOf(reference, bytes, start))).toBe(true)
      }
    }
  })

  it('agree on any bytes, and on words of any length', () => {
    const encode = bpeEncoder(table, 256)
    const unit = fc.constantFrom(
      'a',
      'ing',
      ' ',
      'ال',
      'ة',
      '\n',
      '0',
      '\u0000',
      '字',
      '\u{1f600}',
      'Ā',
    )
    const texts = fc.string({ unit, maxLength: 300 }).map((text) => utf8.encode(text))
    fc.assert(
      fc.property(fc.oneof(texts, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        expect(idsOf(encode, bytes)).toEqual(idsOf(reference, bytes))
      }),
      { numRuns: 2000 },
    )
  })

  it('can alternate with encoders of other vocabularies', () => {
    const first = bpeEncoder(tinyTable([[0, 1, 3, 1]]))
    const second = bpeEncoder(tinyTable([[1, 2, 4, 1]]))
    for (let round = 0; round < 3; round++) {
      expect(idsOf(first, utf8.encode('abc'))).toEqual([3, 2])
      expect(idsOf(second, utf8.encode('abc'))).toEqual([0, 4])
    }
  })
})
