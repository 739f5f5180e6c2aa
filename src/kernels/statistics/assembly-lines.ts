// Counts the lines of a text by the rules of ./reference.ts.
import { hashOf } from '../memory/assembly-hash'
import { CLOSER, entryOf, SPACE, Tables, TERMINAL } from './assembly-tables'
import { pointOf, widthOf } from '../memory/assembly-utf8'

const LINE_FEED: u32 = 0x0a
const FULL_STOP: u32 = 0x2e
const ELLIPSIS: u32 = 0x2026
/** Bytes of a speaker's name with its colon at most. */
const SPEAKER_BYTES: usize = 31

/** Offsets of the counts that this file writes. */
const LINES: usize = 32
const UNITS: usize = 36
const BULLETS: usize = 40
const ELLIPSES: usize = 44
const TERMINALS: usize = 48
const EVEN: usize = 96
const SPEAKERS: usize = 100

/**
 * State for one text, which ends at `limit`. Each line has a hash (u64) and a length in units
 * (u32).
 */
let tables: Tables = changetype<Tables>(0)
let limit: usize = 0
let counts: usize = 0
let hashes: usize = 0
let lengths: usize = 0
let most: u32 = 0
let lines: u32 = 0
/** Length of the line before, names passed over. */
let before: u32 = 0

/** Prepares for a text of at most `atMost` lines. */
export function openLines(
  at: Tables,
  end: usize,
  out: usize,
  hashesAt: usize,
  lengthsAt: usize,
  atMost: u32,
): void {
  tables = at
  limit = end
  counts = out
  hashes = hashesAt
  lengths = lengthsAt
  most = atMost
  lines = 0
  before = 0
}

/** Returns the number of lines, or a number above `atMost` if they did not fit. */
export function closeLines(): u32 {
  store<u32>(counts, lines, LINES)
  return lines
}

@inline
function add(count: usize, value: u32): void {
  store<u32>(counts + count, load<u32>(counts + count) + value)
}

/** Adds the line [start, end), which neither starts nor ends with white space. */
export function addLine(start: usize, end: usize): void {
  if (lines >= most) {
    lines = most + 1
    return
  }
  const length = unitsOf(start, end)
  store<u64>(hashes + (usize(lines) << 3), hashOf(start, end))
  store<u32>(lengths + (usize(lines) << 2), length)
  lines++
  add(UNITS, length)
  const isName = end - start <= SPEAKER_BYTES && load<u8>(end - 1) == 0x3a
  if (isName || isEven(length)) add(EVEN, 1)
  if (!isName) before = length
  if (isBullet(start)) add(BULLETS, 1)
  let at = startOfLast(end)
  let point = pointAt(at)
  if (point == ELLIPSIS || (point == FULL_STOP && end - start >= 3 && load<u16>(end - 3) == 0x2e2e))
    add(ELLIPSES, 1)
  // A closing quotation mark at the very end is enough: " ” »
  let terminal = point == 0x22 || point == 0x201d || point == 0xbb
  while (!terminal && at > start && entryOf(tables, point) & CLOSER) {
    at = startOfLast(at)
    point = pointAt(at)
  }
  if (!terminal && (entryOf(tables, point) & TERMINAL) == 0) return
  add(TERMINALS, 1)
  if (isSpeaker(start, end)) add(SPEAKERS, 1)
}

@inline
function isEven(length: u32): bool {
  const difference = length > before ? length - before : before - length
  return length - 15 <= 85 && difference << 2 <= max(length, before)
}

/**
 * Whether the line starts with a long dash, an opening quotation mark or a short name and a colon.
 */
function isSpeaker(start: usize, end: usize): bool {
  const point = pointOf(start)
  // – — " “ «
  if (point == 0x2013 || point == 0x2014) return true
  if (point == 0x22 || point == 0x201c || point == 0xab) return true
  const colons = colonsAt(start) | (colonsAt(start + 16) << 16)
  const at = start + usize(ctz(colons))
  if ((colons & ((1 << u32(SPEAKER_BYTES)) - 1)) == 0 || at == start || at >= end) return false
  return at + 1 == end || (entryOf(tables, pointOf(at + 1)) & SPACE) != 0
}

@inline
function colonsAt(at: usize): u32 {
  return u32(i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(0x3a))))
}

/** Whether a list item starts at `start`, which is not white space. */
function isBullet(start: usize): bool {
  let at = start
  let point = pointAt(at)
  if (isDigit(point)) {
    for (let digits = 0; digits < 3 && isDigit(point); digits++) {
      at += widthOf(point)
      point = pointAt(at)
    }
    if (point != FULL_STOP && point != 0x29) return false
  } else if (point != 0x2d && point != 0x2a && point != 0x2b && point != 0xb7) {
    // • ● ▪ ◦ ‣ –
    if (
      point != 0x2022 &&
      point != 0x25cf &&
      point != 0x25aa &&
      point != 0x25e6 &&
      point != 0x2023 &&
      point != 0x2013
    )
      return false
  }
  const behind = pointAt(at + widthOf(point))
  return behind != LINE_FEED && (entryOf(tables, behind) & SPACE) != 0
}

@inline
function isDigit(point: u32): bool {
  return point - 0x30 < 10 || point - 0x660 < 10 || point - 0x6f0 < 10
}

/** The code point at `at`, or a line feed at the end of the text. */
function pointAt(at: usize): u32 {
  return at < limit ? pointOf(at) : LINE_FEED
}

@inline
function startOfLast(end: usize): usize {
  let at = end - 1
  while ((load<u8>(at) & 0xc0) == 0x80) at--
  return at
}

/** Length in UTF-16 units: one per sequence, and one more for sequences of four bytes. */
function unitsOf(start: usize, end: usize): u32 {
  let count: u32 = 0
  let at = start
  for (; at + 16 <= end; at += 16) {
    const bytes = v128.load(at)
    // As signed numbers, continuation bytes are the 64 lowest.
    count += 16 - popcnt(i8x16.bitmask(i8x16.lt_s(bytes, i8x16.splat(-64))))
    count += popcnt(i8x16.bitmask(i8x16.ge_u(bytes, i8x16.splat(-16))))
  }
  for (; at < end; at++) {
    const byte: u32 = load<u8>(at)
    count += u32((byte & 0xc0) != 0x80) + u32(byte >= 0xf0)
  }
  return count
}
