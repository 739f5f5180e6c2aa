// National identity numbers.
import { passesLuhn } from './bank.ts'
import type { Groups } from './cluster.ts'

/** Governorates in Egyptian national numbers; 88 is abroad. */
const EGYPT =
  /^[23]\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:0[1-4]|1[1-9]|2[1-9]|3[1-5]|88)\d{5}$/
const EMIRATES = /^784(?:19|20)\d{10}$/
const SAUDI = /^[12]\d{9}$/
/** Never issued: area 000, 666 and 9xx, group 00, serial 0000. */
const UNITED_STATES = /^(?!000|666|9)\d{3}(?!00)\d{2}(?!0000)\d{4}$/

/**
 * Emirates IDs are recognised by format. Saudi and Egyptian numbers, US social security numbers and
 * the 10 to 12 digits of other countries need a word that names them, since an Egyptian number is
 * hard to distinguish from a timestamp.
 */
export function isNationalId({ digits, lengths }: Groups, called: () => boolean): boolean {
  if (digits.length < 9 || digits.length > 15) return false
  const isEmirates = digits.startsWith('784') && EMIRATES.test(digits)
  if (isEmirates) return passesLuhn(digits) && /^(?:15|3-4-7-1)$/.test(lengths.join('-'))
  const possible =
    (lengths.length === 1 && digits.length >= 10 && digits.length <= 12) ||
    (SAUDI.test(digits) && passesLuhn(digits)) ||
    (digits.length === 14 && EGYPT.test(digits)) ||
    (digits.length === 9 && lengths.join('-') === '3-2-4' && UNITED_STATES.test(digits))
  return possible && called()
}
