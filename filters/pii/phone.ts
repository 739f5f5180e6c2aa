// Telephone numbers: international, Arab national, North American, and whatever the text calls one.
import type { Groups } from './cluster.ts'
import type { Context } from './context.ts'
import {
  isArabInternational,
  isArabMobile,
  isNorthAmerican,
  splitInternational,
} from './phone-plan.ts'

/** A number and its surroundings. */
export interface Dialled {
  readonly groups: Groups
  /** Whether a `+` precedes it, or follows it as in right-to-left typing. */
  readonly plus: boolean
  readonly bracket: boolean
  readonly context: Context
  /** Whether the words around it call it a telephone. */
  called(): boolean
  readonly strict: boolean
}

/** Whether these groups, whole, are a telephone number. */
export function isPhone(number: Dialled): boolean {
  const { groups, plus, context, strict } = number
  const { digits } = groups
  if (digits.length < 7 || digits.length > 15) return false
  if (isUniform(digits) || isCounting(digits) || isPower(digits)) return false
  if (plus) return splitInternational(digits) !== undefined && mayFollowPlus(number)
  if (isDate(groups) || isYears(groups) || isVerses(groups)) return false
  const alone =
    isAfterZeros(number) || isNorthAmericanShape(number) || (!strict && isArabShape(groups))
  return (alone || (isPlausible(groups, strict) && number.called())) && !context('catalogue')
}

/**
 * Whether a number after a plus is dialled: no decimal, and in code not without separators unless
 * its plan is strict or the code calls it a telephone.
 */
function mayFollowPlus({ groups, called, strict }: Dialled): boolean {
  const { digits, separators } = groups
  if (isDecimal(groups) || isRowOfDecimals(groups)) return false
  if (!strict || separators.length > 0) return true
  return isArabInternational(digits) || /^1[2-9]/.test(digits) || called()
}

/**
 * `00` and a country code; outside the Arab countries only with separators or a word that names it.
 */
function isAfterZeros({ groups, called, strict }: Dialled): boolean {
  const { digits, lengths } = groups
  // Groups of four are code points: 0066 0061 0078.
  if (!digits.startsWith('00') || lengths[0] === 1 || lengths.every((length) => length === 4))
    return false
  const rest = digits.slice(2)
  if (isArabInternational(rest)) return true
  return splitInternational(rest) !== undefined && ((lengths.length >= 3 && !strict) || called())
}

/**
 * A mobile number of an Arab country, grouped as people write it: no single digits, no halves of
 * five.
 */
function isArabShape(groups: Groups): boolean {
  const { digits, lengths } = groups
  if (isDecimal(groups)) return false
  if ((lengths[0] ?? 0) < 2 || lengths.some((length, i) => length === 1 && i > 0)) return false
  if (lengths.length === 2 && lengths[0] === 5 && lengths[1] === 5) return false
  // Eight digits are too few to go by, unless the prefix stands apart: 03 123 456.
  if (digits.length <= 8 && lengths[0] !== 2) return false
  return lengths.length <= 5 && (isArabMobile(digits) || isArabInternational(digits))
}

/** `(202) 555-0134`, `202-555-0134`, `1.202.555.0134`; with only blanks if a bracket precedes. */
function isNorthAmericanShape({ groups, bracket }: Dialled): boolean {
  const { digits, lengths, separators } = groups
  if (!isNorthAmerican(digits)) return false
  const shape = lengths.join('-')
  if (shape !== '3-3-4' && shape !== '1-3-3-4') return false
  if (bracket && separators.some((separator) => separator.includes(')'))) return true
  const plain = separators.map((separator) => separator.trim())
  return (
    plain.every((separator) => separator === '-') || plain.every((separator) => separator === '.')
  )
}

/**
 * Whether a number that the text calls a telephone may be one: no round number and no span of
 * years.
 */
function isPlausible(groups: Groups, strict: boolean): boolean {
  const { digits, lengths } = groups
  if (/00000$|000000/.test(digits) || lengths.length > 6 || isAmount(groups)) return false
  if (lengths.join('-') === '4-4' && /^(?:1\d|20)\d{2}(?:1\d|20)\d{2}$/.test(digits)) return false
  return !strict || isArabShape(groups) || isNorthAmerican(digits)
}

/** 2020-01-31, 31/01/2020, 2020-01-31 12… */
function isDate({ digits, lengths: [first = 0, second = 0, third = 0] }: Groups): boolean {
  if (second < 1 || second > 2) return false
  if (first === 4 && (third === 1 || third === 2)) return /^(?:1[0-9]|20)\d{2}/.test(digits)
  return (first === 1 || first === 2) && third === 4
}

/** 38.30408633 */
const isDecimal = ({ separators }: Groups): boolean =>
  separators.length === 1 && separators[0] === '.'

/** +32 34 45.6 12.38: a point, and a blank behind it. */
const isRowOfDecimals = ({ separators }: Groups): boolean => {
  const point = separators.indexOf('.')
  return point >= 0 && separators.lastIndexOf(' ') > point
}

/** 1998 2003 2008 */
const isYears = ({ digits, lengths }: Groups): boolean =>
  lengths.length > 1 &&
  lengths.every((length) => length === 4) &&
  (digits.match(/.{4}/g) ?? []).every((year) => /^(?:1[0-9]|20)/.test(year))

/** 102/ 145/ 211 and 102، 145 */
const isVerses = ({ separators }: Groups): boolean =>
  separators.filter((separator) => /^\/ /.test(separator)).length > 1

/** 1 250 000: groups of three with blanks, round. */
const isAmount = ({ digits, lengths, separators }: Groups): boolean =>
  lengths.length > 1 &&
  lengths.slice(1).every((length) => length === 3) &&
  separators.every((separator) => separator === ' ') &&
  digits.endsWith('000')

/** 0123456789, 1234567890: an example. */
const isCounting = (digits: string): boolean => '01234567890123456789'.includes(digits)

/** 2³¹, 2³² and their neighbours, limits of integers. */
const isPower = (digits: string): boolean =>
  /^(?:2147483648|2147483647|4294967296|4294967295)$/.test(digits)

const isUniform = (digits: string): boolean => /^(\d)\1+$/.test(digits)
