// UTF-8 sequences among characters: each byte of a character stands as the character that a
// single-byte encoding has for it.
import type { Charset } from './charsets.ts'

/** Characters that were one, and the one they were. */
export interface Sequence {
  readonly start: number
  readonly end: number
  /** The characters as they stand. */
  readonly read: string
  readonly code: number
  /** A byte was lost (a replacement character) or altered (a no-break space became a space). */
  readonly damaged: boolean
}

/**
 * Bytes whose no-break space may have become a space, by what precedes it: à, Š, Π, Р, ٠, and the
 * second or third byte of a sign (rules of ftfy, docs/fixes.rst).
 */
const ALTERED = (of: (from: number, to: number) => string): string[] => {
  const tail = of(0x80, 0xbf)
  return [
    `[${of(0xc2, 0xc3)}${of(0xc5, 0xc5)}${of(0xce, 0xce)}${of(0xd0, 0xd0)}${of(0xd9, 0xd9)}][ ]`,
    `[${of(0xe2, 0xe3)}][ ][${tail}]`,
    `[${of(0xe0, 0xe3)}][${tail}][ ]`,
    `[${of(0xf0, 0xf0)}][ ][${tail}]{2}`,
  ]
}

/** A pattern that matches misread characters of two to four bytes, and pairs of surrogates. */
export function sequencePattern(charset: Charset): RegExp {
  const of = (from: number, to: number): string => {
    let found = ''
    for (const [character, byte] of charset.byteOf) {
      if (byte >= from && byte <= to) found += character
    }
    return found.replace(/[\]\\^-]/g, '\\$&')
  }
  const tail = `[${of(0x80, 0xbf)}\ufffd]`
  const surrogate = of(0xed, 0xed)
  return new RegExp(
    [
      `[${surrogate}][${of(0xa0, 0xaf)}]${tail}[${surrogate}][${of(0xb0, 0xbf)}]${tail}`,
      `[${of(0xc2, 0xdf)}]${tail}`,
      `[${of(0xe0, 0xef)}]${tail}{2}`,
      `[${of(0xf0, 0xf4)}]${tail}{3}`,
      `[${of(0xe2, 0xe2)}][${of(0x80, 0x80)}]\\?`,
      ...(charset.byteOf.get('\u00a0') === 0xa0 ? ALTERED(of) : []),
    ].join('|'),
    'g',
  )
}

/** The misread characters of a line, in order. Sequences that are no valid UTF-8 are left out. */
export function sequencesIn(line: string, charset: Charset, pattern: RegExp): Sequence[] {
  const found: Sequence[] = []
  for (const { 0: read, index } of line.matchAll(pattern)) {
    const lost = read.includes('\ufffd') || read.endsWith('?')
    const bytes = Array.from(read, (character) =>
      character === ' ' ? 0xa0 : (charset.byteOf.get(character) ?? 0xbf),
    )
    const code = codePoint(bytes)
    if (code === undefined) continue
    const damaged = lost || read.includes(' ')
    found.push({
      start: index,
      end: index + read.length,
      read,
      code: lost ? 0xfffd : code,
      damaged,
    })
  }
  return found
}

/** The code point of UTF-8 bytes, or of two surrogates of three bytes each (CESU-8). */
function codePoint(bytes: readonly number[]): number | undefined {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = bytes
  if (bytes.length === 6) {
    const low = ((e & 0x0f) << 6) | (f & 0x3f)
    return 0x10000 + (((b & 0x0f) << 16) | ((c & 0x3f) << 10) | low)
  }
  if (bytes.length === 2) return ((a & 0x1f) << 6) | (b & 0x3f)
  if (bytes.length === 3) {
    const code = ((a & 0x0f) << 12) | ((b & 0x3f) << 6) | (c & 0x3f)
    return code < 0x800 || (code >= 0xd800 && code <= 0xdfff) ? undefined : code
  }
  const code = ((a & 0x07) << 18) | ((b & 0x3f) << 12) | ((c & 0x3f) << 6) | (d & 0x3f)
  return code < 0x10000 || code > 0x10ffff ? undefined : code
}
