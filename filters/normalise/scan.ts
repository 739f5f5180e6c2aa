// One pass over the bytes of a text that tells which repairs it may need. Most texts need none.
import { bitOf } from './kinds.ts'

const ENTITY = bitOf('entities')
const MOJIBAKE = bitOf('mojibake')
const LINE_END = bitOf('lineEnds')
const BIDI = bitOf('bidiControls')
const INVISIBLE = bitOf('invisible')
const FORM = bitOf('presentationForms')
const TATWEEL = bitOf('tatweel')
const COMPOSE = bitOf('composed')

/** What a byte may begin; 0 for bytes that begin nothing to repair. */
const ROLE = { none: 0, plain: 1, ampersand: 2, symbol: 3, letter: 4, arabic: 5, mark: 6, rare: 7 }

const roles = new Uint8Array(256)
/** Repairs that a byte calls for whatever follows. */
const always = new Uint16Array(256)
const set = (first: number, last: number, role: number, bits = 0): void => {
  roles.fill(role, first, last + 1)
  always.fill(bits, first, last + 1)
}
set(0x00, 0x08, ROLE.plain, INVISIBLE)
set(0x0b, 0x0d, ROLE.plain, LINE_END)
set(0x0e, 0x1f, ROLE.plain, INVISIBLE)
set(0x7f, 0x7f, ROLE.plain, INVISIBLE)
set(0x26, 0x26, ROLE.ampersand)
set(0xc2, 0xc2, ROLE.symbol)
set(0xc3, 0xd3, ROLE.letter)
set(0xcc, 0xcd, ROLE.plain, COMPOSE)
set(0xd6, 0xd7, ROLE.letter)
set(0xd8, 0xdb, ROLE.arabic)
set(0xdc, 0xdf, ROLE.plain, COMPOSE)
set(0xe0, 0xe1, ROLE.rare, COMPOSE)
set(0xe2, 0xe2, ROLE.mark)
set(0xe3, 0xe3, ROLE.plain, COMPOSE)
set(0xef, 0xef, ROLE.rare)
set(0xf3, 0xf3, ROLE.plain, INVISIBLE)

/**
 * Arabic characters that need a look, by the last two bits of the first byte and the second byte:
 * آ أ ؤ إ ط ظ (windows-1256 reads the first bytes of UTF-8 as these), U+061C, tatweel, marks.
 */
const notable = new Uint8Array(4 << 8)
for (const byte of [0x9c, 0xa2, 0xa3, 0xa4, 0xa5, 0xb7, 0xb8]) notable[byte] = 1
for (const byte of [0x80, 0xb0]) notable[(1 << 8) | byte] = 1
notable.fill(1, (1 << 8) | 0x8b, (1 << 8) | 0xa0)
notable.fill(1, (3 << 8) | 0x96, (3 << 8) | 0xae)

/** Bytes that are looked at one by one from a notable one on. */
const WINDOW = 48

/**
 * The bits of the repairs that `bytes[start, end)` may need. `next` finds the next notable byte
 * from a position on, see `nextNotableReference`.
 */
export function suspectedIn(
  bytes: Uint8Array,
  start: number,
  end: number,
  next: (start: number, end: number) => number,
): number {
  let found = 0
  for (let at = next(start, end); at < end; ) {
    const to = Math.min(end, at + WINDOW)
    found |= scan(bytes, start, end, Math.max(start, at - LOOK_BACK), to)
    at = next(to, end)
  }
  return found
}

/** A character before a notable one may matter: its first byte is at most this far back. */
const LOOK_BACK = 3

/** Scans from `first` up to `last`, but looks at all of `bytes[start, end)` around. */
function scan(bytes: Uint8Array, start: number, end: number, first: number, last: number): number {
  let found = 0
  for (let at = first; at < last; at++) {
    const lead = bytes[at]!
    const role = roles[lead]!
    if (role === 0) continue
    const next = at + 1 < end ? bytes[at + 1]! : 0
    if (role === ROLE.arabic) {
      at++
      if (notable[((lead & 3) << 8) | next] !== 0) found |= arabic(bytes, at, start, end, lead)
      continue
    }
    found |= always[lead]!
    if (role === ROLE.ampersand) {
      if (next === 0x23 || (next | 0x20) >= 0x61) found |= ENTITY
    } else if (role === ROLE.symbol) found |= symbol(bytes, at, start, next)
    else if (role === ROLE.letter) {
      found |= letter(bytes, at, end, lead, next)
      if (lead >= 0xd0 && lead < 0xd4 && isMixed(bytes, at, start, end, next)) found |= MOJIBAKE
    } else if (role === ROLE.mark) found |= mark(bytes, at, end, next)
    else if (role === ROLE.rare) found |= rare(bytes, at, end, lead, next)
  }
  return found
}

/** Whether the two bytes at `at` are an Arabic letter or mark, rather than a digit or a comma. */
function isArabicLetter(bytes: Uint8Array, at: number): boolean {
  const [lead, next] = [bytes[at], bytes[at + 1] ?? 0]
  if (lead === 0xd8) return next >= 0xa0
  if (lead === 0xd9) return next < 0xa0 || next >= 0xae
  return lead === 0xda || (lead === 0xdb && next < 0x94)
}

