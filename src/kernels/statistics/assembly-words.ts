// Counts the words of a text by the rules of ./reference.ts, one run of bytes without ASCII white
// space at a time.
import { hashPair, hashWord } from '../memory/assembly-hash'
import {
  DOUBLE,
  entryOf,
  LETTER,
  REMOVED,
  SIGN,
  SPACE,
  SPECIAL,
  Tables,
  WORD,
} from './assembly-tables'
import { INVALID, pointOf, storePoint, widthOf } from '../memory/assembly-utf8'

/** Code points from here on take two UTF-16 units. */
const PLANE: u32 = 0x10000
const DOT_ABOVE: u32 = 0x307
const FINAL_SIGMA: u32 = 0x3c2

/** Offsets of the counts that this file writes. */
const TOKENS: usize = 0
const WITH_LETTER: usize = 4
const WORDS: usize = 8
const CHARACTERS: usize = 12
const UNITS: usize = 16
const STOP_WORDS: usize = 20
const SYMBOLS: usize = 24
const CAPITALS: usize = 28

/**
 * State for one text. Each word has a hash (u64) and the end in units of all words up to it (u32).
 * `folded` holds the bytes of the word being read.
 */
let tables: Tables = changetype<Tables>(0)
let counts: usize = 0
let hashes: usize = 0
let ends: usize = 0
let folded: usize = 0
let most: u32 = 0
let words: u32 = 0
/** Units of all words below, words that start with a capital above: one addition counts both. */
let tallies: u64 = 0
/** Characters of two units among them. */
let pairs: u32 = 0
let stopWords: u32 = 0
/** The visible part of the run read last; `runStart` is 0 if the run was white space only. */
export let runStart: usize = 0
/** End of that part. */
export let runEnd: usize = 0

/** Prepares for a text of at most `atMost` words. */
export function openWords(
  at: Tables,
  out: usize,
  hashesAt: usize,
  endsAt: usize,
  foldedAt: usize,
  atMost: u32,
): void {
  tables = at
  counts = out
  hashes = hashesAt
  ends = endsAt
  folded = foldedAt
  most = atMost
  words = 0
  tallies = 0
  pairs = 0
  stopWords = 0
  store<u32>(ends, 0)
}

/** Returns the number of words, or a number above `atMost` if they did not fit. */
export function closeWords(): u32 {
  store<u32>(counts, words, WORDS)
  store<u32>(counts, u32(tallies) - pairs, CHARACTERS)
  store<u32>(counts, u32(tallies), UNITS)
  store<u32>(counts, stopWords, STOP_WORDS)
  store<u32>(counts, u32(tallies >> 32), CAPITALS)
  return words
}

@inline
function add(count: usize, value: u32): void {
  store<u32>(counts + count, load<u32>(counts + count) + value)
}

/** Reads the run [start, end). Returns false if it is not UTF-8. */
@inline
export function readWords(start: usize, end: usize): bool {
  return (
    readShort(start, end) || readArabic(start, end) || readLong(start, end) || readRun(start, end)
  )
}

/** All ones in each byte that is at most `most`. */
@inline
function upTo(bytes: v128, most: i8): v128 {
  return i8x16.le_u(bytes, i8x16.splat(most))
}

/**
 * Reads the run [start, end) as one token if it is at most 16 bytes of ASCII; otherwise returns
 * false.
 */
@inline
function readShort(start: usize, end: usize): bool {
  const length = u32(end - start)
  const bytes = v128.load(start)
  const run: u32 = (1 << length) - 1
  if (length > 16 || u32(i8x16.bitmask(bytes)) & run) return false
  const letters = lettersOf(bytes)
  const word = u32(i8x16.bitmask(v128.or(letters, digitsOf(bytes)))) & run
  add(WITH_LETTER, u32((u32(i8x16.bitmask(letters)) & run) != 0))
  runStart = start
  runEnd = end
  if (word == 0) return true
  const first = ctz(word)
  const size = 32 - clz(word) - first
  const trimmed = v128.load(start + usize(first))
  const own = v128.and(lowered(trimmed, lettersOf(trimmed)), firstLanes(size))
  const hash = hashPair(i64x2.extract_lane(own, 0), i64x2.extract_lane(own, 1), size)
  addWord(hash, size, 0, isCapital(i8x16.extract_lane_u(trimmed, 0)))
  return true
}

@inline
function lettersOf(bytes: v128): v128 {
  return upTo(i8x16.sub(v128.or(bytes, i8x16.splat(0x20)), i8x16.splat(0x61)), 25)
}

@inline
function digitsOf(bytes: v128): v128 {
  return upTo(i8x16.sub(bytes, i8x16.splat(0x30)), 9)
}

