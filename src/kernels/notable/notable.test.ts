import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hardBytes, realTexts } from '../testing/texts.ts'
import { nextNotableReference, notableIn } from './notable.ts'

const all = (next: (start: number, end: number) => number, length: number): number[] => {
  const found: number[] = []
  for (let at = next(0, length); at < length; at = next(at + 1, length)) found.push(at)
  return found
}

const expectTwins = (bytes: Uint8Array): void => {
  const next = notableIn({ bytes, offsets: Int32Array.of(0, bytes.length) })
  const reference = (start: number, end: number) => nextNotableReference(bytes, start, end)
  expect(all(next, bytes.length)).toEqual(all(reference, bytes.length))
  const half = bytes.length >> 1
  expect(next(0, half)).toBe(reference(0, half))
}

describe('notable bytes', () => {
  const first = (text: string): number => {
    const bytes = Buffer.from(text)
    return nextNotableReference(bytes, 0, bytes.length)
  }

  it('are not those of plain English and Arabic', () => {
    expect(first('plain text,\twith a "quotation" and 100 % of it\n')).toBe(47)
    expect(first('نص عربي، أوله وآخره؛ ١٢٣؟ گچ')).toBe(
      Buffer.byteLength('نص عربي، أوله وآخره؛ ١٢٣؟ گچ'),
    )
  })

  it('are those of controls, entities, tatweel, marks, other scripts and mixtures', () => {
    expect(first('a\rb')).toBe(1)
    expect(first('ab & c')).toBe(3)
    expect(first('هـ')).toBe(2)
    expect(first('بَ')).toBe(2)
    expect(first('café')).toBe(3)
    expect(first('x\u061c')).toBe(0)
    expect(first(' ab\u0639')).toBe(2)
  })

  it('are found by the kernel as by the reference, on real, hard and random bytes', () => {
    for (const text of [...realTexts(), ...hardBytes()]) expectTwins(text.subarray(0, 20_000))
    const byte = fc.constantFrom(
      ...[0x00, 0x09, 0x0a, 0x0d, 0x20, 0x26, 0x41, 0x5b, 0x60, 0x61, 0x7a, 0x7b, 0x7f, 0x80, 0x8a],
      ...[0x8b, 0x95, 0x96, 0x9c, 0x9f, 0xa0, 0xad, 0xae, 0xb0, 0xc1, 0xc2, 0xd7, 0xd8, 0xd9, 0xda],
      ...[0xdb, 0xdc, 0xff],
    )
    const bytes = fc.array(byte, { maxLength: 70 }).map((values) => Uint8Array.from(values))
    fc.assert(fc.property(bytes, expectTwins), { numRuns: 2000 })
  })
})
