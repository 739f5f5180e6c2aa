// Finds the next byte at which a text may need repair, so that clean text is passed over quickly.
// The kernel is ./assembly.ts.
import type { TextColumn } from '../../core/batch.ts'
import { kernelFunctions, kernelMemory } from '../memory/module.ts'

const isArabic = (byte: number): boolean => byte >= 0xd8 && byte <= 0xdb

/**
 * Whether a byte, with the one after it, is notable: a control, an ampersand, the first byte of a
 * character that is not Arabic, of U+061C, a tatweel, a mark, or an ASCII letter before Arabic.
 */
function isNotable(byte: number, next: number): boolean {
  if (byte < 0x20) return byte !== 0x09 && byte !== 0x0a
  if (byte === 0x26 || byte === 0x7f) return true
  if (byte < 0x80) return (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a && isArabic(next)
  if (byte === 0xd8) return next === 0x9c
  if (byte === 0xd9) return next === 0x80 || next === 0xb0 || (next >= 0x8b && next <= 0x9f)
  if (byte === 0xdb) return next >= 0x96 && next <= 0xad
  return byte >= 0xc2 && byte !== 0xda
}

/** The first notable position from `start` on, or `end`. The byte after the last counts as 0. */
export function nextNotableReference(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    if (isNotable(bytes[at]!, at + 1 < end ? bytes[at + 1]! : 0)) return at
  }
  return end
}

/** Columns of more bytes than this are left to the reference. */
const MOST_BYTES = 64 << 20

interface Functions {
  nextNotable(text: number, end: number): number
}

/** The kernel of `nextNotableReference`, for one column until the next is placed. */
export function notableIn(column: TextColumn): (start: number, end: number) => number {
  const { nextNotable } = kernelFunctions<Functions>('nextNotable')
  const { bytes } = column
  if (bytes.length > MOST_BYTES) return (start, end) => nextNotableReference(bytes, start, end)
  const base = kernelMemory().place(column)
  return (start, end) => nextNotable(base + start, base + end) - base
}
