import { expect, it } from 'vitest'
import { DROPPED, EXPANSION, EXPANSION_END, foldTable, ITSELF, SEPARATOR } from './fold-table.ts'

const ALIKE: Readonly<Record<string, string>> = {
  ٱ: 'ا',
  ...Object.fromEntries([...'ىیېۍ'].map((yeh) => [yeh, 'ي'])),
  ...Object.fromEntries([...'ةہھە'].map((heh) => [heh, 'ه'])),
  ...Object.fromEntries([...'کڪ'].map((kaf) => [kaf, 'ك'])),
}
const isSyllable = (code: number): boolean => code >= 0xac00 && code < 0xd7a4

/** What a code point alone folds to: UTF-16 units or a marker. */
function slowly(code: number): number[] {
  const letter = String.fromCodePoint(code)
  const itself = code > 0xffff ? ITSELF : code
  if (/\p{Nd}/u.test(letter)) {
    let before = 0
    while (/\p{Nd}/u.test(String.fromCodePoint(code - before - 1))) before++
    return [0x30 + (before % 10)]
  }
  if (/[\p{M}\p{Cf}\u0640]/u.test(letter)) return [DROPPED]
  if (!/[\p{L}\p{N}_]/u.test(letter)) return [SEPARATOR]
  if (isSyllable(code)) return [itself]
  const parts = [...letter.toUpperCase().toLowerCase().normalize('NFKD').toLowerCase()]
    .filter((part) => !/[\p{M}\p{Cf}\u0640]/u.test(part))
    .map((part) => ALIKE[part] ?? part)
  if (parts.length === 0 || parts.some((part) => part.length > 1))
    return [parts.length === 0 ? itself : ITSELF]
  return parts.map((part) => (/[\p{L}\p{N}_]/u.test(part) ? part.charCodeAt(0) : SEPARATOR))
}

it('holds what each code point of planes 0 and 1 folds to alone', () => {
  const { units, sequences, starts } = foldTable()
  for (let code = 1; code < units.length; code++) {
    if (code >= 0xd800 && code < 0xe000) continue // surrogates, which no text contains
    const unit = units[code] ?? SEPARATOR
    const sequence = unit - EXPANSION
    const folded =
      unit >= EXPANSION && unit < EXPANSION_END
        ? [...sequences.subarray(starts[sequence], starts[sequence + 1])]
        : [unit]
    if (`${folded}` !== `${slowly(code)}`)
      expect(folded, `U+${code.toString(16)}`).toEqual(slowly(code))
  }
  expect(starts.length).toBeGreaterThan(500)
})
