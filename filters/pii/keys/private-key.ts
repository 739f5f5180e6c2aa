// Private keys in PEM and PGP armour.
import { type Finding, type Passage, windowOf } from '../finding.ts'

const bodyByte = new Uint8Array(256)
for (const byte of Buffer.from(
  'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=\\\r\n\t "\',.:;()<>|#*',
)) {
  bodyByte[byte] = 1
}
/** Within this, after the headers of an encrypted key, Base64 begins. */
const HEADERS_BYTES = 600
const KEY_BODY = { min: 40, max: 32_768 }

/** A whole key, from `-----BEGIN … PRIVATE KEY-----` to its end line, or to the end of the key. */
export function privateKeyAt(passage: Passage, at: number, from: number): Finding | undefined {
  const head = /-----BEGIN [A-Z0-9 ]{0,30}$/.exec(windowOf(passage, Math.max(from, at - 42), at))
  const tail = /^PRIVATE KEY(?: BLOCK)?-----/.exec(windowOf(passage, at, at + 24))
  if (head === null || tail === null) return undefined
  const body = at + tail[0].length
  const limit = Math.min(passage.end, body + KEY_BODY.max)
  let end = body
  // Encrypted keys have headers with single hyphens in them.
  while (
    end < limit &&
    (bodyByte[passage.bytes[end] ?? 0] === 1 || isSingleHyphen(passage.bytes, end))
  )
    end++
  if (end - body < KEY_BODY.min) return undefined
  // Code that writes a key, and examples, have no line of Base64 in between.
  const first = windowOf(passage, body, Math.min(end, body + HEADERS_BYTES))
  if (!/[A-Za-z0-9+/=]{30}/.test(first) || /([x*])\1{15}/i.test(first)) return undefined
  const last = /^-----END [A-Z0-9 ]{0,42}-----/.exec(windowOf(passage, end, end + 60))
  return { start: at - head[0].length, end: end + (last?.[0].length ?? 0), type: 'key' }
}

const isSingleHyphen = (bytes: Buffer, at: number): boolean =>
  bytes[at] === 0x2d && bytes[at + 1] !== 0x2d
