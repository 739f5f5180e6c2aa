// Finds positions that deserve a precise look: see ./candidates.ts for what they are and
// ./candidate-tables.ts for the layout of `tables`.
//
// SIMD finds positions where something may start, 64 at a time: digits, colons and marks by
// comparison, fragments by five of their first bytes ("Teddy", from Hyperscan). The nibbles of a
// byte look up which buckets of fragments it fits; a position survives if one bucket fits all five
// bytes. If many fragments begin beyond ASCII, they have buckets of their own, which are skipped
// for blocks of ASCII. Bitmaps of the first bytes then let only a few of the survivors through to
// the records.

import {
  colonsAt, digitLength, figuresAt, joined, nearDigitsAt, precedesAddress, readCluster,
  sevenAhead, wideDigitsAt,
} from './assembly-clusters'

/** Bytes of a set of eight buckets by the low nibbles of five bytes, and the number of sets. */
const SET: usize = 80
const SETS: usize = 2
const WIDE: usize = 160
const HIGH_NIBBLES: usize = 16
const BYTE_TABLES: usize = 32
const MARK_COUNT: usize = 320
const MARKS: usize = 321
const NUMBERS: usize = 323
/** 1, or 2 if there are fragments of three bytes, whose keys have 255 as the fourth byte. */
const PASSES: usize = 324
/** Bits of the groups that have fragments. */
const GROUPS: usize = 325
/** Whether a fragment may start inside a cluster of digits. */
const INSIDE: usize = 326
const ASCII_GROUP: u32 = 1
const WIDE_GROUP: u32 = 2
/** Bitmaps of the first eight bytes of fragments, and of the first four of shorter ones. */
const LONG_STARTS: usize = 384
const STARTS: usize = LONG_STARTS + 8192
const SLOTS: usize = STARTS + 8192
const SLOT_MASK: u32 = 4095
const RECORDS: usize = SLOTS + 8192
const RECORD: usize = 40

const NUMBER: u16 = 0
const COLON: u16 = 1
const MARK: u16 = 2
const FRAGMENT: u16 = 3

/** More candidates than one position can produce. */
const SPARE: u32 = 64

/**
 * Scans rows `[row, rows)` of the column at `base`, the first one from `from` on (u32, relative to
 * `base`), and writes positions (u32, relative to `base`) and kinds (u16). Stores three u32 at
 * `reached`: the number of candidates, the row in which it stopped, and the position. That row is
 * `rows`, or an earlier one if less than 64 entries of `capacity` were left.
 */
export function scanCandidates(
  base: usize, offsets: usize, row: u32, rows: u32, from: u32, tables: usize,
  positions: usize, kinds: usize, capacity: u32, reached: usize,
): void {
  let count: u32 = 0
  let start = base + from
  for (; row < rows; row++) {
    const first = base + load<u32>(offsets + (usize(row) << 2))
    const end = base + load<u32>(offsets + (usize(row) << 2) + 4)
    const stopped = scanRow(
      start > first ? start : first,
      first,
      end,
      base,
      tables,
      positions,
      kinds,
      count,
      capacity,
      reached,
    )
    count = load<u32>(reached)
    start = stopped
    if (stopped < end) break
  }
  store<u32>(reached + 4, row)
  store<u32>(reached + 8, u32(start - base))
}

/**
 * Scans [from, end) of the row that starts at `row` and appends to `count` candidates. Returns
 * where it stopped.
 */
