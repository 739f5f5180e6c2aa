import { type Random, seededRandom } from './random.ts'

export const LANGUAGES = ['ar', 'en', 'code'] as const
export type Language = (typeof LANGUAGES)[number]

const LETTERS: Record<Language, string> = {
  ar: 'ابتثجحخدذرزسشصضطظعغفقكلمنهوي',
  en: 'abcdefghijklmnopqrstuvwxyz',
  code: 'abcdefghijklmnopqrstuvwxyz_',
}

const vocabularies = new Map<Language, string[]>()

/** Words of a language, 20,000 of them, the frequent ones short. */
export function vocabulary(language: Language): readonly string[] {
  const known = vocabularies.get(language)
  if (known) return known
  const random = seededRandom(LANGUAGES.indexOf(language) + 1)
  const words = new Set<string>()
  while (words.size < 20_000) {
    const length = 2 + random.below(3) + Math.floor(Math.log10(words.size + 1) * 1.3)
    words.add(
      Array.from({ length }, () => LETTERS[language][random.below(LETTERS[language].length)]).join(
        '',
      ),
    )
  }
  const list = [...words]
  vocabularies.set(language, list)
  return list
}

/** A random text whose words are distributed as in natural language (density 1/rank). */
export function randomWords(random: Random, language: Language, count: number): string[] {
  const words = vocabulary(language)
  return Array.from(
    { length: count },
    () => words[Math.floor(words.length ** random.share()) - 1] ?? '',
  )
}

/**
 * Turns words into the text of a document: sentences, or lines of code. Folding undoes all of it.
 */
export function dress(words: readonly string[], language: Language): string {
  if (language === 'code')
    return words
      .map((word, i) => (i % 6 === 5 ? `${word});\n` : i % 3 === 2 ? `${word}(` : `${word} = `))
      .join('')
  const comma = language === 'ar' ? '،' : ','
  return words
    .map((word, i) =>
      i % 14 === 13 ? `${word}.\n` : i % 7 === 6 ? `${word}${comma} ` : `${word} `,
    )
    .join('')
}

/**
 * The same words in another spelling that folds to the same: case or marks, tatweel, digits,
 * punctuation.
 */
export function respell(words: readonly string[], language: Language, random: Random): string {
  if (language !== 'ar')
    return words
      .map((word) => (random.share() < 0.5 && /^[a-z]+$/.test(word) ? word.toUpperCase() : word))
      .join(random.share() < 0.5 ? ' -- ' : '; ')
  const marks = ['\u064e', '\u064f', '\u0650', '\u0651', '\u0652', '\u0640']
  return words
    .map((word) =>
      [...word]
        .map((letter) => {
          const spelt =
            letter === 'ا' && random.share() < 0.5
              ? 'أ'
              : letter === 'ي' && random.share() < 0.5
                ? 'ى'
                : letter
          return random.share() < 0.4 ? spelt + marks[random.below(marks.length)] : spelt
        })
        .join(''),
    )
    .join('؛ ')
}

/**
 * Folded words of a text by strings and patterns: slow, and independent of the kernels it is
 * compared with.
 */
export function slowWords(text: string): string[] {
  return text
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}\u0640]/gu, '')
    .toLowerCase()
    .replace(/[ىیېۍ]/g, 'ي')
    .replace(/[ةہھە]/g, 'ه')
    .replace(/[کڪ]/g, 'ك')
    .replace(/ٱ/g, 'ا')
    .replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replace(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x6f0))
    .split(/[^\p{L}\p{N}_]+/u)
    .filter((word) => word !== '')
}
