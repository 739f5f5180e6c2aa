// Makes the plain copy of a text from which its language is identified. Same rules and names as
// ./reference.ts. Takes 16 bytes at a time where the only question about each is whether it is a
// letter.

const SPAN_BYTES: usize = 400
const DISPLAY_BYTES: usize = 4000
const LINE_FEED: u32 = 0x0a
const BLANK: u32 = 0x20
const DOLLAR: u32 = 0x24
const BACKSLASH: u32 = 0x5c
const BACKTICK: u32 = 0x60
const TILDE: u32 = 0x7e
const APOSTROPHE: u32 = 0x27

/** What code points below U+10000 become: see `placeSpellings` in ./kernel.ts. */
@unmanaged
class Spellings {
  /** For each 64 code points a row of `actions` (u8). */
  blocks: usize
  /**
   * Rows of 64 u32: 0 keeps the code point, 1 makes it a blank; else offset in `strings` << 8 |
   * length << 2 | 2.
   */
  actions: usize
  strings: usize
  /** 8 bytes for each mask of 8 bits: the positions of its ones. */
  positions: usize
}

/** Start of the copy, its end so far, and the start and end of the text: state for one call. */
let begin: usize = 0
let out: usize = 0
let first: usize = 0
let limit: usize = 0

/**
 * Writes the copy of [text, end) to `target` and returns its end. `target` needs room for 3 bytes
 * per byte of text and 64 more.
 */
export function plainProse(text: usize, end: usize, target: usize, table: usize): usize {
  const spellings = changetype<Spellings>(table)
  begin = target
  out = target
  first = text
  limit = end
  let at = text
  let afterBlank: u32 = 1
  while (at < end) {
    const bytes = v128.load(at)
    const found = decisions(bytes, at)
    if (found == 0 && end - at >= 16) {
      afterBlank = copyPlain(bytes, 16, afterBlank, spellings.positions)
      at += 16
      continue
    }
    const count = min(usize(ctz(found | 0x10000)), end - at)
    copyPlain(bytes, u32(count), afterBlank, spellings.positions)
    at += count
    if (count < 16 && at < end) at = step(spellings, at)
    afterBlank = u32(out == begin || load<u8>(out - 1) == BLANK)
  }
  if (out > begin && load<u8>(out - 1) == BLANK) out--
  lowerCapitals()
  return out
}

/**
 * Copies `count` bytes. ASCII other than letters and apostrophes becomes blanks, and of several
 * blanks one is kept. Returns whether the last byte is a blank. There is no branch on whether
 * blanks are dropped, because it would be hard to predict.
 */
@inline
function copyPlain(bytes: v128, count: u32, afterBlank: u32, positions: usize): u32 {
  const letters = within(v128.or(bytes, i8x16.splat(0x20)), 0x61, 0x7a)
  const kept = v128.or(
    v128.or(letters, i8x16.lt_s(bytes, i8x16.splat(0))),
    within(bytes, APOSTROPHE, APOSTROPHE),
  )
  const blanks = ~u32(i8x16.bitmask(kept))
  const copied = ~(blanks & ((blanks << 1) | afterBlank)) & ((1 << count) - 1)
  const plain = v128.bitselect(bytes, i8x16.splat(i8(BLANK)), kept)
  const low = copied & 0xff
  const high = copied >> 8
  v128.store(out, v128.swizzle(plain, v128.load64_zero(positions + (usize(low) << 3))))
  out += usize(popcnt(low))
  v128.store(
    out,
    v128.swizzle(
      plain,
      i8x16.add(v128.load64_zero(positions + (usize(high) << 3)), i8x16.splat(8)),
    ),
  )
  out += usize(popcnt(high))
  return (blanks >> (count - 1)) & 1
}

