// Places that deserve a precise look: see ../candidates.ts for what they are and for the layout of `tables`.
//
// SIMD finds positions where something may start: digits, colons and marks by comparison, fragments by five of their first
// bytes ("Teddy", from Hyperscan): each byte's two nibbles look up which of eight buckets of fragments it fits, and a position
// survives if one bucket fits all five bytes. Fragments that begin beyond ASCII, where they are many, have buckets of their own,
// which are not asked about blocks of ASCII. Of what survives, a bitmap of the first four bytes lets few through to the records.

const HIGH_NIBBLES: usize = 16
const BYTE_TABLES: usize = 32
const WIDE: usize = 160
const MARK_COUNT: usize = 320
const MARKS: usize = 321
const NUMBERS: usize = 323
/** 1, or 2 where fragments of three bytes have keys of their own, with 255 for the fourth byte. */
const PASSES: usize = 324
/** Bits of the groups that have fragments. */
const GROUPS: usize = 325
const ASCII_GROUP: u32 = 1
const WIDE_GROUP: u32 = 2
const STARTS: usize = 384
const SLOTS: usize = STARTS + 8192
const SLOT_MASK: u32 = 4095
const RECORDS: usize = SLOTS + 8192
const RECORD: usize = 40

const NUMBER: u16 = 0
const COLON: u16 = 1
const MARK: u16 = 2
const FRAGMENT: u16 = 3

/** More candidates than one position can give. */
const SPARE: u32 = 64

/**
 * Scans [from, end) of a row that starts at `row` and writes positions (u32, less `base`) and kinds (u16). Answers where it
 * stopped: `end`, or earlier where less than 64 places were left of `capacity`. The number written is stored at `counted`.
 */
export function scanCandidates(
  from: usize, row: usize, end: usize, base: usize, tables: usize,
  positions: usize, kinds: usize, capacity: u32, counted: usize,
): usize {
  const numbers = load<u8>(tables + NUMBERS) != 0
  const marks = i32(load<u8>(tables + MARK_COUNT))
  const firstMark: u32 = marks > 0 ? load<u8>(tables + MARKS) : 256
  const secondMark: u32 = marks > 1 ? load<u8>(tables + MARKS + 1) : 256
  const passes = i32(load<u8>(tables + PASSES))
  const groups: u32 = load<u8>(tables + GROUPS)
  const ascii = (groups & ASCII_GROUP) != 0
  const wide = (groups & WIDE_GROUP) != 0
  let count: u32 = 0
  let next = from
  for (let at = from; at < end; at = at + 16 > next ? at + 16 : next) {
    let mask = ascii ? fragmentStarts(at, tables) : 0
    if (wide && i8x16.bitmask(v128.load(at)) != 0) mask |= wideStarts(at, tables + WIDE)
    if (marks > 0) mask |= i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(<i8>firstMark)))
    if (marks > 1) mask |= i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(<i8>secondMark)))
    if (numbers) mask |= digitsAndColons(at)
    if (end - at < 16) mask &= (1 << i32(end - at)) - 1
    for (; mask != 0; mask &= mask - 1) {
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
          if (cluster & 1) count = emit(positions, kinds, count, place - base, NUMBER)
          continue
        }
        if (byte == 0x3a && precedesAddress(place, row)) count = emit(positions, kinds, count, place - base, COLON)
      }
      if (byte == firstMark || byte == secondMark) count = emit(positions, kinds, count, place - base, MARK)
      // Case is told apart later; this bit makes letters small and costs little where there are none.
      const start = ((load<u32>(place) | 0x20202020) * 0x9e3779b1) >>> 16
      if ((load<u8>(tables + STARTS + (start >> 3)) & (1 << (start & 7))) == 0 || place + 3 > end) continue
      const head = lowerFour(load<u32>(place))
      const bytes = lowerEight(load<u64>(place))
      // First the fragments of more than three bytes, then the others.
      for (let key = head, pass = 0; pass < passes; key = head | 0xff000000, pass++) {
        let index = firstRecord(key, tables)
        while (index != 0) {
          const record = tables + RECORDS + usize(index - 1) * RECORD
          const same = (bytes & load<u64>(record + 16)) == load<u64>(record + 8)
          if (same && startsWith(place, end, record)) count = emit(positions, kinds, count, place - base, u16(index - 1) + FRAGMENT)
          index = load<u16>(record + 2)
        }
      }
    }
  }
  store<u32>(counted, count)
  return end
}

