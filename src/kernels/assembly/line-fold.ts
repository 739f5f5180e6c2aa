// Lines of advertising folded, and what they hold counted: see ../line-fold.ts.

const COUNTS_BYTES: usize = 28
const GAP: u32 = 0
const WORD: u32 = 1
const UNKNOWN: u32 = 2
const ADDRESS: i32 = 1
const BRACKET: i32 = 2
const FOREIGN: i32 = 4
const ODD: i32 = 8

/** Folds `count` lines, pairs of u32 from `base`, to `out`; writes where each ends (i32) and its counts (7 × i32). */
export function foldLines(
  lines: usize, count: u32, base: usize, out: usize, offsets: usize, counts: usize,
): void {
  let to = out
  store<i32>(offsets, 0)
  for (let i: u32 = 0; i < count; i++) {
    const line = lines + (usize(i) << 3)
    to = foldLine(base + load<u32>(line), base + load<u32>(line + 4), to, counts + usize(i) * COUNTS_BYTES)
    store<i32>(offsets + (usize(i + 1) << 2), i32(to - out))
  }
}

function foldLine(start: usize, end: usize, out: usize, counts: usize): usize {
  let words = 0, tokens = 0, span = 0, tags = 0, digits = 0, crosses = 0, characters = 0, first = -1
  let flags = FOREIGN
  let before = GAP
  let tokenStart = true
  let to = out
  let at = start
  let retry = start
  while (at < end) {
    if (at >= retry) {
      const length = at + 16 <= end ? 16 : i32(end - at)
      const valid = (1 << length) - 1
      const block = spaced(v128.load(at), length)
      const blanks = i8x16.bitmask(i8x16.eq(block, i8x16.splat(0x20))) & valid
      const doubled = (blanks & (blanks << 1)) | (blanks & i32(to > out && load<u8>(to - 1) == 0x20))
      if (doubled == 0 && isPlain(block)) {
        // Up to sixteen signs, letters, digits and single blanks of ASCII at once: positions are bits.
        const small = v128.or(block, v128.and(isBetween(block, 0x41, 26), i8x16.splat(0x20)))
        const figures = i8x16.bitmask(isBetween(block, 0x30, 10))
        const parts = figures | i8x16.bitmask(isBetween(small, 0x61, 26))
        const starts = parts & ~(parts << 1)
        v128.store(to, small)
        words += popcnt(starts & ~i32(before != GAP))
        crosses += popcnt(starts & ~i32(before == WORD) & i8x16.bitmask(i8x16.eq(small, i8x16.splat(0x78))))
        tokens += popcnt(parts & ((blanks << 1) | i32(tokenStart)))
        digits += popcnt(figures)
        if (parts != 0) {
          if (first < 0) first = characters + ctz(parts)
          span = characters + 32 - clz(parts) - first
        }
        if (blanks != valid) flags &= ~FOREIGN
        before = parts >> (length - 1) ? WORD : GAP
        tokenStart = blanks >> (length - 1) != 0
        characters += length
        to += usize(length)
        at += usize(length)
        continue
      }
      retry = at + (i8x16.bitmask(block) != 0 ? 16 : 4)
    }
    const byte: u32 = load<u8>(at)
    // How many letters or digits were written; a blank is to be written instead if it is -1, nothing if it is 0.
    let written = 0
    if (isWord(byte)) {
      const length = mayBeginAddress(at) ? addressLength(at, end) : 0
      if (length > 0) {
        digits += digitsOf(at, at + length)
        if (tokenStart) tokens++
        flags = (flags | ADDRESS) & ~FOREIGN
        at += length
        written = -1
      } else {
        if ((byte | 0x20) == 0x78 && before != WORD) crosses++
        const from = at
        do {
          const letter: u32 = load<u8>(at++)
          digits += i32(letter < 0x40)
          store<u8>(to++, letter | 0x20)
        } while (at < end && isWord(load<u8>(at)) && !mayBeginAddress(at))
        written = i32(at - from)
      }
      if (written < 0) {
        if (to == out || load<u8>(to - 1) != 0x20) {
          store<u8>(to++, 0x20)
          characters++
        }
        before = GAP
        tokenStart = false
        continue
      }
    } else if (byte < 0x80) {
      at++
      if (isBlank(byte)) written = -1
      else {
        store<u8>(to++, byte)
        if (byte == 0x3c) flags |= BRACKET
        else if ((byte == 0x23 || byte == 0x40) && tokenStart) tags++
        characters++
        before = GAP
        tokenStart = false
        flags &= ~FOREIGN
      }
    } else {
      const next: u32 = at + 1 < end ? load<u8>(at + 1) : 0
      const last: u32 = at + 2 < end ? load<u8>(at + 2) : 0
      const arabic = foldedArabic(byte, next)
      if (arabic == VANISHES) {
        tokenStart = false
        at += 2
      } else if (arabic != 0) {
        // The rest of the word.
        for (let folded = arabic; folded != 0; ) {
          if (folded != VANISHES) {
            digits += i32(isArabicDigit(folded))
            store<u16>(to, folded)
            to += 2
            written++
          }
          at += 2
          folded = at + 1 < end ? foldedArabic(load<u8>(at), load<u8>(at + 1)) : 0
        }
      } else {
        const size: usize = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
        if (byte == 0xef && next == 0xbb && last == 0xbf) tokenStart = true
        else if (isMark(byte, next, last)) tokenStart = false
        else if (isWideBlank(byte, next, last)) written = -1
        else {
          if (isOdd(byte, at + 1 < end ? next : 0, last)) flags |= ODD
          if (byte == 0xef && next == 0xbc && last == 0x83 && tokenStart) tags++
          const stop = at + size < end ? at + size : end
          for (let from = at; from < stop; from++) store<u8>(to++, load<u8>(from))
          characters++
          before = UNKNOWN
          tokenStart = false
        }
        at += size
      }
    }
    if (written > 0) {
      if (before == GAP) words++
      if (tokenStart) tokens++
      if (first < 0) first = characters
      characters += written
      span = characters - first
      before = WORD
      tokenStart = false
      flags &= ~FOREIGN
    } else if (written < 0) {
      if (to == out || load<u8>(to - 1) != 0x20) {
        store<u8>(to++, 0x20)
        characters++
      }
      before = GAP
      tokenStart = true
    }
  }
  store<i32>(counts, words)
  store<i32>(counts + 4, tokens)
  store<i32>(counts + 8, span)
  store<i32>(counts + 12, tags)
  store<i32>(counts + 16, digits)
  store<i32>(counts + 20, crosses)
  store<i32>(counts + 24, flags)
  return to
}