/** Which of the 16 bytes at `at` need more than that. */
@inline
function decisions(bytes: v128, at: usize): u32 {
  const next = v128.load(at + 1)
  const before = v128.load(at - 1)
  // Byte i of the constants is for nibble i, with one bit per group: $; <; \\; `; ~; leads C0, C2,
  // E0-E3 and EF.
  const low = v128.swizzle(
    i8x16(0x68, 0x20, 0x60, 0x20, 1, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0x10, 0x20),
    v128.and(bytes, i8x16.splat(0x0f)),
  )
  const high = v128.swizzle(
    i8x16(0, 0, 1, 2, 0, 4, 8, 0x10, 0, 0, 0, 0, 0x40, 0, 0x20, 0),
    i8x16.shr_u(bytes, 4),
  )
  const marked = v128.and(low, high)
  // `://`, and a full stop after what may be the end of `www`.
  const colon = v128.and(within(bytes, 0x3a, 0x3a), within(next, 0x2f, 0x2f))
  const w = v128.or(
    within(v128.or(before, i8x16.splat(0x20)), 0x77, 0x77),
    i8x16.lt_s(before, i8x16.splat(0)),
  )
  const url = v128.or(colon, v128.and(within(bytes, 0x2e, 0x2e), w))
  const sure = u32(i8x16.bitmask(v128.or(i8x16.ne(marked, i8x16.splat(0)), url)))
  if (!v128.any_true(v128.and(bytes, i8x16.splat(-128)))) return sure
  const all = sure | changedArabic(bytes, next)
  return all == 0 ? 0 : all & ~keptWide(bytes, next)
}

/** Tatweel, marks and wasla, recognised by the second byte. */
@inline
function changedArabic(bytes: v128, next: v128): u32 {
  const mark = v128.or(
    within(next, 0x8b, 0x9f),
    v128.or(within(next, 0x80, 0x80), within(next, 0xb0, 0xb1)),
  )
  const d8 = v128.and(within(bytes, 0xd8, 0xd8), within(next, 0x90, 0x9c))
  const d9 = v128.and(within(bytes, 0xd9, 0xd9), mark)
  const db = v128.and(within(bytes, 0xdb, 0xdb), within(next, 0x96, 0xad))
  return u32(i8x16.bitmask(v128.or(v128.or(d9, d8), db)))
}

/** Lead bytes of those groups whose second byte shows that the character stays as it is. */
@inline
function keptWide(bytes: v128, next: v128): u32 {
  const wide = v128.or(within(bytes, 0xe0, 0xef), within(bytes, 0xc2, 0xc2))
  if (!v128.any_true(wide)) return 0
  const spaces = v128.and(
    within(bytes, 0xc2, 0xc2),
    v128.or(within(next, 0x80, 0xa0), within(next, 0xad, 0xad)),
  )
  // Second bytes below A0 are overlong forms.
  const e0 = v128.and(
    within(bytes, 0xe0, 0xe0),
    v128.or(within(next, 0x80, 0x9f), within(next, 0xa3, 0xa3)),
  )
  const e1 = v128.and(within(bytes, 0xe1, 0xe1), within(next, 0x9a, 0x9a))
  const e2 = v128.and(within(bytes, 0xe2, 0xe2), within(next, 0x80, 0x81))
  const e3 = v128.and(within(bytes, 0xe3, 0xe3), within(next, 0x80, 0x80))
  const forms = v128.and(within(bytes, 0xef, 0xef), within(next, 0xad, 0xbb))
  const changed = v128.or(v128.or(spaces, v128.or(e0, e1)), v128.or(v128.or(e2, e3), forms))
  return u32(i8x16.bitmask(v128.andnot(wide, changed)))
}

/** All ones in bytes from `first` to `last`. */
@inline
function within(bytes: v128, first: u32, last: u32): v128 {
  if (first == last) return i8x16.eq(bytes, i8x16.splat(i8(first)))
  return i8x16.le_u(i8x16.sub(bytes, i8x16.splat(i8(first))), i8x16.splat(i8(last - first)))
}

@inline
function blank(next: usize): usize {
  if (out > begin && load<u8>(out - 1) != BLANK) store<u8>(out++, BLANK)
  return next
}

function step(spellings: Spellings, at: usize): usize {
  const byte: u32 = load<u8>(at)
  if (byte >= 0x80) return stepWide(spellings, at)
  if (byte == BACKTICK || byte == TILDE) {
    const fenced = startsLine(at) ? pastFence(at) : at
    if (fenced > at) return blank(fenced)
  }
  const past = pastSpan(at, byte)
  return blank(past > at ? past : at + 1)
}

/** Whether only blanks and tabs precede `at` on its line. */
function startsLine(at: usize): bool {
  while (at > first) {
    const byte: u32 = load<u8>(--at)
    if (byte != BLANK && byte != 0x09) return byte == LINE_FEED
  }
  return true
}