@inline
function lowered(bytes: v128, letters: v128): v128 {
  return v128.or(bytes, v128.and(letters, i8x16.splat(0x20)))
}

/** Whether the byte is a capital letter of ASCII. */
@inline
function isCapital(byte: u8): bool {
  return u32(byte) - 0x41 < 26
}

/** The same for up to 64 bytes. */
function readLong(start: usize, end: usize): bool {
  const length = end - start
  if (length > 64) return false
  let letters: u64 = 0
  let digits: u64 = 0
  const run = ~u64(0) >> (64 - u64(length))
  for (let i: usize = 0; i < length; i += 16) {
    const bytes = v128.load(start + i)
    const bit = u64(i)
    if (((bits(bytes) << bit) & run) != 0) return false
    const ownLetters = lettersOf(bytes)
    letters |= bits(ownLetters) << bit
    digits |= bits(digitsOf(bytes)) << bit
    v128.store(folded + i, lowered(bytes, ownLetters))
  }
  const word = (letters | digits) & run
  add(WITH_LETTER, u32((letters & run) != 0))
  runStart = start
  runEnd = end
  if (word == 0) return true
  const first = u32(ctz(word))
  const size = 64 - u32(clz(word)) - first
  const capital = isCapital(load<u8>(start + usize(first)))
  addWord(hashWord(folded + usize(first), usize(size)), size, 0, capital)
  return true
}

@inline
function bits(lanes: v128): u64 {
  return u64(u32(i8x16.bitmask(lanes)))
}

/** Where the run [start, end) ends without a punctuation mark after an Arabic letter. */
@inline
function beforeMark(start: usize, end: usize): usize {
  const last: u32 = load<u8>(end - 1)
  if (last < 0x80) {
    // The byte before shows that the mark stands alone. A letter or digit is part of the word.
    const isMark = last - 0x30 >= 10 && (last | 0x20) - 0x61 >= 26
    return isMark && load<i8>(end - 2) < 0 ? end - 1 : end
  }
  // ، ؛ ؟
  const pair: u32 = load<u16>(end - 2)
  return end - start > 2 && (pair == 0x8cd8 || pair == 0x9bd8 || pair == 0x9fd8) ? end - 2 : end
}

/**
 * Reads the run [start, end) as one word if it is at most 8 Arabic letters with at most one
 * punctuation mark after them; otherwise returns false.
 */
@inline
function readArabic(start: usize, end: usize): bool {
  if (load<i8>(start) >= 0) return false
  const length = u32(beforeMark(start, end) - start)
  if (length > 16 || length & 1 || length == 0) return false
  // One two-byte letter per lane: the lead byte below, the second byte above.
  const lanes = v128.load(start)
  const lead = v128.and(lanes, i16x8.splat(0xff))
  const second = i16x8.shr_u(lanes, 8)
  // Hamza to ghain are D8 A1 to D8 BA, feh to yeh D9 81 to D9 8A.
  const d8 = v128.and(
    i16x8.eq(lead, i16x8.splat(0xd8)),
    i16x8.lt_u(i16x8.sub(second, i16x8.splat(0xa1)), i16x8.splat(26)),
  )
  const d9 = v128.and(
    i16x8.eq(lead, i16x8.splat(0xd9)),
    i16x8.lt_u(i16x8.sub(second, i16x8.splat(0x81)), i16x8.splat(10)),
  )
  const run: u32 = (1 << length) - 1
  if ((~u32(i8x16.bitmask(v128.or(d8, d9))) & run) != 0) return false
  const alef = v128.and(
    d8,
    v128.or(
      i16x8.lt_u(i16x8.sub(second, i16x8.splat(0xa2)), i16x8.splat(2)),
      i16x8.eq(second, i16x8.splat(0xa5)),
    ),
  )
  let letters = v128.bitselect(i16x8.splat(i16(0xa7d8)), lanes, alef)
  letters = v128.bitselect(
    i16x8.splat(i16(0x87d9)),
    letters,
    i16x8.eq(lanes, i16x8.splat(i16(0xa9d8))),
  )
  letters = v128.bitselect(
    i16x8.splat(i16(0x8ad9)),
    letters,
    i16x8.eq(lanes, i16x8.splat(i16(0x89d9))),
  )
  const own = v128.and(letters, firstLanes(length))
  add(WITH_LETTER, 1)
  runStart = start
  runEnd = end
  const hash = hashPair(i64x2.extract_lane(own, 0), i64x2.extract_lane(own, 1), length)
  addWord(hash, length >> 1, 0, false)
  return true
}

/** All ones in the first `count` bytes. */
@inline
function firstLanes(count: u32): v128 {
  return i8x16.gt_s(
    i8x16.splat(i8(count)),
    i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
  )
}

