import { EtlError } from '../core/errors.ts'

/** The whole number an option was given, at least `least`. */
export function wholeNumber(flag: string, value: unknown, least: number): number {
  const number = Number(value)
  if (/^\d+$/.test(String(value)) && Number.isSafeInteger(number) && number >= least) return number
  throw new EtlError('usage', { where: flag, what: `not a whole number: ${value}`, hint: `Give ${least} or more.` })
}