function scanRow(
  from: usize, row: usize, end: usize, base: usize, tables: usize,
  positions: usize, kinds: usize, count: u32, capacity: u32, counted: usize,
): usize {
  const numbers = load<u8>(tables + NUMBERS) != 0
  const markCount = i32(load<u8>(tables + MARK_COUNT))
  const firstMark: u32 = markCount > 0 ? load<u8>(tables + MARKS) : 256
  const secondMark: u32 = markCount > 1 ? load<u8>(tables + MARKS + 1) : firstMark
  const passes = i32(load<u8>(tables + PASSES))
  const groups: u32 = load<u8>(tables + GROUPS)
  const ascii = (groups & ASCII_GROUP) != 0
  const wide = (groups & WIDE_GROUP) != 0
  const inside = load<u8>(tables + INSIDE) != 0
  let next = from
  // Which of the last four bytes are ASCII digits. Where that is unknown, the value only makes the
  // scan more careful.
  let figuresBefore: u64 = 7
  for (let at = from; at < end; at = at + 64 > next ? at + 64 : next) {
    const valid: u64 = end - at < 64 ? (<u64>1 << u64(end - at)) - 1 : ~(<u64>0)
    const fragments = fragmentStarts(at, end, ascii, wide, tables) & valid
    let others: u64 = markCount > 0 ? marksAt(at, firstMark, secondMark) : 0
    if (numbers) {
      const ofAscii = figuresAt(at)
      const digits = ofAscii | wideDigitsAt(at)
      if ((digits | figuresBefore) != 0) {
        // A digit after another starts no cluster. If no fragment may start inside a cluster,
        // neither does a digit in too short a run of cluster bytes.
        const first = digits & ~((ofAscii << 1) | (figuresBefore >> 3))
        others |= colonsAt(at) | (inside ? first : first & sevenAhead(nearDigitsAt(at) | ~valid))
      }
      figuresBefore = ofAscii >> 60
    }
    others &= valid
    const starts = knownStarts(fragments, at, tables)
    for (let mask = starts | others; mask != 0; mask &= mask - 1) {
      const place = at + usize(ctz(mask))
      if (place < next) continue
      if (count + SPARE > capacity) {
        store<u32>(counted, count)
        return place
      }
      const byte: u32 = load<u8>(place)
      if (numbers) {
        if (digitLength(place, end) > 0) {
          const cluster = readCluster(place, end)
          next = cluster >> 1
          if (next > at + 64) figuresBefore = 7
          if (cluster & 1) count = emit(positions, kinds, count, place - base, NUMBER)
          continue
        }
        if (byte == 0x3a && precedesAddress(place, row))
          count = emit(positions, kinds, count, place - base, COLON)
      }
      if (byte == firstMark || byte == secondMark)
        count = emit(positions, kinds, count, place - base, MARK)
      if (((starts >> u64(place - at)) & 1) == 0 || place + 3 > end) continue
      const head = lowerFour(load<u32>(place))
      const bytes = lowerEight(load<u64>(place))
      // First the fragments of more than three bytes, then those of three.
      for (let key = head, pass = 0; pass < passes; key = head | 0xff000000, pass++) {
        let index = firstRecord(key, tables)
        while (index != 0) {
          const record = tables + RECORDS + usize(index - 1) * RECORD
          const same = (bytes & load<u64>(record + 16)) == load<u64>(record + 8)
          if (same && startsWith(place, end, record))
            count = emit(positions, kinds, count, place - base, u16(index - 1) + FRAGMENT)
          index = load<u16>(record + 2)
        }
      }
    }
  }
  store<u32>(counted, count)
  return end
}

/**
 * Which of the 64 positions from `at` may have the first bytes of a fragment. Does not branch on
 * each.
 */
// @ts-ignore: decorator
@inline
function knownStarts(positions: u64, at: usize, tables: usize): u64 {
  let known: u64 = 0
  for (let mask = positions; mask != 0; mask &= mask - 1) {
    const bit = ctz(mask)
    // Case is checked later. Setting these bits lowers letters and lets few other bytes through.
    const bytes = load<u64>(at + usize(bit)) | 0x2020202020202020
    const start = (u32(bytes) * 0x9e3779b1) >>> 16
    const long = u32((bytes * 0x9e3779b97f4a7c15) >>> 48)
    const short = load<u8>(tables + STARTS + (start >> 3)) >> u8(start & 7)
    known |=
      u64((short | (load<u8>(tables + LONG_STARTS + (long >> 3)) >> u8(long & 7))) & 1) << bit
  }
  return known
}

// @ts-ignore: decorator
@inline
function emit(positions: usize, kinds: usize, count: u32, position: usize, kind: u16): u32 {
  store<u32>(positions + (usize(count) << 2), u32(position))
  store<u16>(kinds + (usize(count) << 1), kind)
  return count + 1
}

/**
 * One bit for each of the 64 positions from `at` where a fragment may start. Stops after the block
 * of 16 that contains `end`.
 */
// @ts-ignore: decorator
@inline
function fragmentStarts(at: usize, end: usize, ascii: bool, wide: bool, tables: usize): u64 {
  let starts: u64 = 0
  for (let part: usize = 0; part < 64 && at + part < end; part += 16) {
    let mask = ascii ? asciiStarts(at + part, tables) : 0
    if (wide && i8x16.bitmask(v128.load(at + part)) != 0)
      mask |= wideStarts(at + part, tables + WIDE)
    starts |= u64(mask) << part
  }
  return starts
}

/**
 * One bit for each of the 16 positions from `at` whose five bytes fit a bucket of fragments that
 * begin with ASCII.
 */
