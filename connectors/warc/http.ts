import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib'
import { joinBytes } from '../../src/files/byte-queue.ts'
import { headEnd, readHeaders } from './records.ts'

/** An HTTP response with its body decompressed. */
export interface HttpResponse {
  readonly status: number
  readonly contentType: string | undefined
  /** What the header says to robots, and on text and data mining, as the server wrote it. */
  readonly optOut: OptOut
  readonly body: Uint8Array
}

interface OptOut {
  readonly x_robots_tag?: string | readonly string[]
  readonly tdm_reservation?: string
}

/** Characters of a header field that are kept, and how often it may stand there. */
const MAX_FIELD = 500
const MAX_FIELDS = 10

/**
 * Reads a response as it was sent over the wire. A string is the reason why it cannot be used.
 * Bodies above `maxBytes` after decompression are `too-large`.
 */
export function readResponse(block: Uint8Array, maxBytes: number): HttpResponse | string {
  const end = headEnd(block)
  if (end === -1) return 'malformed-http'
  const head = Buffer.from(block.subarray(0, end)).toString('latin1')
  const status = Number(/^HTTP\/[\d.]+ +(\d{3})/.exec(head)?.[1] ?? Number.NaN)
  if (Number.isNaN(status)) return 'malformed-http'
  const headers = readHeaders(head)
  const raw = block.subarray(end)
  const chunked = /\bchunked\b/i.test(headers.get('transfer-encoding') ?? '')
  const whole = chunked ? joinChunks(raw) : raw
  const body = unpack(whole, headers.get('content-encoding') ?? '', maxBytes)
  return typeof body === 'string'
    ? body
    : { status, contentType: headers.get('content-type'), optOut: optOutOf(head), body }
}

function optOutOf(head: string): OptOut {
  const fields = (name: string): string[] =>
    [...head.matchAll(new RegExp(`^${name}:(.*)$`, 'gim'))]
      .map(([, value = '']) => value.trim().slice(0, MAX_FIELD))
      .slice(0, MAX_FIELDS)
  const robots = fields('x-robots-tag')
  const [reservation] = fields('tdm-reservation')
  return {
    ...(robots.length > 0 ? { x_robots_tag: robots.length > 1 ? robots : String(robots[0]) } : {}),
    ...(reservation ? { tdm_reservation: reservation } : {}),
  }
}

/**
 * Joins the chunks of a body. Many archives store the body already joined while the header still
 * says `chunked`; such a body is returned unchanged.
 */
function joinChunks(raw: Uint8Array): Uint8Array {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.length)
  const parts: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const lineEnd = bytes.indexOf('\r\n', at)
    const line = lineEnd === -1 ? '' : bytes.toString('latin1', at, Math.min(lineEnd, at + 64))
    const size = /^[0-9a-f]{1,8}(?=\s*(?:;|$))/i.exec(line)?.[0]
    if (size === undefined) return parts.length === 0 ? raw : joinBytes(parts)
    const length = Number.parseInt(size, 16)
    if (length === 0) break
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + length))
    at = lineEnd + 2 + length + 2
  }
  return joinBytes(parts)
}

/**
 * Decompresses a body. Gzip is recognised by its first bytes, because archives often store bodies
 * decompressed but keep the header that says otherwise.
 */
function unpack(bytes: Uint8Array, encoding: string, maxOutputLength: number): Uint8Array | string {
  const options = { maxOutputLength }
  try {
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) return gunzipSync(bytes, options)
    if (/^\s*br\s*$/i.test(encoding)) return brotliDecompressSync(bytes, options)
    if (!/^\s*deflate\s*$/i.test(encoding))
      return /zstd/i.test(encoding) ? 'unknown-encoding' : bytes
    return ((bytes[0] ?? 0) & 0x0f) === 8
      ? inflateSync(bytes, options)
      : inflateRawSync(bytes, options)
  } catch (error) {
    const tooLarge =
      error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
    return tooLarge ? 'too-large' : 'damaged'
  }
}