/** End of the code block whose fence starts at `at`, or `at` if there is none. */
function pastFence(at: usize): usize {
  const mark: u32 = load<u8>(at)
  const run = pastRun(at, limit) - at
  if (run < 3) return at
  let line = pastLine(at)
  if (mark == BACKTICK) for (let i = at + run; i < line; i++) if (load<u8>(i) == BACKTICK) return at
  while (line < limit) {
    const close = pastIndent(line)
    const next = pastLine(line)
    if (close < limit && load<u8>(close) == mark && pastRun(close, limit) - close >= run)
      return next
    line = next
  }
  return limit
}

function pastIndent(at: usize): usize {
  while (at < limit && (load<u8>(at) == BLANK || load<u8>(at) == 0x09)) at++
  return at
}

function pastRun(at: usize, until: usize): usize {
  const byte = load<u8>(at)
  while (at < until && load<u8>(at) == byte) at++
  return at
}

function pastLine(at: usize): usize {
  while (at < limit && load<u8>(at) != LINE_FEED) at++
  return min(at + 1, limit)
}

function pastSpan(at: usize, byte: u32): usize {
  if (byte == BACKTICK) return pastInlineCode(at)
  if (byte == DOLLAR) return pastDollarMaths(at)
  if (byte == BACKSLASH) return pastCommand(at)
  if (byte == 0x3c) return pastTag(at)
  return byte == 0x3a || byte == 0x2e ? pastUrlStart(at, byte) : at
}

/** The byte at `at`, or a line feed past the end, which ends every span. */
@inline
function byteAt(at: usize): u32 {
  return at < limit ? u32(load<u8>(at)) : LINE_FEED
}

function pastInlineCode(at: usize): usize {
  const open = pastRun(at, limit)
  const until = min(limit, open + SPAN_BYTES)
  let next = open
  while (next < until && load<u8>(next) != LINE_FEED) {
    if (load<u8>(next) != BACKTICK) next++
    else {
      const end = pastRun(next, until)
      if (end - next == open - at) return end
      next = end
    }
  }
  return open
}

function pastDollarMaths(at: usize): usize {
  if (byteAt(at + 1) == DOLLAR) {
    const display = pastClosing(at + 2, DOLLAR, DOLLAR, DISPLAY_BYTES)
    return display != 0 ? display : at + 2
  }
  const until = min(limit, at + 1 + SPAN_BYTES)
  if (byteAt(at + 1) <= BLANK) return at
  for (let next = at + 1; next < until && load<u8>(next) != LINE_FEED; next++) {
    const byte: u32 = load<u8>(next)
    if (byte == BACKSLASH) next++
    else if (byte == DOLLAR)
      return load<u8>(next - 1) <= BLANK || isDigit(byteAt(next + 1)) ? at : next + 1
  }
  return at
}

function pastCommand(at: usize): usize {
  const opening = byteAt(at + 1)
  if (opening == 0x28 || opening == 0x5b) {
    const display = pastClosing(at + 2, BACKSLASH, opening == 0x28 ? 0x29 : 0x5d, DISPLAY_BYTES)
    return display != 0 ? display : at
  }
  let next = at + 1
  while (isAsciiLetter(byteAt(next))) next++
  return next
}

function pastClosing(at: usize, first: u32, second: u32, reach: usize): usize {
  const end = min(limit - 1, at + reach)
  for (let next = at; next < end; next++) {
    if (load<u8>(next) == first && load<u8>(next + 1) == second) return next + 2
  }
  return 0
}

function pastTag(at: usize): usize {
  const next = byteAt(at + 1)
  if (next != 0x2f && next != 0x21 && !isAsciiLetter(next)) return at
  const until = min(limit, at + SPAN_BYTES)
  for (let end = at + 1; end < until; end++) {
    if (load<u8>(end) == 0x3c) return at
    if (load<u8>(end) == 0x3e) return end + 1
  }
  return at
}