const isAsciiLetter = (byte: number): boolean => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a

/** Whether a byte begins a character that stands for the second byte of misread UTF-8. */
function isTail(lead: number): boolean {
  return lead === 0xc2 || lead === 0xe2 || lead === 0xcb || lead === 0xc6 || lead === 0xef
}

/** `at` is the second byte of a notable Arabic character. */
function arabic(bytes: Uint8Array, at: number, start: number, end: number, lead: number): number {
  const byte = bytes[at]!
  const after = at + 1 < end ? bytes[at + 1]! : 0
  if (lead === 0xdb) return COMPOSE
  if (lead === 0xd8) {
    if (byte === 0x9c) return BIDI
    const joined = at - 2 >= start && isAsciiLetter(bytes[at - 2]!)
    return joined || isTail(after) ? MOJIBAKE : 0
  }
  if (byte === 0x80) return after >= 0xd8 && after <= 0xdb ? TATWEEL : 0
  if (byte >= 0x93 && byte !== 0xb0) return COMPOSE
  // A mark before one that belongs in front of it. U+0670 belongs behind all up to U+0652.
  const next = at + 2 < end ? bytes[at + 2]! : 0
  return after === 0xd9 && next >= 0x8b && next < (byte === 0xb0 ? 0x93 : byte) ? COMPOSE : 0
}

/** C2: a C1 control, a soft hyphen, or the second character of something misread. */
function symbol(bytes: Uint8Array, at: number, start: number, next: number): number {
  if (next < 0xa0) return MOJIBAKE
  const joined = at > start && bytes[at - 1]! >= 0x80 && at - 2 >= start
  const lead = joined ? bytes[at - 2]! : 0
  const isMath = joined && at - 3 >= start && bytes[at - 3] === 0xe2
  return (
    (next === 0xad ? INVISIBLE | MOJIBAKE : 0) |
    (lead >= 0xc3 && lead <= 0xd3 ? MOJIBAKE : 0) |
    (isMath ? MOJIBAKE : 0)
  )
}

/** A letter of two bytes: misread if what follows is a symbol or another one of Latin-1. */
function letter(bytes: Uint8Array, at: number, end: number, lead: number, next: number): number {
  const after = at + 2 < end ? bytes[at + 2]! : 0
  if (lead === 0xd6) return COMPOSE
  if (lead === 0xd7) return isTail(after) ? MOJIBAKE : 0
  if (lead === 0xce && next === 0x87) return COMPOSE
  if (isTail(after) || after === 0xc5) return MOJIBAKE
  if (lead !== 0xc3) return after === 0xc3 ? MOJIBAKE : 0
  return after === 0xc3 || (next < 0x84 && after === 0x20) ? MOJIBAKE : 0
}

/** A Cyrillic letter beside one of ASCII, or Ђ: windows-1251 reads UTF-8 as such. */
function isMixed(bytes: Uint8Array, at: number, start: number, end: number, next: number): boolean {
  if (bytes[at] === 0xd0 && next === 0x82) return true
  const before = at > start ? bytes[at - 1]! : 0
  return isAsciiLetter(before) || (at + 2 < end && isAsciiLetter(bytes[at + 2]!))
}

/** E2: punctuation, invisible characters, symbols. */
function mark(bytes: Uint8Array, at: number, end: number, next: number): number {
  const last = at + 2 < end ? bytes[at + 2]! : 0
  if (next === 0x80) {
    if (last < 0x8b) return 0
    if (last === 0x8c && isArabicLetter(bytes, at - 2) && isArabicLetter(bytes, at + 3)) return 0
    if (last < 0x8e) return INVISIBLE
    if (last < 0x90) return BIDI
    if (last === 0x9a) return at + 3 < end && bytes[at + 3]! >= 0xc2 ? MOJIBAKE : 0
    if (last < 0xa8 || last > 0xae) return 0
    return last < 0xaa ? LINE_END : BIDI
  }
  if (next === 0x81) return last < 0xa0 ? 0 : last >= 0xa6 && last <= 0xa9 ? BIDI : INVISIBLE
  if (next === 0x84) return last === 0xa6 || last >= 0xaa ? COMPOSE : 0
  if (next >= 0x88 && next <= 0x97) return at + 3 < end && bytes[at + 3]! >= 0xc2 ? MOJIBAKE : 0
  return 0
}

/** E0, E1 and EF: Mongolian separators, presentation forms, compatibility characters, marks. */
function rare(bytes: Uint8Array, at: number, end: number, lead: number, next: number): number {
  const last = at + 2 < end ? bytes[at + 2]! : 0
  if (lead === 0xe1) return next === 0xa0 && last === 0x8e ? INVISIBLE : 0
  if (lead === 0xe0) return 0
  if (next >= 0xa4 && next < 0xac) return COMPOSE
  if (next >= 0xac && next < 0xb8) return next === 0xb7 && last < 0xb0 ? INVISIBLE | FORM : FORM
  if (next >= 0xb9 && next < 0xbc) return last === 0xbf ? INVISIBLE : FORM
  return next === 0xbf && last >= 0xb9 && last !== 0xbd ? INVISIBLE : 0
}
