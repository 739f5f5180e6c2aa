import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EVIDENCE_BYTES, evidenceOf } from './evidence.ts'
import { ARABIC, ENGLISH } from './function-words.ts'

type Script = 'arabic' | 'latin'

const evidence = (text: string, script: Script, whole = true) => {
  const bytes = Buffer.from(text)
  return evidenceOf(bytes, 0, bytes.length, script, whole)
}

const fold = (word: string): string =>
  word
    .replace(/[أإآٱ]/g, 'ا')
    .replace(/[ىی]/g, 'ي')
    .replace(/ة/g, 'ه')
    .replace(/ک/g, 'ك')
const setOf = (list: string) => new Set(list.trim().split(/\s+/).map(fold))
const english = setOf(ENGLISH)
const arabic = setOf(ARABIC)

/** The same counts with strings. */
function oracle(text: string, script: Script) {
  const counts = { words: 0, hits: 0, odd: 0, nameBytes: 0 }
  const words = text.split(' ').filter((word) => word !== '')
  for (const [i, word] of words.entries()) {
    if (script === 'latin') {
      if (!/\p{Script=Latin}/u.test(word)) continue
      const isOdd = /[^\u0000-\u007f]/.test(word.replace(/[^\p{Script=Latin}]/gu, ''))
      const isFunctionWord = !isOdd && english.has(word.replace(/[^A-Za-z']/g, '').toLowerCase())
      if (!isFunctionWord && i > 0 && /^[A-Z]/.test(word)) {
        counts.nameBytes += Buffer.byteLength(word)
        continue
      }
      counts.words++
      if (isOdd) counts.odd++
      if (isFunctionWord) counts.hits++
    } else {
      const letters = fold(word.replace(/[^\u0620-\u06ff]/g, ''))
      if (letters === '') continue
      counts.words++
      if (letters.length === 1) {
        if (/[نيغ]/.test(letters)) counts.odd++
        continue
      }
      const hasArticle = letters.length > 3 && /^(?:[وفبكل]?ال|و?لل)/.test(letters)
      const rest = /^[وفبكل]/.test(letters) ? letters.slice(1) : ''
      if (hasArticle || arabic.has(letters) || arabic.has(rest)) counts.hits++
    }
  }
  return counts
}

const latinWord = fc.oneof(
  fc.constantFrom(...english, 'The', 'Hubble', "it's", 'Māori', 'naïve', '“the', '٣', 'نجم', "'"),
  fc.stringMatching(/^[A-Za-z']{1,8}$/),
)
const arabicWord = fc.oneof(
  fc.constantFrom(
    ...arabic,
    'النجوم',
    'والنجوم',
    'وللنجوم',
    'للنجوم',
    'ن',
    'و',
    'غ،',
    'في؟',
    'star',
  ),
  fc.stringMatching(/^[ء-غف-يأإآٱىیکة]{1,7}$/),
)

describe('evidence of function words', () => {
  it('counts English and Arabic sentences', () => {
    expect(evidence('The light of distant Galaxies is stretched', 'latin')).toEqual({
      ...{ words: 6, hits: 3, odd: 0, nameBytes: 8 },
    })
    expect(evidence('يتمدد ضوء المجرات في طريقه إلينا ومن هنا', 'arabic')).toMatchObject({
      ...{ words: 8, hits: 5 },
    })
  })

  it('is what strings give, in both scripts', () => {
    const check = (script: Script, word: fc.Arbitrary<string>): void =>
      fc.assert(
        fc.property(fc.array(word, { maxLength: 30 }), (words) => {
          const text = words.join(' ')
          expect(evidence(text, script)).toEqual(oracle(text, script))
        }),
      )
    check('latin', latinWord)
    check('arabic', arabicWord)
  })

  it('reads long texts at their start and in their middle only', () => {
    const long = 'the star '.repeat(100_000)
    const { words, hits } = evidence(long, 'latin', false)
    expect(words).toBeLessThanOrEqual((2 * EVIDENCE_BYTES) / 4)
    expect(hits / words).toBeCloseTo(0.5, 1)
    expect(evidence('ن'.repeat(1_000_000), 'arabic', false).words).toBe(1)
  })
})
