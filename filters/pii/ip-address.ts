// Public internet addresses. Private, reserved and documentation ranges and well-known resolvers
// identify nobody and stay.
import { isIPv6 } from 'node:net'
import type { Context } from './context.ts'
import { type Finding, type Passage, windowOf } from './finding.ts'

const RESOLVERS =
  /^(?:8\.8\.8\.8|8\.8\.4\.4|1\.1\.1\.1|1\.0\.0\.1|9\.9\.9\.9|208\.67\.22[02]\.22[02]|4\.2\.2\.[1-6])$/

/** `a.b.c.d` in decimal at a position of an ASCII text. */
export const IPV4 = /(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?!\d|\.\d)/y

/**
 * Whether the matched address is public and means an address rather than a version or a section
 * number.
 */
export function isPublicAddress(match: RegExpExecArray, context: Context): boolean {
  const octets = match.slice(1, 5).map(Number)
  const [a = 0, b = 0, c = 0] = octets
  if (octets.some((octet) => octet > 255) || match.slice(1, 5).some((octet) => /^0\d/.test(octet)))
    return false
  if (isReserved(a, b, c) || RESOLVERS.test(match[0])) return false
  if (isExample(octets) || context('version')) return false
  // Versions and sections have small numbers; one address in 140 has fewer than two from 32 on.
  return context('network') || octets.filter((octet) => octet >= 32).length >= 2
}

/** 40.40.40.40, 1.2.3.4, 4.3.2.1, and addresses of whole networks. */
function isExample(octets: readonly number[]): boolean {
  const [first = 0, , third, fourth] = octets
  const steps = octets.slice(1).map((octet, i) => octet - (octets[i] ?? 0))
  const [step = 0] = steps
  if (Math.abs(step) <= 1 && steps.every((other) => other === step)) return true
  return first > 0 && third === fourth && (fourth === 0 || fourth === 255)
}

/**
 * A number with a sign or a decimal point, next to the match in a row or one place before it; or
 * the point of a decimal whose zero is not written.
 */
const DECIMAL_BEFORE =
  /(?<![\d.])(?:[+-]?\d*\.\d+|[+-]\d+|\d+\.\d+\.\d+)[ ,]$|[,-]\.$|\.\d+,\d+,$|,\d-\d+,$/
const DECIMAL_BEHIND = /^[ ,](?:[+-]\.?\d|\d*\.\d+(?!\.\d+\.\d))/

/** Whether the four numbers stand in a row of decimals, as in the path of a drawing. */
export function isInRow(before: string, behind: string): boolean {
  return DECIMAL_BEFORE.test(before) || DECIMAL_BEHIND.test(behind)
}

/**
 * Ranges of the IANA special-purpose registry that are not globally reachable, and multicast and
 * above.
 */
function isReserved(a: number, b: number, c: number): boolean {
  if (a === 0 || a === 10 || a === 127 || a >= 224) return true
  if (a === 100) return b >= 64 && b < 128
  if (a === 169) return b === 254
  if (a === 172) return b >= 16 && b < 32
  // 192.88.99.0/24 was the relay of 6to4 (RFC 7526).
  if (a === 192 && b === 88) return c === 99
  if (a === 192) return b === 168 || (b === 0 && (c === 0 || c === 2))
  if (a === 198) return b === 18 || b === 19 || (b === 51 && c === 100)
  return a === 203 && b === 0 && c === 113
}

/** The global IPv6 address whose first colon is at `colon`. */
export function ipv6At(passage: Passage, colon: number, from: number): Finding | undefined {
  const start = colon - 4
  if (start < from || /[0-9A-Za-z_:.]$/.test(windowOf(passage, start - 1, start))) return undefined
  const text = /^[0-9A-Fa-f:]{6,39}(?![0-9A-Za-z_])/
    .exec(windowOf(passage, start, start + 48))?.[0]
    .replace(/:$/, '')
  if (text === undefined || !isGlobalIPv6(text)) return undefined
  return { start, end: start + text.length, type: 'ipAddress' }
}

/** Whether the text is an IPv6 address outside the documentation range. */
export const isGlobalIPv6 = (text: string): boolean => isIPv6(text) && !/^2001:0?db8:/i.test(text)