/**
 * Reads the run [start, end) character by character. White space outside ASCII may split it into
 * several tokens, or be all of it. Returns false if it is not UTF-8.
 */
function readRun(start: usize, end: usize): bool {
  const points = tables.points
  const first = folded
  let token: usize = 0
  let tokens: u32 = 0
  let all: u32 = 0
  /**
   * The word so far: end of its folded bytes, its characters, and how many of these take two units.
   * Then the same up to its last letter or digit.
   */
  let out = first
  let length: u32 = 0
  let astral: u32 = 0
  let wordOut = first
  let wordLength: u32 = 0
  let wordAstral: u32 = 0
  let capital = false
  let visibleEnd: usize = 0
  let at = start
  runStart = 0
  while (at < end) {
    let point = pointOf(at)
    if (point == INVALID) return false
    const from = at
    at += widthOf(point)
    const entry = i32(
      point < PLANE ? load<i32>(points + (usize(point) << 2)) : entryOf(tables, point),
    )
    const flags = u32(entry)
    if (flags & SPECIAL) {
      if (flags & SPACE) {
        if (token != 0) endToken(all, wordOut, wordLength, wordAstral, capital)
        token = 0
        all = 0
        out = first
        length = 0
        wordLength = 0
        continue
      }
      if (flags & SIGN) add(SYMBOLS, 1)
    }
    if (token == 0) {
      token = from
      tokens++
      if (runStart == 0) runStart = from
    }
    visibleEnd = at
    all |= flags
    if (flags & WORD) {
      if (length == 0) {
        astral = 0
        capital = isChanged(point, entry)
      }
      point += u32(entry >> 8)
      out = storePoint(out, point)
      length++
      astral += u32(point >= PLANE)
      wordOut = out
      wordLength = length
      wordAstral = astral
      if (flags & DOUBLE) {
        out = storePoint(out, DOT_ABOVE)
        length++
      }
    } else if (length != 0 && !(flags & REMOVED)) {
      point += u32(entry >> 8)
      out = storePoint(out, point)
      length++
      astral += u32(point >= PLANE)
    }
  }
  if (token != 0) endToken(all, wordOut, wordLength, wordAstral, capital)
  // The caller has counted the run as one token.
  add(TOKENS, tokens - 1)
  runEnd = visibleEnd
  return at == end
}

/** Whether lower-casing changes a character. What else folding changes is small already. */
@inline
function isChanged(point: u32, entry: i32): bool {
  return entry >> 8 != 0 && point - 0x600 >= 0x100 && point != FINAL_SIGMA
}

function endToken(all: u32, end: usize, length: u32, astral: u32, capital: bool): void {
  add(WITH_LETTER, (all & LETTER) >> 1)
  if (length != 0) addWord(hashWord(folded, end - folded), length, astral, capital)
}

/**
 * Adds a word of `length` characters, of which `astral` take two units, and the first may be a
 * capital.
 */
@inline
function addWord(hash: u64, length: u32, astral: u32, capital: bool): void {
  if (words >= most) {
    words = most + 1
    return
  }
  tallies += u64(length + astral) | (u64(capital) << 32)
  pairs += astral
  store<u64>(hashes + (usize(words) << 3), hash)
  store<u32>(ends + (usize(words) << 2), u32(tallies), 4)
  words++
  stopWords += u32(isStopWord(hash))
}

/** Looks into one bucket, which is rarely full. There is no branch on what it holds. */
@inline
function isStopWord(hash: u64): bool {
  let bucket = bucketOf(hash)
  while (load<u64>(bucket, 24) != 0 && !holds(bucket, hash)) bucket = nextBucket(bucket)
  return holds(bucket, hash)
}

/** Whether one of the four entries of the bucket is this hash. */
@inline
function holds(bucket: usize, hash: u64): bool {
  const key = i64x2.splat(hash)
  return v128.any_true(
    v128.or(i64x2.eq(v128.load(bucket), key), i64x2.eq(v128.load(bucket, 16), key)),
  )
}

@inline
function bucketOf(hash: u64): usize {
  return tables.stopWords + (usize(u32(hash >> 32) & tables.stopMask) << 5)
}

@inline
function nextBucket(bucket: usize): usize {
  return (
    tables.stopWords + ((bucket - tables.stopWords + 32) & ((usize(tables.stopMask) << 5) | 31))
  )
}

/**
 * Adds the words read so far to the table of stop words, which has more buckets than words.
 */
export function keepStopWords(): void {
  for (let i: u32 = 0; i < words; i++) {
    const hash = load<u64>(hashes + (usize(i) << 3))
    let bucket = bucketOf(hash)
    while (load<u64>(bucket, 24) != 0) bucket = nextBucket(bucket)
    while (load<u64>(bucket) != 0) bucket += 8
    store<u64>(bucket, hash)
  }
}
