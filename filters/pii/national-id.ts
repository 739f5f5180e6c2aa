// National identity numbers of digits only; those with letters are in ./coded-id.ts.
import { passesLuhn } from './bank.ts'
import type { Groups } from './cluster.ts'

/** Governorates in Egyptian national numbers; 88 is abroad. */
const EGYPT =
  /^[23]\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:0[1-4]|1[1-9]|2[1-9]|3[1-5]|88)\d{5}$/
const EMIRATES = /^784(?:19|20)\d{10}$/
const SAUDI = /^[12]\d{9}$/
/** Never issued: area 000, 666 and 9xx, group 00, serial 0000. */
const UNITED_STATES = /^(?!000|666|9)\d{3}(?!00)\d{2}(?!0000)\d{4}$/
const AADHAAR = /^[2-9]\d{11}$/
const FRANCE = /^[12]\d{2}(?:0[1-9]|1[0-2]|[2-9]\d)\d{10}$/
const ALGERIA = /^[12]\d{17}$/

/**
 * Emirates, Brazilian and French numbers are recognised by form and check digits. All others need a
 * word that names them: Saudi, Egyptian, British (NHS) and Indian (Aadhaar) numbers with a valid
 * check, US social security numbers by form, and 8, 10 to 12 or 18 digits in one group as Tunisia,
 * Jordan, Qatar, Kuwait and Algeria have them.
 */
export function isNationalId(groups: Groups, called: () => boolean): boolean {
  const { digits, lengths } = groups
  if (digits.length < 8 || digits.length > 18) return false
  const shape = lengths.join('-')
  if (digits.startsWith('784') && EMIRATES.test(digits))
    return passesLuhn(digits) && (shape === '15' || shape === '3-4-7-1')
  if (isBrazilian(groups) || (shape === '1-2-2-2-3-3-2' && isFrench(digits))) return true
  return isPossible(digits, shape) && called()
}

function isPossible(digits: string, shape: string): boolean {
  if (SAUDI.test(digits) && passesLuhn(digits)) return true
  switch (digits.length) {
    case 8:
      return shape === '8' || shape === '4-4'
    case 9:
      return shape === '3-2-4' && UNITED_STATES.test(digits)
    case 10:
      return shape === '10' || (shape === '3-3-4' && passesNhs(digits))
    case 11:
      return shape === '11' || (shape === '3-3-3-2' && passesCpf(digits))
    case 12:
      return shape === '12' || (shape === '4-4-4' && AADHAAR.test(digits) && passesVerhoeff(digits))
    case 14:
      return EGYPT.test(digits)
    case 15:
      return isFrench(digits)
    default:
      return digits.length === 18 && ALGERIA.test(digits)
  }
}

/** 123.456.789-09 */
function isBrazilian({ digits, separators }: Groups): boolean {
  return separators.join('') === '..-' && digits.length === 11 && passesCpf(digits)
}

/** Receita Federal: two digits, each 11 minus the weighted sum modulo 11. */
function passesCpf(digits: string): boolean {
  if (/^(\d)\1+$/.test(digits)) return false
  const check = (length: number): number => {
    let sum = 0
    for (let i = 0; i < length; i++) sum += Number(digits[i]) * (length + 1 - i)
    return ((sum * 10) % 11) % 10
  }
  return check(9) === Number(digits[9]) && check(10) === Number(digits[10])
}

/** The last two digits are 97 minus the rest modulo 97 (INSEE). */
function isFrench(digits: string): boolean {
  if (digits.length !== 15 || !FRANCE.test(digits)) return false
  return 97 - Number(BigInt(digits.slice(0, 13)) % 97n) === Number(digits.slice(13))
}

/** NHS Data Dictionary: weights 10 to 2, 11 minus the sum modulo 11; 10 is never issued. */
function passesNhs(digits: string): boolean {
  let sum = 0
  for (let i = 0; i < 9; i++) sum += Number(digits[i]) * (10 - i)
  return (11 - (sum % 11)) % 11 === Number(digits[9])
}

/**
 * Verhoeff's check (1969): multiplication of the dihedral group of order 10, with a permutation.
 */
function passesVerhoeff(digits: string): boolean {
  let check = 0
  for (let i = 0; i < digits.length; i++) {
    let digit = Number(digits[digits.length - 1 - i])
    for (let times = i % 8; times > 0; times--) digit = PERMUTATION[digit] ?? 0
    check = multiply(check, digit)
  }
  return check === 0
}

const PERMUTATION = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]

/** Rotations are 0 to 4, reflections 5 to 9. */
function multiply(a: number, b: number): number {
  if (a < 5) return b < 5 ? (a + b) % 5 : 5 + ((a + b) % 5)
  return b < 5 ? 5 + ((a - b) % 5) : (a - b + 5) % 5
}
