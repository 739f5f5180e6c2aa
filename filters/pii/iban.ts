// Bank accounts (IBAN), with letters around the digits that were found.
import { ibanLength } from './bank.ts'
import { codeAt } from './cluster.ts'
import { type Finding, type Passage, windowOf } from './finding.ts'

/**
 * An IBAN that includes the digits at `first`. Its country, check digits and bank may precede them.
 */
export function ibanAround(passage: Passage, first: number, from: number): Finding | undefined {
  const small = smallIban(passage, first, from)
  if (small) return small
  const begin = Math.max(from, first - 24)
  if (!hasCapitals(passage.bytes, begin, first)) return undefined
  const country = /(?<![A-Za-z0-9])[A-Z]{2}[ -]?(?=(?:\d\d[A-Z0-9 -]*)?$)/.exec(
    windowOf(passage, begin, first),
  )
  if (country === null) return undefined
  const start = begin + country.index
  const { text, at } = codeAt(passage, start, from, 50)
  const length = ibanLength(text.slice(1))
  return length === 0 ? undefined : { start, end: at[1 + length] ?? 0, type: 'iban' }
}

/** An IBAN in lower case whose country and check digits are written together: `sa03 …`. */
function smallIban(passage: Passage, first: number, from: number): Finding | undefined {
  const { bytes, end } = passage
  const start = first - 2
  if (start < from || !isSmall(bytes[start]) || !isSmall(bytes[start + 1])) return undefined
  if (/[A-Za-z0-9]/.test(windowOf(passage, start - 1, start))) return undefined
  const capitals = Buffer.from(bytes.subarray(start, Math.min(end, start + IBAN_BYTES)))
  for (const [i, byte] of capitals.entries()) if (isSmall(byte)) capitals[i] = byte - 0x20
  const copy = { ...passage, bytes: capitals, start: 0, end: capitals.length }
  const { text, at } = codeAt(copy, 0, 0, 50)
  const length = ibanLength(text.slice(1))
  return length === 0 ? undefined : { start, end: start + (at[1 + length] ?? 0), type: 'iban' }
}

/** Longest IBAN with blanks, in Arabic-Indic digits. */
const IBAN_BYTES = 80
const isSmall = (byte = 0): boolean => byte >= 0x61 && byte <= 0x7a

/**
 * Whether two capitals are between `begin` and `first`, followed only by capitals, digits, blanks
 * and hyphens.
 */
function hasCapitals(bytes: Uint8Array, begin: number, first: number): boolean {
  let capitals = 0
  for (let at = first - 1; at >= begin; at--) {
    const byte = bytes[at] ?? 0
    if (byte >= 0x41 && byte <= 0x5a) {
      if (++capitals === 2) return true
      continue
    }
    capitals = 0
    if (byte !== 0x20 && byte !== 0x2d && (byte < 0x30 || byte > 0x39)) return false
  }
  return false
}