// @ts-ignore: decorator
@inline
function emit(positions: usize, kinds: usize, count: u32, position: usize, kind: u16): u32 {
  store<u32>(positions + (usize(count) << 2), u32(position))
  store<u16>(kinds + (usize(count) << 1), kind)
  return count + 1
}

/** One bit for each of the 16 positions from `at` whose five bytes fit a bucket of fragments that begin with ASCII. */
// @ts-ignore: decorator
@inline
function fragmentStarts(at: usize, tables: usize): i32 {
  return fiveFit(at, 1, tables)
}

/** The same for other fragments: by the second bytes of five letters. */
// @ts-ignore: decorator
@inline
function wideStarts(at: usize, tables: usize): i32 {
  return fiveFit(at + 1, 2, tables)
}

/** One bit for each of the 16 positions from `at` whose five bytes, `step` apart, fit a bucket. */
// @ts-ignore: decorator
@inline
function fiveFit(at: usize, step: usize, tables: usize): i32 {
  const first = buckets(v128.load(at), tables)
  const second = buckets(v128.load(at + step), tables + BYTE_TABLES)
  const third = buckets(v128.load(at + 2 * step), tables + 2 * BYTE_TABLES)
  const fourth = buckets(v128.load(at + 3 * step), tables + 3 * BYTE_TABLES)
  const fifth = buckets(v128.load(at + 4 * step), tables + 4 * BYTE_TABLES)
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

/** One bit for each of the 16 positions from `at` with a digit or a colon. */
// @ts-ignore: decorator
@inline
function digitsAndColons(at: usize): i32 {
  const bytes = v128.load(at)
  const following = v128.load(at + 1)
  // ASCII digits and the colon behind them are eleven neighbours.
  const ascii = i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(0x30)), i8x16.splat(11))
  const arabic = v128.and(i8x16.eq(bytes, i8x16.splat(<i8>0xd9)), i8x16.lt_u(i8x16.sub(following, i8x16.splat(<i8>0xa0)), i8x16.splat(10)))
  const persian = v128.and(i8x16.eq(bytes, i8x16.splat(<i8>0xdb)), i8x16.lt_u(i8x16.sub(following, i8x16.splat(<i8>0xb0)), i8x16.splat(10)))
  return i8x16.bitmask(v128.or(ascii, v128.or(arabic, persian)))
}

// @ts-ignore: decorator
@inline
function lower(byte: u32): u32 {
  return byte - 0x41 < 26 ? byte | 0x20 : byte
}

/** Four bytes in lower case: those from `A` on and not from `[` on, ASCII only. */
// @ts-ignore: decorator
@inline
function lowerFour(bytes: u32): u32 {
  const seven = bytes & 0x7f7f7f7f
  return bytes | (((seven + 0x3f3f3f3f) & ~(seven + 0x25252525) & ~bytes & 0x80808080) >>> 2)
}

/** The same for eight. */
// @ts-ignore: decorator
@inline
function lowerEight(bytes: u64): u64 {
  const seven = bytes & 0x7f7f7f7f7f7f7f7f
  return bytes | (((seven + 0x3f3f3f3f3f3f3f3f) & ~(seven + 0x2525252525252525) & ~bytes & 0x8080808080808080) >>> 2)
}

