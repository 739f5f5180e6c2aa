import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { kernelMemory } from '../memory/module.ts'
import { hardBytes, realTexts } from '../testing/texts.ts'
import {
  CHARACTER_CLASSES,
  type CharacterClass,
  characterCounter,
  characterTable,
  countCharactersReference,
  generalCharacterTable,
} from './characters.ts'

const table = generalCharacterTable()
const countGeneral = characterCounter(table)
/** A table of letters only, for which the kernel takes its fast path. */
const letters = characterTable(4, [
  { value: 2, pattern: /\p{L}+/gu },
  { value: 0, pattern: /\p{Script=Latin}+/gu, over: 2 },
  { value: 1, pattern: /[\u0621-\u063a\u0641-\u064a\u0671]+/gu },
])
const countLetters = characterCounter(letters)

function countWithKernel(text: Uint8Array, count = countGeneral): Uint32Array {
  const memory = kernelMemory()
  return memory.scope(() => {
    const start = memory.lend(text)
    return count(start, start + text.length).slice()
  })
}

const expectTwins = (text: Uint8Array): void => {
  for (const [one, count] of [
    [table, countGeneral],
    [letters, countLetters],
  ] as const) {
    expect(`${countWithKernel(text, count)}`).toBe(`${countCharactersReference(text, one)}`)
  }
}

function named(counts: Uint32Array): Partial<Record<CharacterClass, number>> {
  return Object.fromEntries(
    CHARACTER_CLASSES.map((name, i) => [name, counts[i]!]).filter(([, n]) => n !== 0),
  )
}

describe('counting characters by class', () => {
  it('distinguishes Arabic and Latin letters, marks, digits and punctuation', () => {
    const text = new TextEncoder().encode('Hi كَتَبَ، ٤2 é e\u0301 漢 ـ؟ 😀\n\u0000')
    expect(named(countCharactersReference(text, table))).toEqual({
      latinUpper: 1,
      latinLower: 3,
      arabicLetter: 4,
      arabicMark: 3,
      otherMark: 1,
      otherLetter: 1,
      number: 2,
      punctuation: 2,
      symbol: 1,
      space: 8,
      other: 1,
    })
  })

  it('counts every code point exactly once', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const counts = countWithKernel(new TextEncoder().encode(text))
        expect(counts.reduce((sum, n) => sum + n, 0)).toBe([...text].length)
      }),
    )
  })

  it('has a kernel that agrees with the reference on real text', () => {
    for (const text of realTexts()) expectTwins(text)
  })

  it('has a kernel that agrees with the reference on hard and random bytes', () => {
    for (const text of hardBytes()) expectTwins(text)
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), expectTwins))
    const piece = fc.constantFrom(
      ...['a', 'Z', ' ', '.', 'ab', 'ب', 'ي', 'سلام', 'ـ', 'َ', 'پ', '،', 'é', '漢', '😀'],
    )
    const bytes = fc.array(piece, { maxLength: 40 }).map((parts) => Buffer.from(parts.join('')))
    const cuts = fc.tuple(bytes, fc.nat(3), fc.nat(3))
    fc.assert(
      fc.property(cuts, ([text, start, end]) =>
        expectTwins(text.subarray(start, text.length - end)),
      ),
      { numRuns: 2000 },
    )
  })
})