// @ts-ignore: decorator
@inline
function asciiStarts(at: usize, tables: usize): i32 {
  const nibble = i8x16.splat(0x0f)
  const first = v128.and(v128.load(at), nibble)
  const second = v128.and(v128.load(at + 1), nibble)
  const third = v128.and(v128.load(at + 2), nibble)
  const fourth = v128.and(v128.load(at + 3), nibble)
  const fifth = v128.and(v128.load(at + 4), nibble)
  let all = i8x16.splat(0)
  for (let set = tables; set < tables + SETS * SET; set += SET) {
    const two = v128.and(
      i8x16.swizzle(v128.load(set), first),
      i8x16.swizzle(v128.load(set + 16), second),
    )
    const four = v128.and(
      i8x16.swizzle(v128.load(set + 32), third),
      i8x16.swizzle(v128.load(set + 48), fourth),
    )
    all = v128.or(all, v128.and(v128.and(two, four), i8x16.swizzle(v128.load(set + 64), fifth)))
  }
  return i8x16.bitmask(i8x16.ne(all, i8x16.splat(0)))
}

/** The same for other fragments: by both nibbles of the second bytes of five letters. */
// @ts-ignore: decorator
@inline
function wideStarts(at: usize, tables: usize): i32 {
  const first = buckets(v128.load(at + 1), tables)
  const second = buckets(v128.load(at + 3), tables + BYTE_TABLES)
  const third = buckets(v128.load(at + 5), tables + 2 * BYTE_TABLES)
  const fourth = buckets(v128.load(at + 7), tables + 3 * BYTE_TABLES)
  const fifth = buckets(v128.load(at + 9), tables + 4 * BYTE_TABLES)
  const all = v128.and(v128.and(first, second), v128.and(v128.and(third, fourth), fifth))
  return i8x16.bitmask(i8x16.ne(all, i8x16.splat(0)))
}

// @ts-ignore: decorator
@inline
function buckets(bytes: v128, nibbles: usize): v128 {
  const low = i8x16.swizzle(v128.load(nibbles), v128.and(bytes, i8x16.splat(0x0f)))
  const high = i8x16.swizzle(v128.load(nibbles + HIGH_NIBBLES), i8x16.shr_u(bytes, 4))
  return v128.and(low, high)
}

/** One bit for each of the 64 positions from `at` with one of two bytes. */
// @ts-ignore: decorator
@inline
function marksAt(at: usize, first: u32, second: u32): u64 {
  return joined(
    marks(at, first, second),
    marks(at + 16, first, second),
    marks(at + 32, first, second),
    marks(at + 48, first, second),
  )
}

// @ts-ignore: decorator
@inline
function marks(at: usize, first: u32, second: u32): i32 {
  const bytes = v128.load(at)
  return i8x16.bitmask(
    v128.or(i8x16.eq(bytes, i8x16.splat(<i8>first)), i8x16.eq(bytes, i8x16.splat(<i8>second))),
  )
}

// @ts-ignore: decorator
@inline
function lower(byte: u32): u32 {
  return byte - 0x41 < 26 ? byte | 0x20 : byte
}

/** Four bytes in lower case: ASCII letters from `A` up to, but not including, `[`. */
// @ts-ignore: decorator
@inline
function lowerFour(bytes: u32): u32 {
  const seven = bytes & 0x7f7f7f7f
  return bytes | (((seven + 0x3f3f3f3f) & ~(seven + 0x25252525) & ~bytes & 0x80808080) >>> 2)
}

/** The same for eight bytes. */
// @ts-ignore: decorator
@inline
function lowerEight(bytes: u64): u64 {
  const seven = bytes & 0x7f7f7f7f7f7f7f7f
  return bytes |
    (((seven + 0x3f3f3f3f3f3f3f3f) & ~(seven + 0x2525252525252525) &
      ~bytes & 0x8080808080808080) >>> 2)
}

/**
 * Number (from 1) of the first fragment with this key, which is its first four bytes in lower case;
 * 0 if there is none.
 */
function firstRecord(key: u32, tables: usize): u32 {
  let slot = (key * 0x9e3779b1) >>> 20
  let index: u32 = load<u16>(tables + SLOTS + (usize(slot) << 1))
  while (index != 0 && load<u32>(tables + RECORDS + usize(index - 1) * RECORD + 4) != key) {
    slot = (slot + 1) & SLOT_MASK
    index = load<u16>(tables + SLOTS + (usize(slot) << 1))
  }
  return index
}

/**
 * Whether the fragment of the record is at `place`. Its first eight bytes are known to match,
 * except for their case.
 */
function startsWith(place: usize, end: usize, record: usize): bool {
  const length = usize(load<u8>(record))
  if (place + length > end) return false
  const anyCase = load<u8>(record + 1) != 0
  for (let i: usize = anyCase ? 8 : 0; i < length; i++) {
    const wanted: u32 = load<u8>(record + 24 + i)
    const byte: u32 = load<u8>(place + i)
    if (anyCase ? lower(byte) != lower(wanted) : byte != wanted) return false
  }
  return true
}
