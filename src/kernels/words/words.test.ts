import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesAt, textColumn } from '../../core/batch.ts'
import { hardBytes, realTexts } from '../testing/texts.ts'
import { countWords, countWordsReference, wordsOfRows } from './words.ts'

const expectTwins = (text: Uint8Array): void => {
  expect(countWords(text)).toBe(countWordsReference(text))
}

describe('counting words', () => {
  it('counts runs of bytes between ASCII white space and control characters', () => {
    const count = (text: string): number => countWordsReference(Buffer.from(text))
    expect(count('')).toBe(0)
    expect(count(' one\ttwo\n\n three-3 .\u0000x ')).toBe(5)
    expect(count('ضوء المجرات،\u00a0البعيدة')).toBe(2)
  })

  it('has a kernel that agrees with the reference on real, hard and random bytes', () => {
    for (const text of [...realTexts(), ...hardBytes()]) expectTwins(text)
    const byte = fc.constantFrom(0x00, 0x0a, 0x20, 0x21, 0x61, 0x7f, 0x80, 0xff)
    const bytes = fc.array(byte, { maxLength: 100 }).map((values) => Uint8Array.from(values))
    fc.assert(fc.property(bytes, expectTwins), { numRuns: 2000 })
  })

  it('ends a word where its row ends', () => {
    const column = textColumn(['one two', '', 'three', ' ', 'أربع خمس'])
    expect([...wordsOfRows(column)]).toEqual([2, 0, 1, 0, 2])
    const texts = textColumn(
      Array.from({ length: 500 }, (_, i) => 'كلمة w\n'.repeat(i % 40).slice(i % 7)),
    )
    expect([...wordsOfRows(texts)]).toEqual(
      [...texts.offsets.keys()].slice(1).map((row) => countWordsReference(bytesAt(texts, row - 1))),
    )
  })

  it('leaves very long columns to the reference', () => {
    const bytes = new Uint8Array((64 << 20) + 8).fill(0x20)
    bytes.set(Buffer.from('one two'), 8)
    expect([...wordsOfRows({ bytes, offsets: Int32Array.of(0, 12, bytes.length) })]).toEqual([1, 1])
  })
})