function pastUrlStart(at: usize, byte: u32): usize {
  let start: usize = 0
  if (byte == 0x2e) {
    if (wroteWord(3, 0x777777)) start = 3 // www
  } else if (byteAt(at + 1) == 0x2f && byteAt(at + 2) == 0x2f) {
    if (wroteWord(4, 0x70747468)) start = 4 // http
    else if (lastLetter() == 0x73 && wroteBefore(4, 0x70747468)) start = 5 // https
    else if (wroteWord(3, 0x707466)) start = 3 // ftp
  }
  if (start == 0) return at
  out -= start
  let next = at
  while (next < limit && load<u8>(next) > BLANK && !endsUrl(load<u8>(next))) next++
  return next
}

@inline
function lastLetter(): u32 {
  return out > begin ? u32(load<u8>(out - 1)) | 0x20 : 0
}

/**
 * Whether the last `length` bytes written are this word, in either case, and no letter or digit
 * precedes it.
 */
function wroteWord(length: usize, word: u32): bool {
  if (usize(out - begin) < length) return false
  const from = out - length
  for (let i: usize = 0; i < length; i++)
    if (lowered(load<u8>(from + i)) != ((word >> (u32(i) << 3)) & 0xff)) return false
  if (from == begin) return true
  const before: u32 = load<u8>(from - 1)
  return !isAsciiLetter(before) && !isDigit(before)
}

/** The same without the last byte written. */
function wroteBefore(length: usize, word: u32): bool {
  out--
  const wrote = wroteWord(length, word)
  out++
  return wrote
}

/** < > " ` ( ) [ ] { } */
@inline
function endsUrl(byte: u32): bool {
  if (byte == 0x3c || byte == 0x3e || byte == 0x22 || byte == 0x60 || byte == 0x28 || byte == 0x29)
    return true
  return byte == 0x5b || byte == 0x5d || byte == 0x7b || byte == 0x7d
}

@inline
function lowered(byte: u32): u32 {
  return byte - 0x41 < 26 ? byte + 32 : byte
}

@inline
function isDigit(byte: u32): bool {
  return byte - 0x30 < 10
}

@inline
function isAsciiLetter(byte: u32): bool {
  return (byte | 0x20) - 0x61 < 26
}

function stepWide(spellings: Spellings, at: usize): usize {
  const lead: u32 = load<u8>(at)
  const second = byteAt(at + 1)
  const third = byteAt(at + 2)
  let point: u32 = 0
  if (lead >= 0xc0 && lead < 0xe0 && isContinuation(second))
    point = ((lead & 0x1f) << 6) | (second & 0x3f)
  else if (lead >= 0xe0 && lead < 0xf0 && isContinuation(second) && isContinuation(third)) {
    point = ((lead & 0x0f) << 12) | ((second & 0x3f) << 6) | (third & 0x3f)
  }
  if (point == 0) {
    store<u8>(out++, lead)
    return at + 1
  }
  const next: usize = lead < 0xe0 ? at + 2 : at + 3
  const row: usize = load<u8>(spellings.blocks + (point >> 6))
  const action = load<u32>(spellings.actions + (((row << 6) + (point & 63)) << 2))
  if (action == 1) return blank(next)
  const from: usize = action == 0 ? at : spellings.strings + (action >> 8)
  const length: usize = action == 0 ? next - at : (action >> 2) & 63
  for (let i: usize = 0; i < length; i++) store<u8>(out++, load<u8>(from + i))
  return next
}

@inline
function isContinuation(byte: u32): bool {
  return (byte & 0xc0) == 0x80
}

function lowerCapitals(): void {
  const end = out
  let capitals: i32 = 0
  let small: i32 = 0
  let at = begin
  for (; at + 16 <= end; at += 16) {
    const bytes = v128.load(at)
    capitals += popcnt(i8x16.bitmask(within(bytes, 0x41, 0x5a)))
    small += popcnt(i8x16.bitmask(within(bytes, 0x61, 0x7a)))
  }
  for (; at < end; at++) {
    const byte: u32 = load<u8>(at)
    if (byte - 0x41 < 26) capitals++
    else if (byte - 0x61 < 26) small++
  }
  if (capitals <= small) return
  for (at = begin; at < end; at++) {
    const byte: u32 = load<u8>(at)
    const accented =
      byte >= 0x80 && byte <= 0x9e && byte != 0x97 && at > begin && load<u8>(at - 1) == 0xc3
    if (byte - 0x41 < 26 || accented) store<u8>(at, byte + 32)
  }
}
