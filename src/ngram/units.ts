/** A unit of text: a word, a number or a sign. */
const UNIT = /\p{L}[\p{L}\p{M}]*|\p{Nd}+|[^\s\p{L}\p{Nd}\p{Cf}]/gu

/** Longer numbers count as this long. */
const MAX_DIGITS = 5

/**
 * The units of one line, in one spelling: lower case, without vowel marks, tatweel and invisible
 * characters, and with 0 for every digit.
 */
export function unitsOf(line: string): readonly string[] {
  const plain = line
    .replace(/[\u064b-\u065f\u0670\u0640\u200b-\u200f\u2060\ufeff]/g, '')
    .toLowerCase()
  const units: string[] = plain.match(UNIT) ?? []
  for (const [index, unit] of units.entries()) {
    if (/^\p{Nd}/u.test(unit)) units[index] = '0'.repeat(Math.min(unit.length, MAX_DIGITS))
  }
  return units
}
