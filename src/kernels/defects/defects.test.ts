import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { textColumn } from '../../core/batch.ts'
import { hardBytes, realTexts } from '../testing/texts.ts'
import { CLASS, DEFECT, ENCODINGS, RANK_SHIFT } from './classes.ts'
import { defectScanner } from './kernel.ts'
import { defectsReference } from './reference.ts'

const BITS = [...Object.values(DEFECT), ...Object.values(CLASS)]
/** Characters of every length and class: each has two bits, by its place in the list. */
const CHARACTERS = [...'a Zé&;#1\n\r\u0085ÃâÅвЂ€ظـ\u200c\u200d\u0301\u093cक가€日\ufffdﷺ']
const random = new Uint32Array(1 << 17)
for (const [index, character] of CHARACTERS.entries()) {
  const bits = (BITS[index % BITS.length] ?? 0) | (BITS[(index * 7 + 3) % BITS.length] ?? 0)
  const rank = index % 5 === 0 ? index << RANK_SHIFT : 0
  const code = character.charCodeAt(0)
  if (code >= 0x80) random[2 * code] = bits | rank
  else random[2 * code] = code === 0x0d ? DEFECT.lineEnds : bits & CLASS.composes
  // Of ASCII there is no first byte.
  const first = code < 0x80 ? 0 : 1 << (index % 3)
  random[2 * code + 1] = first | ((1 << (index % 4)) << ENCODINGS)
}
const scanner = defectScanner(random)

function expectTwins(texts: readonly string[]): void {
  const expected = texts.map((text) => defectsReference(text, random))
  expect([...scanner.rows(textColumn(texts))]).toEqual(expected)
  expect(texts.map((text) => scanner.text(Buffer.from(text)))).toEqual(expected)
}

describe('the scan for defects', () => {
  it('finds the same in kernel and reference, on real and hard texts', () => {
    expectTwins([...realTexts(), ...hardBytes()].map((bytes) => Buffer.from(bytes).toString()))
  })

  it('finds the same in random texts, many to a column', () => {
    const character = fc.oneof(
      fc.constantFrom(...CHARACTERS),
      fc.constantFrom(...'😀\u{11100}\u{1d15e}\u{2f800}\u{e0020}\u{1d400}'),
      fc.constantFrom('plain words that are skipped ', '&amp;', '&#x26;', '&nosemicolon '),
    )
    const text = fc.array(character, { maxLength: 12 }).map((parts) => parts.join(''))
    fc.assert(fc.property(fc.array(text, { maxLength: 6 }), expectTwins), { numRuns: 3000 })
  })

  it('does not look beyond a row', () => {
    const table = new Uint32Array(1 << 17)
    table[2 * 0xe9] = CLASS.opening
    table[2 * 0xe9 + 1] = 1 | (1 << ENCODINGS)
    const apart = defectScanner(table)
    expect([...apart.rows(textColumn(['é', 'é', 'éé']))]).toEqual([0, 0, DEFECT.mojibake])
    expect([...apart.rows(textColumn(['&am', 'p;', '&amp;']))]).toEqual([0, 0, DEFECT.entities])
  })
})
