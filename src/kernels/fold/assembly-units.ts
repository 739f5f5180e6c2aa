// Turns a text into folded UTF-16 units: see ./fold.ts (the reference) and ./fold-table.ts (the
// table). Takes 16 bytes at a time where all are ASCII, and 8 characters at a time where all have
// one or two bytes.

/** The markers of the table, as in ./fold-table.ts; this one separates words. */
export const SEPARATOR: u32 = 0
const DROPPED: u32 = 0xffff
const ITSELF: u32 = 0xfffe
const EXPANSION: u32 = 0xd800
const EXPANSION_END: u32 = 0xe000
const INVALID: u32 = 0x110000
// Layout of the table, all u16: units of planes 0 and 1, starts of the sequences, the sequences.
const STARTS_AT: usize = 0x20000 * 2
const SEQUENCES_AT: usize = STARTS_AT + (2048 + 1) * 2

/** Where `foldUnits` or `foldNext` stopped writing. */
export let unitsEnd: usize = 0

/**
 * Writes the units (u16) of [text, end) at `out`, at most 64 bytes past `full`. Returns the address
 * reached, which is between two characters.
 */
export function foldUnits(text: usize, end: usize, table: usize, out: usize, full: usize): usize {
  while (text < end && out < full) {
    if (end - text >= 16) {
      const bytes = v128.load(text)
      if (!v128.any_true(v128.and(bytes, i8x16.splat(-128)))) {
        const folded = foldAscii(bytes)
        v128.store(out, i16x8.extend_low_i8x16_u(folded))
        v128.store(out, i16x8.extend_high_i8x16_u(folded), 16)
        text += 16
        out += 32
        continue
      }
      const reached = foldNarrow(bytes, text, table, out)
      if (reached > text) {
        text = reached
        out = unitsEnd
        continue
      }
    }
    text = foldNext(text, end, table, out)
    out = unitsEnd
  }
  unitsEnd = out
  return text
}

/** Lowers letters, keeps digits and `_`, and turns the rest into separators. */
@inline
function foldAscii(bytes: v128): v128 {
  const letters = upTo(i8x16.sub(v128.or(bytes, i8x16.splat(0x20)), i8x16.splat(0x61)), 25)
  const others = v128.or(
    upTo(i8x16.sub(bytes, i8x16.splat(0x30)), 9),
    i8x16.eq(bytes, i8x16.splat(0x5f)),
  )
  return v128.and(v128.or(bytes, v128.and(letters, i8x16.splat(0x20))), v128.or(letters, others))
}

@inline
function upTo(bytes: v128, most: i8): v128 {
  return i8x16.le_u(bytes, i8x16.splat(most))
}

/**
 * Writes the units of 8 characters at `out` if the 16 bytes at `text` hold only characters of one
 * or two bytes. Returns the address reached, or `text` if they do not or a character is rare.
 */
@inline
function foldNarrow(bytes: v128, text: usize, table: usize, out: usize): usize {
  const pairs = u32(i8x16.bitmask(upTo(i8x16.sub(bytes, i8x16.splat(-62)), 29)))
  const behind = u32(i8x16.bitmask(i8x16.lt_s(bytes, i8x16.splat(-64))))
  if (
    u32(i8x16.bitmask(bytes)) != (pairs | behind) ||
    behind != ((pairs << 1) & 0xffff)
  ) return text
  let starts = ~behind & 0xffff
  let rare: u32 = 0
  for (let i = 0; i < 8; i++) {
    const at = text + usize(ctz(starts))
    starts &= starts - 1
    const lead: u32 = load<u8>(at)
    const pair = ((lead & 0x1f) << 6) | (u32(load<u8>(at, 1)) & 0x3f)
    const unit: u32 = load<u16>(table + (usize(select(lead, pair, lead < 0x80)) << 1))
    store<u16>(out, unit)
    out += usize(unit != DROPPED) << 1
    rare |= u32(unit - EXPANSION < DROPPED - EXPANSION)
  }
  if (rare) return text
  unitsEnd = out
  return text + usize(ctz(starts | 0x10000))
}

@inline
function add(unit: u32): void {
  store<u16>(unitsEnd, unit)
  unitsEnd += 2
}

/**
 * Writes the units of one character of any kind at `out`. Returns the address of the next
 * character.
 */
export function foldNext(text: usize, end: usize, table: usize, out: usize): usize {
  unitsEnd = out
  const code = codePointAt(text, end)
  const unit = unitOf(code, table)
  if (unit - EXPANSION >= DROPPED - EXPANSION) {
    if (unit != DROPPED) add(unit)
  } else if (unit == ITSELF) {
    add(code & 0xffff ? code & 0xffff : 1)
    add(code >> 16)
  } else if (unit >= EXPANSION_END) {
    add(unit)
  } else {
    const entry = table + STARTS_AT + (usize(unit - EXPANSION) << 1)
    const last: u32 = load<u16>(entry, 2)
    for (let i: u32 = load<u16>(entry); i < last; i++)
      add(load<u16>(table + SEQUENCES_AT + (usize(i) << 1)))
  }
  return text + (code < 0x80 || code == INVALID ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4)
}

@inline
function unitOf(code: u32, table: usize): u32 {
  if (code < 0x20000) return load<u16>(table + (usize(code) << 1))
  if (code < 0x40000) return ITSELF
  return code >= 0xe0000 && code < 0xe1000 ? DROPPED : SEPARATOR
}

/** The code point at `text`; INVALID for a byte that starts none. */
function codePointAt(text: usize, end: usize): u32 {
  const first: u32 = load<u8>(text)
  if (first < 0x80) return first
  if (first < 0xc2 || first > 0xf4) return INVALID
  const length: usize = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
  if (text + length > end) return INVALID
  let code = first & (0x7f >> u32(length))
  for (let i: usize = 1; i < length; i++) {
    const byte: u32 = load<u8>(text + i)
    if ((byte & 0xc0) != 0x80) return INVALID
    code = (code << 6) | (byte & 0x3f)
  }
  const least: u32 = length == 4 ? 0x10000 : length == 3 ? 0x800 : 0x80
  return code < least || code > 0x10ffff ? INVALID : code
}