/** The first `length` bytes with every blank a space, and spaces behind them. */
// @ts-ignore: decorator
@inline
function spaced(block: v128, length: i32): v128 {
  const lanes = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
  const blank = v128.or(isBetween(block, 0x09, 5), i8x16.ge_u(lanes, i8x16.splat(<i8>length)))
  return v128.bitselect(i8x16.splat(0x20), block, blank)
}

/** Lanes with one of `count` bytes from `first` on. */
// @ts-ignore: decorator
@inline
function isBetween(block: v128, first: i8, count: i8): v128 {
  return i8x16.lt_u(i8x16.sub(block, i8x16.splat(first)), i8x16.splat(count))
}

/** Whether sixteen bytes are ASCII without control characters, signs that are counted, and what may begin an address. */
// @ts-ignore: decorator
@inline
function isPlain(block: v128): bool {
  const small = v128.or(block, i8x16.splat(0x20))
  const counted = v128.or(i8x16.eq(block, i8x16.splat(0x3c)), v128.or(i8x16.eq(block, i8x16.splat(0x23)), i8x16.eq(block, i8x16.splat(0x40))))
  // Below a blank, or beyond ASCII, which is negative.
  const strange = v128.or(i8x16.lt_s(block, i8x16.splat(0x20)), counted)
  const h = i8x16.bitmask(i8x16.eq(small, i8x16.splat(0x68)))
  const w = i8x16.bitmask(i8x16.eq(small, i8x16.splat(0x77)))
  const t = i8x16.bitmask(i8x16.eq(small, i8x16.splat(0x74)))
  const addresses = (h & ((t >> 1) | 0x8000)) | (w & ((w >> 1) | 0x8000))
  return (i8x16.bitmask(strange) | addresses) == 0
}

// @ts-ignore: decorator
@inline
function isWord(byte: u32): bool {
  return byte - 0x30 < 10 || (byte | 0x20) - 0x61 < 26
}

// @ts-ignore: decorator
@inline
function isBlank(byte: u32): bool {
  return byte == 0x20 || byte - 9 < 5
}

// @ts-ignore: decorator
@inline
function mayBeginAddress(at: usize): bool {
  const pair = u32(load<u16>(at)) | 0x2020
  return pair == 0x7468 || pair == 0x7777
}

