// Finds members of a JSON object: see ./reference.ts for the rules and ./kernel.ts for the layout
// of `names`.
//
// The row is followed by a zero byte, which is invalid everywhere in the grammar. So nothing here
// compares with the end, except to check whether the whole row was read.

const QUOTE: u8 = 0x22
const BACKSLASH: u8 = 0x5c
const OPEN_OBJECT: u8 = 0x7b
const CLOSE_OBJECT: u8 = 0x7d
const OPEN_ARRAY: u8 = 0x5b
const COMMA: u8 = 0x2c
const COLON: u8 = 0x3a

/** Results of `scanJson`. */
const MALFORMED: u32 = 0
const FOUND: u32 = 1
const ESCAPED_KEY: u32 = 2

/** Whether the string read last has escapes. */
let escaped: bool = false

/**
 * Scans the row [from, end). For each of the wanted `names` that it finds, it writes three numbers
 * (i32): where the value starts and ends, counted from `from`, and whether it is a string with
 * escapes. `stack` has one byte for each byte of the row.
 */
export function scanJson(from: usize, end: usize, names: usize, places: usize, stack: usize): u32 {
  let at = skipSpace(from)
  if (load<u8>(at) != OPEN_OBJECT) return MALFORMED
  let depth: usize = 0
  // Where the value being read is recorded, if it belongs to a wanted member of the row itself;
  // else 0.
  let place: usize = 0
  while (at != 0) {
    const byte = load<u8>(at)
    let isMember = false
    if (byte == OPEN_OBJECT || byte == OPEN_ARRAY) {
      const closer = byte + 2
      at = skipSpace(at + 1)
      if (load<u8>(at) == closer) at++
      else {
        store<u8>(stack + depth++, closer)
        if (byte == OPEN_ARRAY) continue
        isMember = true
      }
    } else {
      escaped = false
      at = byte == QUOTE ? stringEnd(at + 1) : literalEnd(at, byte)
      if (at == 0) break
    }
    // After a value: what contains it either ends too or continues.
    while (!isMember) {
      if (depth == 0) return skipSpace(at) == end ? FOUND : MALFORMED
      if (depth == 1 && place != 0) {
        store<i32>(place, i32(at - from), 4)
        store<i32>(place, i32(escaped), 8)
        place = 0
      }
      at = skipSpace(at)
      const closer = load<u8>(stack + depth - 1)
      const sign = load<u8>(at)
      if (sign == closer) {
        depth--
        at++
        continue
      }
      if (sign != COMMA) return MALFORMED
      at = skipSpace(at + 1)
      if (closer != CLOSE_OBJECT) break
      isMember = true
    }
    if (!isMember) continue
    if (load<u8>(at) != QUOTE) return MALFORMED
    escaped = false
    const keyEnd = stringEnd(at + 1)
    if (keyEnd == 0) return MALFORMED
    if (depth == 1) {
      if (escaped) return ESCAPED_KEY
      place = placeOf(at + 1, keyEnd - 1, names, places)
    }
    at = skipSpace(keyEnd)
    if (load<u8>(at) != COLON) return MALFORMED
    at = skipSpace(at + 1)
    if (place != 0 && depth == 1) store<i32>(place, i32(at - from))
  }
  return MALFORMED
}

/**
 * Where a wanted member is recorded, 0 if it is not wanted. Names are chained by length and first
 * byte.
 */
function placeOf(key: usize, end: usize, names: usize, places: usize): usize {
  const length = u32(end - key)
  const slot = (u32(load<u8>(key)) * 7 + length) & 255
  for (let index: usize = load<u16>(names + (slot << 1)); index != 0; ) {
    const name = names + 512 + ((index - 1) << 4)
    if (load<u32>(name, 4) == length && memory.compare(load<u32>(name), key, length) == 0)
      return places + (index - 1) * 12
    index = load<u32>(name, 8)
  }
  return 0
}

// @ts-ignore: decorator
@inline
function skipSpace(from: usize): usize {
  let at = from
  let byte = load<u8>(at)
  while (byte <= 0x20 && (byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09))
    byte = load<u8>(++at)
  return at
}

/**
 * The address after the closing quote of the string whose content begins at `from`; 0 if it is not
 * a valid string.
 */
function stringEnd(from: usize): usize {
  let at = from
  while (true) {
    const bytes = v128.load(at)
    const quotes = i8x16.eq(bytes, i8x16.splat(QUOTE))
    const escapes = i8x16.eq(bytes, i8x16.splat(BACKSLASH))
    const mask = i8x16.bitmask(
      v128.or(v128.or(quotes, escapes), i8x16.lt_u(bytes, i8x16.splat(0x20))),
    )
    if (mask == 0) {
      at += 16
      continue
    }
    at += ctz(mask)
    const byte = load<u8>(at)
    if (byte == QUOTE) return at + 1
    if (byte != BACKSLASH) return 0
    escaped = true
    const letter = load<u8>(at, 1)
    if (letter == 0x75) {
      for (let i: usize = 2; i < 6; i++) if (!isHex(load<u8>(at + i))) return 0
      at += 6
    } else if (isEscape(letter)) at += 2
    else return 0
  }
}

// @ts-ignore: decorator
@inline
function isEscape(letter: u32): bool {
  if (letter == QUOTE || letter == BACKSLASH || letter == 0x2f) return true
  // b, f, n, r, t
  return letter - 0x62 < 19 && ((0b1010001000000010001 >> (letter - 0x62)) & 1) != 0
}

// @ts-ignore: decorator
@inline
function isHex(byte: u32): bool {
  return byte - 0x30 < 10 || (byte | 0x20) - 0x61 < 6
}

/** The address after a number, true, false or null; 0 if there is none. */
function literalEnd(from: usize, byte: u32): usize {
  const word = load<u32>(from)
  if (word == 0x65757274 || word == 0x6c6c756e) return from + 4
  if (word == 0x736c6166) return load<u8>(from, 4) == 0x65 ? from + 5 : 0
  const start = byte == 0x2d ? from + 1 : from
  let at = load<u8>(start) == 0x30 ? start + 1 : digitsEnd(start)
  if (at == 0) return 0
  if (load<u8>(at) == 0x2e) at = digitsEnd(at + 1)
  if (at == 0 || (load<u8>(at) | 0x20) != 0x65) return at
  at++
  const sign = load<u8>(at)
  return digitsEnd(sign == 0x2b || sign == 0x2d ? at + 1 : at)
}

/** The address after one or more digits; 0 if there are none. */
// @ts-ignore: decorator
@inline
function digitsEnd(from: usize): usize {
  let at = from
  while (u32(load<u8>(at)) - 0x30 < 10) at++
  return at == from ? 0 : at
}
