// Keys found by their format alone.
import { type Finding, type Passage, windowOf } from '../finding.ts'
import { checksumOf } from './crc.ts'
import { isPublished } from './published.ts'
import { entropyOf } from './random.ts'
import type { TokenRule } from './tokens.ts'

const MOST_BYTES = 400
const LEAST_ENTROPY = 3

/** Characters of JSON Web Tokens, whose window is large: none begins among others. */
const wideByte = new Uint8Array(256)
for (const byte of Buffer.from('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.'))
  wideByte[byte] = 1

/** A function that tells the key of a rule whose start was found at `at`. */
export function tokenFinder(
  rule: TokenRule,
): (passage: Passage, at: number, from: number) => Finding | undefined {
  const pattern = patternOf(rule)
  const { back = 0, inside = false, most = MOST_BYTES } = rule
  const barriers = barriersOf(rule)
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

/** The pattern of a rule, to be tried where a key may start. */
export const patternOf = ({ pattern }: TokenRule): RegExp =>
  new RegExp(`^(?:${pattern})(?![A-Za-z0-9])`)

/** Bytes that no key follows; `/` only where the prefix could be part of Base64. */
const [wordByte, base64Byte] = ['.', '.+/'].map((signs) => {
  const bytes = new Uint8Array(256)
  for (const byte of Buffer.from(
    `abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789${signs}`,
  ))
    bytes[byte] = 1
  return bytes
}) as [Uint8Array, Uint8Array]

/** The bytes that no key of a rule follows. Of hostile text, one in many starts a wide window. */
function barriersOf({ starts, most = MOST_BYTES }: TokenRule): Uint8Array {
  if (most > MOST_BYTES) return wideByte
  return starts.every((start) => /[^A-Za-z0-9]/.test(start)) ? wordByte : base64Byte
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
