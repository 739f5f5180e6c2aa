import { EtlError } from '../../index.ts'

/** One of the words that an option may be given. */
export function oneOf(flag: string, value: unknown, words: readonly string[]): string {
  const word = String(value)
  if (words.includes(word)) return word
  throw new EtlError('usage', {
    where: flag,
    what: `not one of its values: ${word}`,
    hint: `Give ${words.join(', ')}.`,
  })
}

/** The whole number an option was given, at least `least`. */
export function wholeNumber(flag: string, value: unknown, least: number): number {
  const number = Number(value)
  if (/^\d+$/.test(String(value)) && Number.isSafeInteger(number) && number >= least) return number
  throw new EtlError('usage', {
    where: flag,
    what: `not a whole number: ${value}`,
    hint: `Give ${least} or more.`,
  })
}