function addressLength(at: usize, end: usize): i32 {
  let body = at + 4
  if (body > end) return 0
  const head = load<u32>(at) | 0x20202020
  if (head == 0x70747468) {
    if (body < end && (load<u8>(body) | 0x20) == 0x73) body++
    if (body + 3 > end || load<u8>(body) != 0x3a || load<u16>(body + 1) != 0x2f2f) return 0
    body += 3
  } else if ((head & 0xffffff) != 0x777777 || load<u8>(at + 3) != 0x2e) return 0
  let to = body
  while (to < end && !endsAddress(to, end)) to++
  return to == body ? 0 : i32(to - at)
}

function endsAddress(at: usize, end: usize): bool {
  const byte: u32 = load<u8>(at)
  if (byte < 0x80) {
    return isBlank(byte) || byte == 0x3c || byte == 0x3e || byte == 0x22 || byte == 0x27 || byte == 0x60 || byte == 0x29 || byte == 0x5d
  }
  return isWideBlank(byte, at + 1 < end ? load<u8>(at + 1) : 0, at + 2 < end ? load<u8>(at + 2) : 0)
}

/** Digits of an address; those of Arabic by their first byte. */
function digitsOf(start: usize, end: usize): i32 {
  let digits = 0
  for (let at = start; at < end; at++) {
    const byte: u32 = load<u8>(at)
    digits += i32(byte - 0x30 < 10 || byte == 0xd9 || byte == 0xdb)
  }
  return digits
}

/** What vowel marks and tatweel become. */
const VANISHES: u32 = 1

/** A letter or digit of Arabic in its one spelling, as two bytes; 0 for everything else. */
// @ts-ignore: decorator
@inline
function foldedArabic(lead: u32, next: u32): u32 {
  if (lead == 0xd8) {
    if (next - 0xa0 > 0x1f) return 0
    if (next == 0xa2 || next == 0xa3 || next == 0xa5) return 0xa7d8
    return next == 0xa9 ? 0x87d9 : lead | (next << 8)
  }
  if (lead == 0xd9) {
    if (next == 0x80 || next - 0x8b < 11 || next == 0xb0) return VANISHES
    if (next == 0xb1) return 0xa7d8
    if (next == 0x89) return 0x8ad9
    return next - 0x81 < 10 || next - 0xa0 < 10 ? lead | (next << 8) : 0
  }
  return lead == 0xdb && next - 0xb0 < 10 ? lead | (next << 8) : 0
}

/** Whether a folded letter or digit is a digit. */
// @ts-ignore: decorator
@inline
function isArabicDigit(folded: u32): bool {
  const next = folded >> 8
  return (folded & 0xff) == 0xd9 ? next - 0xa0 < 10 : (folded & 0xff) == 0xdb
}

/** Zero-width and bidi marks. */
function isMark(lead: u32, next: u32, last: u32): bool {
  if (lead != 0xe2) return false
  return next == 0x80 ? last - 0x8b < 5 || last - 0xaa < 5 : next == 0x81 && last - 0xa0 < 10
}

function isWideBlank(lead: u32, next: u32, last: u32): bool {
  if (lead == 0xc2) return next == 0xa0
  if (lead == 0xe1) return next == 0x9a && last == 0x80
  if (lead == 0xe3) return next == 0x80 && last == 0x80
  if (lead == 0xef) return next == 0xbb && last == 0xbf
  if (lead != 0xe2) return false
  if (next == 0x81) return last == 0x9f
  return next == 0x80 && (last - 0x80 < 11 || last == 0xa8 || last == 0xa9 || last == 0xaf)
}

function isOdd(lead: u32, next: u32, last: u32): bool {
  if (lead == 0xc4) return next == 0xb0
  if (lead == 0xc5) return next == 0xbf
  return lead == 0xe2 && next == 0x84 && last == 0xaa
}

/** Lines of [start, end) with something above a blank in them. */
export function linesWithText(start: usize, end: usize): u32 {
  let lines: u32 = 0
  let text = false
  for (let at = start; at < end; at += 16) {
    const bytes = v128.load(at)
    let above = i8x16.bitmask(i8x16.gt_u(bytes, i8x16.splat(0x20)))
    let breaks = i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(0x0a)))
    if (end - at < 16) {
      const inside = (1 << i32(end - at)) - 1
      above &= inside
      breaks &= inside
    }
    for (; breaks != 0; breaks &= breaks - 1) {
      const upTo = (1 << ctz(breaks)) - 1
      if (text || (above & upTo) != 0) lines++
      text = false
      above &= ~upTo
    }
    text = text || above != 0
  }
  return lines + u32(text)
}
