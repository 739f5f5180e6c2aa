import fc from 'fast-check'
import { expect, it } from 'vitest'
import { CHARSETS } from './charsets.ts'
import { isSuspicious } from './classes.ts'

/** What is strange about the last characters of a text. */
const STRANGE = new RegExp(
  `(?:${[
    '[\\u0080-\\u009f]',
    '[^\\0-\\x7f][€†‡ˆ‰˜¡¢£¤¥¦§¨¬¯±µ¶¸¼½¾¿\\u02c7-\\u02dd\\u0384\\u0385\\u20a7\\u2202-\\u2265\\u2310-\\u2321\\u2500-\\u25ff\\uf8ff\\ufffd]',
    '[ƒ√≈≤≥∂∑∏π∫Ω∞µ◊¬\\u2500-\\u259f‚†°¢£§•¶ß®©™´¨≠][^\\0-\\x7f]',
    '[A-Za-z][\\u0370-\\u06ff]|[\\u0370-\\u06ff][A-Za-z]',
    '[À-ÖØ-ÞĂ-ſΒΓΞΟВГРСآأؤإ×ŸÿŰ][’‘“”„‚…–—«»‹›•·®©™°ºª²³¹´\\u00a0\\u00adŠŒŽŸšœžƒŚŤŹśťźˇĽľąşłżĄŞŁŻ]',
    '[âãïð][^\\0-\\x7f]{2}|[ÃĂГΓ] ',
    'вЂ|β€|ā€|[a-z][ĂĹÄÅ][^\\0-\\x7f]',
  ].join('|')})$`,
)

/** Whether two characters are the first bytes of one in some encoding. */
const isPair = (lead: string, tail: string): boolean =>
  CHARSETS.some(({ byteOf }) => {
    const [first = 0, later = tail === '\ufffd' ? 0x80 : 0] = [byteOf.get(lead), byteOf.get(tail)]
    if (tail === ' ')
      return /[\xc2\xc3\xc5\xce\xd0\xd9\xe2\xe3\xf0]/.test(String.fromCharCode(first))
    return first >= 0xc2 && first <= 0xff && later >= 0x80 && later < 0xc0
  })

/** The same, slowly: a strange place, and a pair at most two characters away. */
function isSuspiciousSlowly(line: string): boolean {
  const places = Array.from({ length: line.length }, (_, at) => at)
  const strange = places.filter((at) => STRANGE.test(line.slice(0, at + 1)))
  const pairs = places.filter((at) => isPair(line[at - 1] ?? '', line[at] ?? ''))
  return (
    /[\x80-\x9f]/.test(line) ||
    strange.some((at) => pairs.some((other) => Math.abs(at - other) < 3))
  )
}

const character = fc.oneof(
  fc.constantFrom(...' aZ©€†ƒ√πâãïðÃÄÅĂГΓвβāЂ™’«»éñ\u0085\u00a0\ufffdطظضابС'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
)

it('finds strange characters beside the bytes of one', () => {
  fc.assert(
    fc.property(fc.array(character, { maxLength: 8 }), (characters) => {
      const line = characters.join('')
      expect(isSuspicious(line)).toBe(isSuspiciousSlowly(line))
    }),
    { numRuns: 5000 },
  )
})

it.each(['The light of stars.', 'الضوء من النجوم', 'Déjà vu, naïve', '日本語'])(
  'is not suspicious of «%s»',
  (line) => {
    expect(isSuspicious(line)).toBe(false)
  },
)
