import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isSuspicious } from './suspicious.ts'

/** The same as one pattern. */
const PATTERN = new RegExp(
  [
    '[\\u0080-\\u009f]',
    '[^\\0-\\x7f][€†‡ˆ‰˜¡¢£¤¥¦§¨¬¯±µ¶¸¼½¾¿\\u02c7-\\u02dd\\u0384\\u0385\\u20a7\\u2202-\\u2265\\u2310-\\u2321\\u2500-\\u25ff\\uf8ff\\ufffd]',
    '[ƒ√≈≤≥∂∑∏π∫Ω∞µ◊¬\\u2500-\\u259f‚†°¢£§•¶ß®©™´¨≠][^\\0-\\x7f]',
    '[A-Za-z][\\u0370-\\u06ff]|[\\u0370-\\u06ff][A-Za-z]',
    '[À-ÖØ-ÞĂ-ſΒΓΞΟВГРСآأؤإ×ŸÿŰ][’‘“”„‚…–—«»‹›•·®©™°ºª²³¹´\\u00a0\\u00adŠŒŽŸšœžƒŚŤŹśťźˇĽľąşłżĄŞŁŻ]',
    '[âãïð][^\\0-\\x7f]{2}|[ÃĂГΓ] ',
    'вЂ|β€|ā€|[a-z][ĂĹÄÅ][^\\0-\\x7f]',
  ].join('|'),
)

const character = fc.oneof(
  fc.constantFrom(...' aZ©€†ƒ√πâãïðÃÄÅĂГΓвβāЂ™’«»éñ\u0085\u00a0\ufffdطظضابС'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
)

it('is suspicious of what the pattern matches', () => {
  fc.assert(
    fc.property(fc.array(character, { maxLength: 8 }), (characters) => {
      const line = characters.join('')
      expect(isSuspicious(line)).toBe(PATTERN.test(line))
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
