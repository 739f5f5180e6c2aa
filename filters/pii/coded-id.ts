// Identity numbers of seven digits and more that begin or end with letters. They need a word that
// names them, since most product codes look like them; those of foreigners in Spain, with letters
// on both sides and a check, need none in prose. Numbers of fewer digits are in ./short-id.ts.
import { contextOf } from './context.ts'
import { type Finding, type Passage, windowOf } from './finding.ts'

const MOST_LETTERS = 3
const MOST_BYTES = 16
const FEWEST_DIGITS = 7

/** The check letter of Spanish identity numbers: the number modulo 23. */
const SPANISH = 'TRWAGMYFPDXBNJZSQVHLCKE'

/** Spain, residents and foreigners. */
const SPAIN = /^[XYZ]?\d{7,8}-?[A-Z]/
const FOREIGNER = /^[XYZ]\d{7}-?[A-Z]$/
/** Passports of most countries. */
const PASSPORT = /^[A-Z]{1,2} ?\d{7,8}/

/** The identity number that includes the digits at `first`, with the letters around them. */
export function codedIdAround(
  passage: Passage,
  first: number,
  from: number,
  last: Finding | undefined,
): Finding | undefined {
  if (!hasDigits(passage, first)) return undefined
  const before = windowOf(passage, Math.max(from, first - MOST_LETTERS - 1), first)
  const letters = /(?<![A-Za-z0-9])(?:[A-Z]{1,2}|[A-Z] )$/.exec(before)?.[0] ?? ''
  const start = first - letters.length
  if (letters === '' && /[A-Za-z0-9.,-]$/.test(before)) return undefined
  const text = windowOf(passage, start, first + MOST_BYTES)
  const match = [SPAIN, PASSPORT]
    .map((form) => form.exec(text)?.[0])
    .find((found) => found !== undefined && isWhole(text, found) && isPossible(found))
  if (match === undefined) return undefined
  const isPlain = !passage.strict && FOREIGNER.test(match)
  if (!isPlain && !contextOf(passage, start, last)('nationalId')) return undefined
  return { start, end: start + match.length, type: 'nationalId' }
}

/** Both forms have seven digits in a row; most clusters of digits have not. */
function hasDigits({ bytes, end }: Passage, first: number): boolean {
  if (first + FEWEST_DIGITS > end) return false
  for (let at = first; at < first + FEWEST_DIGITS; at++) {
    const byte = bytes[at] ?? 0
    if (byte < 0x30 || byte > 0x39) return false
  }
  return true
}

const isWhole = (text: string, found: string): boolean =>
  !/^[A-Za-z0-9]/.test(text.slice(found.length))

/** Whether the check letter is right, if there is one. */
const isPossible = (found: string): boolean => /\d$/.test(found) || isSpanish(found)

function isSpanish(text: string): boolean {
  const digits = text
    .slice(0, -1)
    .replace('-', '')
    .replace(/^[XYZ]/, (letter) => String('XYZ'.indexOf(letter)))
  return digits.length === 8 && SPANISH[Number(digits) % 23] === text.at(-1)
}
