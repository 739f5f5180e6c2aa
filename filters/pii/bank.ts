// Payment cards and bank accounts.
import type { Groups } from './cluster.ts'

/** Length of an IBAN by country, from the SWIFT registry. */
const IBAN_LENGTHS: Readonly<Record<string, number>> = {
  AD: 24,
  AE: 23,
  AL: 28,
  AT: 20,
  AZ: 28,
  BA: 20,
  BE: 16,
  BG: 22,
  BH: 22,
  BR: 29,
  BY: 28,
  CH: 21,
  CR: 22,
  CY: 28,
  CZ: 24,
  DE: 22,
  DJ: 27,
  DK: 18,
  DO: 28,
  EE: 20,
  EG: 29,
  ES: 24,
  FI: 18,
  FO: 18,
  FR: 27,
  GB: 22,
  GE: 22,
  GI: 23,
  GL: 18,
  GR: 27,
  GT: 28,
  HR: 21,
  HU: 28,
  IE: 22,
  IL: 23,
  IQ: 23,
  IS: 26,
  IT: 27,
  JO: 30,
  KW: 30,
  KZ: 20,
  LB: 28,
  LC: 32,
  LI: 21,
  LT: 20,
  LU: 20,
  LV: 21,
  LY: 25,
  MC: 27,
  MD: 24,
  ME: 22,
  MK: 19,
  MR: 27,
  MT: 31,
  MU: 30,
  NI: 28,
  NL: 18,
  NO: 15,
  OM: 23,
  PK: 24,
  PL: 28,
  PS: 29,
  PT: 25,
  QA: 29,
  RO: 24,
  RS: 22,
  SA: 24,
  SC: 31,
  SD: 18,
  SE: 24,
  SI: 19,
  SK: 24,
  SM: 27,
  SO: 23,
  ST: 25,
  SV: 28,
  TL: 23,
  TN: 24,
  TR: 26,
  UA: 29,
  VA: 22,
  VG: 24,
  XK: 20,
  YE: 30,
}

/**
 * Length of the IBAN at the start of the text (ASCII digits, upper case), separators included; 0 if
 * there is none.
 */
export function ibanLength(text: string): number {
  const length = IBAN_LENGTHS[text.slice(0, 2)]
  if (length === undefined) return 0
  let compact = ''
  let at = 0
  let gap = 0
  for (; at < text.length && compact.length < length; at++) {
    const character = text[at] ?? ''
    if (/[0-9A-Z]/.test(character)) {
      compact += character
      gap = 0
    } else if ((character !== ' ' && character !== '-') || ++gap > 1) return 0
  }
  if (compact.length < length || /[0-9A-Za-z]/.test(text[at] ?? '')) return 0
  return remainder97(compact.slice(4) + compact.slice(0, 4)) === 1 ? at : 0
}

/** ISO 7064 mod 97-10 over letters (A = 10 … Z = 35) and digits. */
function remainder97(text: string): number {
  let remainder = 0
  for (const character of text) {
    const value = Number.parseInt(character, 36)
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97
  }
  return remainder
}

/** Luhn's check over all digits. */
export function passesLuhn(digits: string): boolean {
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 0x30
    const doubled = i % 2 === 1 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}

/** Visa, Mastercard, American Express, Diners, Discover, JCB, UnionPay, Maestro, mada, Meeza. */
const ISSUERS =
  /^(?:4\d{12}(?:\d{3}){0,2}|(?:5[1-5]\d{2}|222[1-9]|22[3-9]\d|2[3-6]\d{2}|27[01]\d|2720)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|(?:6011|65\d{2}|64[4-9]\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|62\d{14,17}|(?:5018|5020|5038|6304|6759|676[1-3])\d{8,15}|(?:5888|9682|5078)\d{12})$/

/**
 * Whether the groups are a card number: valid by Luhn, of a known issuer, and either grouped as
 * cards are printed (4-4-4-4, 4-6-5) or named by a word. One random number in forty passes the
 * first two.
 */
export function isCard({ digits, lengths, separators }: Groups, called: () => boolean): boolean {
  if (
    digits.length < 13 ||
    !ISSUERS.test(digits) ||
    !passesLuhn(digits) ||
    /^(\d)\1+$/.test(digits)
  )
    return false
  const printed =
    /^(?:4-4-4-4(?:-3)?|4-6-5)$/.test(lengths.join('-')) && new Set(separators).size === 1
  return printed || called()
}
