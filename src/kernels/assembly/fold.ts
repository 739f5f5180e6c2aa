// Folding and hashing words in one pass: see ../fold.ts (the reference) and ../fold-table.ts (the table).

const SEPARATOR: u32 = 0
const DROPPED: u32 = 0xffff
const ITSELF: u32 = 0xfffe
const EXPANSION: u32 = 0xd800
const EXPANSION_END: u32 = 0xe000
const INVALID: u32 = 0x110000
// The table: units of planes 0 and 1, starts of the sequences, the sequences, all u16.
const STARTS_AT: usize = 0x20000 * 2
const SEQUENCES_AT: usize = STARTS_AT + (2048 + 1) * 2

const SEED_A: u32 = 0x811c9dc5
const SEED_B: u32 = 0x9747b28c
const PRIME_A: u32 = 0x01000193
const PRIME_B: u32 = 0x5bd1e995

// What is known of the text so far; one text at a time.
let wordsAt: usize = 0
let secondAt: usize = 0
let count: u32 = 0
let d0: u32 = 0
let d1: u32 = 0
let d2: u32 = 0
let d3: u32 = 0
let a: u32 = SEED_A
let b: u32 = SEED_B
let inWord: bool = false

/** fmix32 of murmur3. */
// @ts-ignore: decorator
@inline
export function mix32(value: u32): u32 {
  let h = value
  h = (h ^ (h >> 16)) * 0x85ebca6b
  h = (h ^ (h >> 13)) * 0xc2b2ae35
  return h ^ (h >> 16)
}

// @ts-ignore: decorator
@inline
function endWord(rawA: u32, rawB: u32): void {
  const x = mix32(rawA)
  const y = mix32(rawB)
  store<u32>(wordsAt + (usize(count) << 2), x)
  store<u32>(secondAt + (usize(count) << 2), y)
  count++
  d0 = rotl<u32>(d0 ^ x, 13) * 0x9e3779b1 + d1
  d1 = rotl<u32>(d1 ^ y, 15) * 0x85ebca77 + d2
  d2 = rotl<u32>(d2 ^ (x + y), 17) * 0xc2b2ae3d + d3
  d3 = rotl<u32>(d3 ^ x ^ rotl<u32>(y, 7), 19) * 0x27d4eb2f + d0
}

/** One unit of folded text that is not on the fast path. */
function addUnit(unit: u32): void {
  if (unit == SEPARATOR) {
    if (inWord) endWord(a, b)
    inWord = false
    a = SEED_A
    b = SEED_B
    return
  }
  a = (a ^ unit) * PRIME_A
  b = (rotl<u32>(b, 5) ^ unit) * PRIME_B
  inWord = true
}

/**
 * Adds the words of [text, end) to words and second (u32 each), and to the state (count, total, digest); answers the
 * address reached. Stops behind a separator once there are more than `most` words.
 */
export function foldWords(text: usize, end: usize, table: usize, words: usize, second: usize, state: usize, most: u32): usize {
  wordsAt = words
  secondAt = second
  const before: u32 = load<u32>(state)
  count = before
  d0 = load<u32>(state, 8)
  d1 = load<u32>(state, 12)
  d2 = load<u32>(state, 16)
  d3 = load<u32>(state, 20)
  let hashA: u32 = SEED_A
  let hashB: u32 = SEED_B
  let open: bool = false
  while (text < end) {
    let code: u32 = load<u8>(text)
    let unit: u32
    if (code < 0x80) {
      text++
      unit = load<u16>(table + (usize(code) << 1))
    } else {
      const next: u32 = load<u8>(text + 1)
      if ((code & 0xe0) == 0xc0 && code >= 0xc2 && (next & 0xc0) == 0x80 && text + 2 <= end) {
        code = ((code & 0x1f) << 6) | (next & 0x3f)
        text += 2
      } else {
        code = codePointAt(text, end)
        text += code == INVALID ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
      }
      unit = unitOf(code, table)
    }
    if (unit - 1 < EXPANSION - 1) {
      hashA = (hashA ^ unit) * PRIME_A
      hashB = (rotl<u32>(hashB, 5) ^ unit) * PRIME_B
      open = true
    } else if (unit == SEPARATOR) {
      if (open) {
        endWord(hashA, hashB)
        hashA = SEED_A
        hashB = SEED_B
        open = false
      }
      if (count > most) break
    } else if (unit != DROPPED) {
      a = hashA
      b = hashB
      inWord = open
      addRare(unit, code, table)
      hashA = a
      hashB = b
      open = inWord
    }
  }
  if (open) endWord(hashA, hashB)
  store<u32>(state, count)
  store<u32>(state, load<u32>(state, 4) + count - before, 4)
  store<u32>(state, d0, 8)
  store<u32>(state, d1, 12)
  store<u32>(state, d2, 16)
  store<u32>(state, d3, 20)
  return text
}

// @ts-ignore: decorator
@inline
function unitOf(code: u32, table: usize): u32 {
  if (code < 0x20000) return load<u16>(table + (usize(code) << 1))
  if (code < 0x40000) return ITSELF
  return code >= 0xe0000 && code < 0xe1000 ? DROPPED : SEPARATOR
}

/** Sequences, characters of several units, and letters behind the surrogates' block. */
function addRare(unit: u32, code: u32, table: usize): void {
  if (unit == ITSELF) {
    addUnit(code & 0xffff ? code & 0xffff : 1)
    addUnit(code >> 16)
  } else if (unit >= EXPANSION_END) {
    addUnit(unit)
  } else {
    const entry = table + STARTS_AT + (usize(unit - EXPANSION) << 1)
    const last: u32 = load<u16>(entry, 2)
    for (let i: u32 = load<u16>(entry); i < last; i++) addUnit(load<u16>(table + SEQUENCES_AT + (usize(i) << 1)))
  }
}

/** The code point at `text`; INVALID for a byte that begins none. */
function codePointAt(text: usize, end: usize): u32 {
  const first: u32 = load<u8>(text)
  if (first < 0xc2 || first > 0xf4) return INVALID
  const length: usize = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
  if (text + length > end) return INVALID
  let code: u32 = first & (0x7f >> u32(length))
  for (let i: usize = 1; i < length; i++) {
    const byte: u32 = load<u8>(text + i)
    if ((byte & 0xc0) != 0x80) return INVALID
    code = (code << 6) | (byte & 0x3f)
  }
  const least: u32 = length == 4 ? 0x10000 : length == 3 ? 0x800 : 0x80
  return code < least || code > 0x10ffff ? INVALID : code
}
