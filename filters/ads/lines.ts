// The lines of one text that hold a trigger: which may be advertisements, and how much of the text is addresses.
import type { Candidates } from '../../src/kernels/candidates.ts'
import { LONGEST_LINE } from './line.ts'
import type { Suspects } from './suspects.ts'

/** What a candidate says of its line; several can be set. */
export const SIGN = { trigger: 1, address: 2, affiliate: 4, fence: 8 } as const

/** Candidates with the bounds of their lines and the signs of every kind. */
export interface Triggers extends Candidates {
  readonly bounds: Uint32Array
  readonly signs: Uint8Array
}

/** Addresses of a text outside fenced code. */
export interface LinkCount {
  links: number
  /** Bytes in web addresses. */
  bytes: number
}

/**
 * Reads the lines of a row that hold a trigger, counts their addresses, and sets aside those that may be advertisements; fenced
 * code is left alone. The triggers of the row are `[from, last)`.
 */
export function readLines(
  bytes: Buffer,
  row: number,
  triggers: Triggers,
  from: number,
  last: number,
  aside: Suspects,
): LinkCount {
  const { bounds, kinds, signs } = triggers
  const count = { links: 0, bytes: 0 }
  let fence = ''
  for (let i = from; i < last; ) {
    const lineStart = bounds[i * 2] ?? 0
    const lineEnd = bounds[i * 2 + 1] ?? 0
    const first = i
    let sign = 0
    for (; i < last && bounds[i * 2] === lineStart; i++) sign |= signs[kinds[i] ?? 0] ?? 0
    if ((sign & SIGN.trigger) === 0) continue
    const mark = sign & SIGN.fence ? fenceOf(bytes, lineStart, lineEnd) : ''
    if (fence !== '' ? mark === fence : mark !== '') {
      fence = fence === '' ? mark : ''
      continue
    }
    if (fence !== '') continue
    if (sign & SIGN.address) countAddresses(bytes, triggers, first, i, lineEnd, count)
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

/**
 * Adds the addresses of a line, whose candidates are `[first, last)`: from `http://`, `https://` or `www.` up to a blank, a quote,
 * an angle or round bracket.
 */
function countAddresses(
  bytes: Buffer,
  { bounds, positions, kinds, signs }: Triggers,
  first: number,
  last: number,
  lineEnd: number,
  count: LinkCount,
): void {
  let end = bounds[first * 2] ?? 0
  for (let i = first; i < last; i++) {
    const at = positions[i] ?? 0
    if (((signs[kinds[i] ?? 0] ?? 0) & SIGN.address) === 0 || at < end) continue
    const begin =
      bytes[at] === 0x3a ? schemeBefore(bytes, at, end) : isWww(bytes, at) && at + 4 < lineEnd ? at : undefined
    if (begin === undefined) continue
    end = at
    while (end < lineEnd && isAddressByte(bytes[end] ?? 0)) end++
    count.links++
    count.bytes += end - begin
  }
}

const isWww = (bytes: Buffer, at: number): boolean =>
  bytes[at] === 0x77 && bytes[at + 1] === 0x77 && bytes[at + 2] === 0x77

/** Where `http` or `https` begins that ends at `at`, if it does not begin before `from`. */
function schemeBefore(bytes: Buffer, at: number, from: number): number | undefined {
  const begin = bytes[at - 1] === 0x73 ? at - 5 : at - 4
  if (begin < from || bytes[begin] !== 0x68 || bytes[begin + 1] !== 0x74) return undefined
  return bytes[begin + 2] === 0x74 && bytes[begin + 3] === 0x70 ? begin : undefined
}

const isAddressByte = (byte: number): boolean =>
  byte > 0x20 && byte !== 0x22 && byte !== 0x27 && byte !== 0x28 && byte !== 0x29 && byte !== 0x3c && byte !== 0x3e
