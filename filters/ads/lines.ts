// The lines of one text that hold a trigger: which may be advertisements, and how much of the text is addresses.
import { LONGEST_LINE } from './line.ts'
import type { Suspects } from './suspects.ts'

/** What a candidate says of its line; several can be set. */
export const SIGN = { trigger: 1, address: 2, affiliate: 4, fence: 8 } as const

/** Candidates `[first, last)` of a row, with the bounds of their lines and the signs of every kind. */
export interface Triggers {
  readonly bounds: Uint32Array
  readonly kinds: Uint16Array
  readonly signs: Uint8Array
  readonly first: number
  readonly last: number
}

/** Addresses of a text outside fenced code. */
export interface LinkCount {
  links: number
  /** Bytes in web addresses. */
  bytes: number
}

/**
 * Reads the lines of a row that hold a trigger, counts their addresses, and sets aside those that may be advertisements; fenced
 * code is left alone.
 */
export function readLines(bytes: Buffer, row: number, triggers: Triggers, aside: Suspects): LinkCount {
  const { bounds, kinds, signs, last } = triggers
  const count = { links: 0, bytes: 0 }
  let fence = ''
  for (let i = triggers.first; i < last; ) {
    const lineStart = bounds[i * 2] ?? 0
    const lineEnd = bounds[i * 2 + 1] ?? 0
    let sign = 0
    for (; i < last && bounds[i * 2] === lineStart; i++) sign |= signs[kinds[i] ?? 0] ?? 0
    if ((sign & SIGN.trigger) === 0) continue
    const mark = sign & SIGN.fence ? fenceOf(bytes, lineStart, lineEnd) : ''
    if (fence !== '' ? mark === fence : mark !== '') {
      fence = fence === '' ? mark : ''
      continue
    }
    if (fence !== '') continue
    if (sign & SIGN.address) countAddresses(bytes, lineStart, lineEnd, count)
    if (lineEnd - lineStart > LONGEST_LINE || isStructure(bytes, lineStart, lineEnd)) continue
    aside.add(lineStart, lineEnd, row, (sign & SIGN.affiliate) !== 0)
  }
  return count
}

/** ``` or ~~~ where a fence opens or closes. */
function fenceOf(bytes: Buffer, start: number, end: number): string {
  const first = bytes[start]
  if (first === 0x60 && bytes[start + 1] === first && bytes[start + 2] === first && start + 2 < end) return '```'
  const [, mark = ''] =
    /^\s{0,12}(?:[>*-] )?(```|~~~)/.exec(bytes.toString('latin1', start, Math.min(end, start + 20))) ?? []
  return mark
}

/** Whether the line is a heading or a row of a table for certain, or holds nothing but such signs. */
function isStructure(bytes: Buffer, start: number, end: number): boolean {
  let at = start
  while (at < end && isBlank(bytes[at] ?? 0)) at++
  const byte = bytes[at]
  if (byte === 0x7c || byte === 0x3c) return true
  if (byte === 0x3e) return isBlank(bytes[at + 1] ?? 0)
  if (byte === 0x3d) return bytes[at + 1] === 0x3d
  let signs = 0
  while (bytes[at + signs] === 0x23) signs++
  return signs > 0 && signs <= 6 && at + signs < end && isBlank(bytes[at + signs] ?? 0)
}

const isBlank = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)

/** Adds the addresses from `http://`, `https://` or `www.` up to a blank, a quote, an angle or round bracket. */
function countAddresses(bytes: Buffer, start: number, end: number, count: LinkCount): void {
  for (let at = start; at + 4 < end; at++) {
    const byte = bytes[at]
    if (byte !== 0x68 && byte !== 0x77) continue
    if (byte === 0x68 ? !isWebScheme(bytes, at, end) : !isWww(bytes, at)) continue
    const begin = at
    while (at < end && isAddressByte(bytes[at] ?? 0)) at++
    count.links++
    count.bytes += at - begin
  }
}

const isWww = (bytes: Buffer, at: number): boolean =>
  bytes[at + 1] === 0x77 && bytes[at + 2] === 0x77 && bytes[at + 3] === 0x2e

/** `http://` or `https://`. */
function isWebScheme(bytes: Buffer, at: number, end: number): boolean {
  if (bytes[at + 1] !== 0x74 || bytes[at + 2] !== 0x74 || bytes[at + 3] !== 0x70) return false
  const colon = bytes[at + 4] === 0x73 ? at + 5 : at + 4
  return colon + 2 < end && bytes[colon] === 0x3a && bytes[colon + 1] === 0x2f && bytes[colon + 2] === 0x2f
}

const isAddressByte = (byte: number): boolean =>
  byte > 0x20 && byte !== 0x22 && byte !== 0x27 && byte !== 0x28 && byte !== 0x29 && byte !== 0x3c && byte !== 0x3e