/** Number (from 1) of the first fragment with this key, its first four bytes in lower case; 0 if there is none. */
function firstRecord(key: u32, tables: usize): u32 {
  let slot = (key * 0x9e3779b1) >>> 20
  let index: u32 = load<u16>(tables + SLOTS + (usize(slot) << 1))
  while (index != 0 && load<u32>(tables + RECORDS + usize(index - 1) * RECORD + 4) != key) {
    slot = (slot + 1) & SLOT_MASK
    index = load<u16>(tables + SLOTS + (usize(slot) << 1))
  }
  return index
}

function startsWith(place: usize, end: usize, record: usize): bool {
  const length = usize(load<u8>(record))
  if (place + length > end) return false
  const anyCase = load<u8>(record + 1) != 0
  for (let i: usize = 0; i < length; i++) {
    const wanted: u32 = load<u8>(record + 24 + i)
    const byte: u32 = load<u8>(place + i)
    if (anyCase ? lower(byte) != lower(wanted) : byte != wanted) return false
  }
  return true
}

// @ts-ignore: decorator
@inline
function digitLength(at: usize, end: usize): usize {
  return <u32>load<u8>(at) - 0x30 < 10 ? 1 : wideDigitLength(at, end)
}

// @ts-ignore: decorator
@inline
function wideDigitLength(at: usize, end: usize): usize {
  const lead: u32 = load<u8>(at)
  if (lead != 0xd9 && lead != 0xdb) return 0
  if (at + 1 >= end) return 0
  const next: u32 = load<u8>(at + 1)
  return next - (lead == 0xd9 ? 0xa0 : 0xb0) < 10 ? 2 : 0
}

// @ts-ignore: decorator
@inline
function separatorLength(at: usize, end: usize): usize {
  const lead: u32 = load<u8>(at)
  if (lead < 0x80) return lead == 0x20 || lead == 0x28 || lead == 0x29 || lead == 0x2b || lead - 0x2d < 3 ? 1 : 0
  const next: u32 = at + 1 < end ? load<u8>(at + 1) : 0
  if (lead == 0xc2) return next == 0xa0 ? 2 : 0
  if (lead == 0xd8) return next == 0x9c ? 2 : 0
  if (lead != 0xe2 || at + 2 >= end) return 0
  const last: u32 = load<u8>(at + 2)
  if (next == 0x80) return last <= 0x95 || last - 0xaa < 6 ? 3 : 0
  if (next == 0x81) return last - 0x9f < 11 ? 3 : 0
  return next == 0x88 && last == 0x92 ? 3 : 0
}

/** Twice the end of the cluster, plus one if it is long enough to be a candidate. */
function readCluster(place: usize, rowEnd: usize): usize {
  let digits: u32 = 0
  let dots: u32 = 0
  let end = place
  for (;;) {
    while (end < rowEnd) {
      const length: usize = <u32>load<u8>(end) - 0x30 < 10 ? 1 : wideDigitLength(end, rowEnd)
      if (length == 0) break
      digits++
      end += length
    }
    let next = end
    let separators: u32 = 0
    while (next < rowEnd && separators < 3) {
      const length = separatorLength(next, rowEnd)
      if (length == 0) break
      next += length
      separators++
    }
    if (separators == 0 || next >= rowEnd || digitLength(next, rowEnd) == 0) break
    if (separators == 1 && load<u8>(end) == 0x2e) dots++
    end = next
  }
  return (end << 1) | usize(digits >= 7 || dots >= 3)
}

function isHex(byte: u32): bool {
  return byte - 0x30 < 10 || (byte | 0x20) - 0x61 < 6
}

function precedesAddress(colon: usize, row: usize): bool {
  if (colon < row + 4) return false
  const first: u32 = load<u8>(colon - 4)
  return (first == 0x32 || first == 0x33) && isHex(load<u8>(colon - 3)) && isHex(load<u8>(colon - 2)) && isHex(load<u8>(colon - 1))
}
