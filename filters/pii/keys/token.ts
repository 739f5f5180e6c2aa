// Keys found by their format alone.
import { type Finding, type Passage, windowOf } from '../finding.ts'
import { checksumOf } from './crc.ts'
import { isPublished } from './published.ts'
import { entropyOf } from './random.ts'
import type { TokenRule } from './tokens.ts'

const MOST_BYTES = 400
const LEAST_ENTROPY = 3

/** A function that tells the key of a rule whose start was found at `at`. */
export function tokenFinder(
  rule: TokenRule,
): (passage: Passage, at: number, from: number) => Finding | undefined {
  const pattern = patternOf(rule)
  const { back = 0, inside = false, most = MOST_BYTES } = rule
  const barriers = tableOf(new RegExp(`[${barrierOf(rule)}]`))
  return (passage, at, from) => {
    const start = at - back
    if (start < from) return undefined
    if (!inside && start > from && barriers[passage.bytes[start - 1] ?? 0] === 1) return undefined
    const match = pattern.exec(windowOf(passage, start, start + most))
    if (match === null) return undefined
    const secret = match[1] ?? match[0]
    if (!isToken(rule, secret)) return undefined
    const offset = match[1] === undefined ? 0 : match[0].lastIndexOf(secret)
    return { start: start + offset, end: start + offset + secret.length, type: 'key' }
  }
}

const tableOf = (pattern: RegExp): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, byte) => Number(pattern.test(String.fromCharCode(byte))))

/** The pattern of a rule, to be tried where a key may start. */
const patternOf = ({ pattern }: TokenRule): RegExp => new RegExp(`^(?:${pattern})(?![A-Za-z0-9])`)

/**
 * Characters that no key of a rule follows, as a class of a pattern: of Base64 where the prefix
 * could be part of it, and more where the window is wide, which keeps hostile repetitions linear.
 */
export function barrierOf({ starts, most = MOST_BYTES }: TokenRule): string {
  if (most > MOST_BYTES) return 'A-Za-z0-9_.-'
  return starts.every((start) => /[^A-Za-z0-9]/.test(start)) ? 'A-Za-z0-9.' : 'A-Za-z0-9.+/'
}

/** Whether a match of a rule is more than an example. */
export function isToken({ crc, entropy = LEAST_ENTROPY }: TokenRule, secret: string): boolean {
  if (crc === true && hasChecksum(secret)) return true
  if (/EXAMPLE$/.test(secret) && secret.length === 20) return false
  return entropyOf(secret) >= entropy && !/([x*.0])\1{7}/i.test(secret) && !isPublished(secret)
}

/** Whether the last six characters are the CRC-32 of those between prefix and them. */
function hasChecksum(secret: string): boolean {
  const body = secret.slice(secret.indexOf('_') + 1, -6)
  return checksumOf(body) === secret.slice(-6)
}
