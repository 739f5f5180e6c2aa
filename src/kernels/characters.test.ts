import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CHARACTER_CLASSES,
  type CharacterClass,
  characterCounter,
  countCharactersReference,
  generalCharacterTable,
} from './characters.ts'
import { kernelMemory } from './module.ts'
import { hardBytes, realTexts } from './testing/texts.ts'

const table = generalCharacterTable()
const count = characterCounter(table)

function countWithKernel(text: Uint8Array): Uint32Array {
  const memory = kernelMemory()
  return memory.scope(() => {
    const start = memory.lend(text)
    return count(start, start + text.length).slice()
  })
}

function named(counts: Uint32Array): Partial<Record<CharacterClass, number>> {
  return Object.fromEntries(CHARACTER_CLASSES.map((name, i) => [name, counts[i]!]).filter(([, n]) => n !== 0))
}

describe('counting characters by class', () => {
  it('tells Arabic from Latin letters, marks, digits of all scripts and punctuation of both', () => {
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

  it('counts every code point once', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const counts = countWithKernel(new TextEncoder().encode(text))
        expect(counts.reduce((sum, n) => sum + n, 0)).toBe([...text].length)
      }),
    )
  })

  it('has a kernel that agrees with the reference on real text', () => {
    for (const text of realTexts()) expect(`${countWithKernel(text)}`).toBe(`${countCharactersReference(text, table)}`)
  })

  it('has a kernel that agrees with the reference on hard and random bytes', () => {
    for (const text of hardBytes()) expect(countWithKernel(text)).toEqual(countCharactersReference(text, table))
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (text) => {
        expect(countWithKernel(text)).toEqual(countCharactersReference(text, table))
      }),
    )
  })
})
