import { EtlError } from '../../index.ts'

/**
 * Checks that an option has one of the allowed values, and returns it; throws `usage` otherwise.
 */
export function oneOf(flag: string, value: unknown, words: readonly string[]): string {
  const word = String(value)
  if (words.includes(word)) return word
  throw new EtlError('usage', {
    where: flag,
    what: `unknown value: ${word}`,
    hint: `Give one of these: ${words.join(', ')}.`,
  })
}

/**
 * Parses the value of an option as a whole number of at least `least`; throws `usage` otherwise.
 */
export function wholeNumber(flag: string, value: unknown, least: number): number {
  const number = Number(value)
  if (/^\d+$/.test(String(value)) && Number.isSafeInteger(number) && number >= least) return number
  throw new EtlError('usage', {
    where: flag,
    what: `not a whole number: ${value}`,
    hint: `Give a whole number of at least ${least}.`,
  })
}
