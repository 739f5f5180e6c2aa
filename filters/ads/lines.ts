// Finds the lines of a text that hold a trigger, which of them may be advertisements, and how much
// of the text is addresses.
import { HEAD_BYTES, LINE, LINE_NUMBERS } from '../../src/kernels/candidates/candidate-lines.ts'
import type { Candidates } from '../../src/kernels/candidates/candidates.ts'
import { LONGEST_LINE } from './line.ts'
import type { Suspects } from './suspects.ts'

/** What a candidate indicates about its line; several flags can be set. */
export const SIGN = { trigger: 1, address: 2, affiliate: 4, fence: 8 } as const

/** Candidates, the lines they are in, and the signs of every kind. */
export interface Triggers extends Candidates {
  readonly lines: Uint32Array
  readonly signs: Uint8Array
}

/** Addresses of a text outside fenced code. */
export interface LinkCount {
  links: number
  /** Bytes in web addresses. */
  bytes: number
}

/**
 * Reads the lines `[first, last)` of a row that hold a trigger, counts their addresses, and
 * collects those that may be advertisements. Skips fenced code.
 */
export function readLines(
  bytes: Buffer,
  row: number,
  triggers: Triggers,
  first: number,
  last: number,
  aside: Suspects,
): LinkCount {
  const { lines } = triggers
  const count = { links: 0, bytes: 0 }
  let fence = ''
  for (let at = first * LINE_NUMBERS; at < last * LINE_NUMBERS; at += LINE_NUMBERS) {
    const sign = lines[at + LINE.signs] ?? 0
    if ((sign & SIGN.trigger) === 0) continue
    const start = lines[at + LINE.start] ?? 0
    const end = lines[at + LINE.end] ?? 0
    const mark = sign & SIGN.fence ? fenceOf(bytes, start, end) : ''
    if (fence !== '' ? mark === fence : mark !== '') {
      fence = fence === '' ? mark : ''
      continue
    }
    if (fence !== '') continue
    if (sign & SIGN.address) countAddresses(bytes, triggers, at, count)
    if (
      end - start > LONGEST_LINE ||
      isStructure(lines[at + LINE.head] ?? 0, lines[at + LINE.head + 1] ?? 0)
    )
      continue
    aside.add(start, end, row, (sign & SIGN.affiliate) !== 0)
  }
  return count
}

/** ``` or ~~~, which opens or closes a fence. */
function fenceOf(bytes: Buffer, start: number, end: number): string {
  const first = bytes[start]
  if (first === 0x60 && bytes[start + 1] === first && bytes[start + 2] === first && start + 2 < end)
    return '```'
  const [, mark = ''] =
    /^\s{0,12}(?:[>*-] )?(```|~~~)/.exec(
      bytes.toString('latin1', start, Math.min(end, start + 20)),
    ) ?? []
  return mark
}

/**
 * Whether a line with this head is certainly a heading or a table row, or holds only such signs.
 */
function isStructure(head: number, rest: number): boolean {
  const byte = head & 0xff
  if (byte === 0x7c || byte === 0x3c) return true
  if (byte === 0x3e) return isBlank((head >>> 8) & 0xff)
  if (byte === 0x3d) return ((head >>> 8) & 0xff) === 0x3d
  if (byte !== 0x23) return false
  let signs = 1
  while (signs < HEAD_BYTES && byteOf(head, rest, signs) === byte) signs++
  return signs <= 6 && isBlank(byteOf(head, rest, signs))
}

const byteOf = (head: number, rest: number, at: number): number =>
  ((at < 4 ? head : rest) >>> ((at & 3) * 8)) & 0xff

const isBlank = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)

/**
 * Adds the addresses of the line at index `line`: from `http://`, `https://` or `www.` to a blank,
 * a quote, or an angle or round bracket.
 */
function countAddresses(
  bytes: Buffer,
  { lines, count: all, positions, kinds, signs }: Triggers,
  line: number,
  count: LinkCount,
): void {
  const lineEnd = lines[line + LINE.end] ?? 0
  let end = lines[line + LINE.start] ?? 0
  for (let i = lines[line + LINE.first] ?? 0; i < all && (positions[i] ?? 0) < lineEnd; i++) {
    const at = positions[i] ?? 0
    if (((signs[kinds[i] ?? 0] ?? 0) & SIGN.address) === 0 || at < end) continue
    const begin =
      bytes[at] === 0x3a
        ? schemeBefore(bytes, at, end)
        : isWww(bytes, at) && at + 4 < lineEnd
          ? at
          : undefined
    if (begin === undefined) continue
    end = at
    while (end < lineEnd && isAddressByte(bytes[end] ?? 0)) end++
    count.links++
    count.bytes += end - begin
  }
}

const isWww = (bytes: Buffer, at: number): boolean =>
  bytes[at] === 0x77 && bytes[at + 1] === 0x77 && bytes[at + 2] === 0x77

/** Start of the `http` or `https` that ends at `at`, unless it begins before `from`. */
function schemeBefore(bytes: Buffer, at: number, from: number): number | undefined {
  const begin = bytes[at - 1] === 0x73 ? at - 5 : at - 4
  if (begin < from || bytes[begin] !== 0x68 || bytes[begin + 1] !== 0x74) return undefined
  return bytes[begin + 2] === 0x74 && bytes[begin + 3] === 0x70 ? begin : undefined
}

const isAddressByte = (byte: number): boolean =>
  byte > 0x20 &&
  byte !== 0x22 &&
  byte !== 0x27 &&
  byte !== 0x28 &&
  byte !== 0x29 &&
  byte !== 0x3c &&
  byte !== 0x3e
