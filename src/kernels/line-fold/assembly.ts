// Folds candidate lines of advertising and counts what they contain: see ./reference.ts.

import { joined } from '../candidates/assembly-clusters'

const COUNTS_BYTES: usize = 28
const GAP: u32 = 0
const WORD: u32 = 1
const UNKNOWN: u32 = 2
const ADDRESS: i32 = 1
const BRACKET: i32 = 2
const FOREIGN: i32 = 4
const ODD: i32 = 8

/**
 * Folds `count` lines, pairs of u32 from `base`, to `out`. Writes where each ends (i32) and its
 * counts (7 × i32).
 */
export function foldLines(
  lines: usize, count: u32, base: usize, out: usize, offsets: usize, counts: usize,
): void {
  let to = out
  store<i32>(offsets, 0)
  for (let i: u32 = 0; i < count; i++) {
    const line = lines + (usize(i) << 3)
    to = foldLine(
      base + load<u32>(line),
      base + load<u32>(line + 4),
      to,
      counts + usize(i) * COUNTS_BYTES,
    )
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
  while (at < end) {
    const byte: u32 = load<u8>(at)
    if (byte < 0x80 && !isBlankBeforeWide(at, end)) {
      const block = spaced(v128.load(at))
      const blanks = i8x16.bitmask(i8x16.eq(block, i8x16.splat(0x20)))
      const doubled = blanks & ((blanks << 1) | i32(to > out && load<u8>(to - 1) == 0x20))
      const left = end - at < 16 ? i32(end - at) : 16
      const length = min(
        left,
        ctz(doubled | i8x16.bitmask(block) | addressStarts(at, block) | 0x10000),
      )
      if (length > 0) {
        // Up to sixteen ASCII signs, letters, digits and single blanks at once: positions are bits.
        const valid = (1 << length) - 1
        const small = v128.or(block, v128.and(isBetween(block, 0x41, 26), i8x16.splat(0x20)))
        const figures = i8x16.bitmask(isBetween(block, 0x30, 10)) & valid
        const parts = figures | (i8x16.bitmask(isBetween(small, 0x61, 26)) & valid)
        const starts = parts & ~(parts << 1)
        const behindBlank = (blanks << 1) | i32(tokenStart)
        v128.store(to, small)
        words += popcnt(starts & ~i32(before != GAP))
        crosses += popcnt(starts & ~i32(before == WORD) & lanesOf(small, 0x78))
        tokens += popcnt(parts & behindBlank)
        tags += popcnt((lanesOf(block, 0x23) | lanesOf(block, 0x40)) & behindBlank & valid)
        digits += popcnt(figures)
        if (lanesOf(block, 0x3c) & valid) flags |= BRACKET
        if (parts != 0) {
          if (first < 0) first = characters + ctz(parts)
          span = characters + 32 - clz(parts) - first
        }
        if ((~blanks & valid) != 0) flags &= ~FOREIGN
        before = parts >> (length - 1) ? WORD : GAP
        tokenStart = ((blanks >> (length - 1)) & 1) != 0
        characters += length
        to += usize(length)
        at += usize(length)
        continue
      }
    }
    // How many letters or digits were written. -1 writes a blank instead, 0 nothing.
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
      // Blanks after another blank, or before Arabic.
      while (at < end && isBlank(load<u8>(at))) at++
      written = -1
    } else {
      const next: u32 = at + 1 < end ? load<u8>(at + 1) : 0
      const last: u32 = at + 2 < end ? load<u8>(at + 2) : 0
      const arabic = foldedArabic(byte, next)
      if (arabic == VANISHES) {
        tokenStart = false
        at += 2
      } else if (arabic != 0) {
        // The rest of the word: Arabic letters eight at a time, other characters one by one.
        for (let folded = arabic; folded != 0; ) {
          const letters = foldLetters(at, end, to)
          if (letters > 0) {
            at += usize(letters) << 1
            to += usize(letters) << 1
            written += letters
            folded = at + 1 < end ? foldedArabic(load<u8>(at), load<u8>(at + 1)) : 0
            continue
          }
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

/**
 * Whether there is a space at `at` followed by a character beyond ASCII, as between Arabic words.
 */
// @ts-ignore: decorator
@inline
function isBlankBeforeWide(at: usize, end: usize): bool {
  return load<u8>(at) == 0x20 && load<u8>(at + 1) >= 0x80 && at + 1 < end
}

/** The bytes with every ASCII blank replaced by a space. */
// @ts-ignore: decorator
@inline
function spaced(block: v128): v128 {
  return v128.bitselect(i8x16.splat(0x20), block, isBetween(block, 0x09, 5))
}

/** All ones in lanes with one of the `count` bytes from `first` on. */
// @ts-ignore: decorator
@inline
function isBetween(block: v128, first: i8, count: i8): v128 {
  return i8x16.lt_u(i8x16.sub(block, i8x16.splat(first)), i8x16.splat(count))
}

/** One bit for each lane with this byte. */
// @ts-ignore: decorator
@inline
function lanesOf(block: v128, byte: i8): i32 {
  return i8x16.bitmask(i8x16.eq(block, i8x16.splat(byte)))
}

/** One bit for each of the 16 positions from `at` with `htt` or `www` in any case. */
// @ts-ignore: decorator
@inline
function addressStarts(at: usize, block: v128): i32 {
  const first = v128.or(block, i8x16.splat(0x20))
  const second = v128.or(v128.load(at + 1), i8x16.splat(0x20))
  const third = v128.or(v128.load(at + 2), i8x16.splat(0x20))
  const w = i8x16.splat(0x77)
  const t = i8x16.splat(0x74)
  const http = v128.and(
    i8x16.eq(first, i8x16.splat(0x68)),
    v128.and(i8x16.eq(second, t), i8x16.eq(third, t)),
  )
  const www = v128.and(i8x16.eq(first, w), v128.and(i8x16.eq(second, w), i8x16.eq(third, w)))
  return i8x16.bitmask(v128.or(http, www))
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
  const to = addressEnd(body, end)
  return to == body ? 0 : i32(to - at)
}

/** End of the address that continues at `body`. */
function addressEnd(body: usize, end: usize): usize {
  let to = body
  while (to < end) {
    const ends = addressEnds(v128.load(to))
    to += usize(ctz(ends | 0x10000))
    if (ends == 0) continue
    if (to < end && endsAddress(to, end)) return to
    to++
  }
  return end
}

/** One bit for each lane with an ASCII blank, one of `<>"'`)]`, or a byte beyond ASCII. */
// @ts-ignore: decorator
@inline
function addressEnds(bytes: v128): i32 {
  // One bit for each high nibble from 2 to 6 that has such bytes, one for the other blanks, and one
  // for bytes beyond ASCII.
  const low = i8x16(41, 32, 33, 32, 32, 32, 32, 33, 32, 49, 48, 48, 50, 52, 34, 32)
  const high = i8x16(16, 0, 1, 2, 0, 4, 8, 0, 32, 32, 32, 32, 32, 32, 32, 32)
  const some = v128.and(
    i8x16.swizzle(low, v128.and(bytes, i8x16.splat(0x0f))),
    i8x16.swizzle(high, i8x16.shr_u(bytes, 4)),
  )
  return i8x16.bitmask(i8x16.ne(some, i8x16.splat(0)))
}

function endsAddress(at: usize, end: usize): bool {
  const byte: u32 = load<u8>(at)
  if (byte < 0x80) {
    return (
      isBlank(byte) ||
      byte == 0x3c ||
      byte == 0x3e ||
      byte == 0x22 ||
      byte == 0x27 ||
      byte == 0x60 ||
      byte == 0x29 ||
      byte == 0x5d
    )
  }
  return isWideBlank(byte, at + 1 < end ? load<u8>(at + 1) : 0, at + 2 < end ? load<u8>(at + 2) : 0)
}

/** Number of digits in an address. Arabic digits are counted by their first byte. */
function digitsOf(start: usize, end: usize): i32 {
  let digits = 0
  for (let at = start; at < end; at += 16) {
    const bytes = v128.load(at)
    const leads = v128.or(
      i8x16.eq(bytes, i8x16.splat(<i8>0xd9)),
      i8x16.eq(bytes, i8x16.splat(<i8>0xdb)),
    )
    const found = i8x16.bitmask(v128.or(isBetween(bytes, 0x30, 10), leads))
    digits += popcnt(end - at < 16 ? found & ((1 << i32(end - at)) - 1) : found)
  }
  return digits
}

/** What vowel marks and tatweel fold to. */
const VANISHES: u32 = 1

/** The folded form of an Arabic letter or digit, as two bytes; 0 for everything else. */
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

/**
 * Folds up to eight Arabic letters at `at` and returns their number. Stops at digits, marks and
 * rarer letters.
 */
// @ts-ignore: decorator
@inline
function foldLetters(at: usize, end: usize, to: usize): i32 {
  const pairs = v128.load(at)
  // As numbers, with the first byte above the second.
  const letters = v128.or(i16x8.shl(pairs, 8), i16x8.shr_u(pairs, 8))
  const alefs = v128.or(
    i16x8.eq(letters, i16x8.splat(<i16>0xd8a2)),
    v128.or(
      i16x8.eq(letters, i16x8.splat(<i16>0xd8a3)),
      i16x8.eq(letters, i16x8.splat(<i16>0xd8a5)),
    ),
  )
  const marbuta = i16x8.eq(letters, i16x8.splat(<i16>0xd8a9))
  const maksura = i16x8.eq(letters, i16x8.splat(<i16>0xd989))
  let folded = v128.bitselect(i16x8.splat(<i16>0xa7d8), pairs, alefs)
  folded = v128.bitselect(i16x8.splat(<i16>0x87d9), folded, marbuta)
  v128.store(to, v128.bitselect(i16x8.splat(<i16>0x8ad9), folded, maksura))
  const first = i16x8.lt_u(i16x8.sub(letters, i16x8.splat(<i16>0xd8a0)), i16x8.splat(0x20))
  const second = i16x8.lt_u(i16x8.sub(letters, i16x8.splat(<i16>0xd981)), i16x8.splat(10))
  const count = ctz(~i16x8.bitmask(v128.or(first, second)))
  const left = i32((end - at) >> 1)
  return count < left ? count : left
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

/** Number of lines of [start, end) with a byte above a space. */
export function linesWithText(start: usize, end: usize): u32 {
  let lines: u32 = 0
  // Bit 0 is set if a line begins here or has had only blanks so far.
  let blank: u64 = 1
  for (let at = start; at < end; at += 64) {
    const valid: u64 = end - at < 64 ? (<u64>1 << u64(end - at)) - 1 : ~(<u64>0)
    const text =
      joined(textLanes(at), textLanes(at + 16), textLanes(at + 32), textLanes(at + 48)) & valid
    const breaks =
      joined(breakLanes(at), breakLanes(at + 16), breakLanes(at + 32), breakLanes(at + 48)) & valid
    const between = ~(text | breaks)
    // The addition carries each line start past blanks to the first byte that is not one.
    const starts = (breaks << 1) | blank
    const firsts = starts + between
    lines += u32(popcnt(firsts & ~between & text))
    blank = u64(firsts < starts) | (breaks >> 63)
  }
  return lines
}

// @ts-ignore: decorator
@inline
function textLanes(at: usize): i32 {
  return i8x16.bitmask(i8x16.gt_u(v128.load(at), i8x16.splat(0x20)))
}

// @ts-ignore: decorator
@inline
function breakLanes(at: usize): i32 {
  return i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(0x0a)))
}
