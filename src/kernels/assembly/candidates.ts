// Places that deserve a precise look: see ../candidates.ts for what they are and for the layout of `tables`.
//
// SIMD finds positions where something may start, 64 at a time: digits, colons and marks by comparison, fragments by five of
// their first bytes ("Teddy", from Hyperscan): nibbles of a byte look up which buckets of fragments it fits, and a position
// survives if one bucket fits all five bytes. Fragments that begin beyond ASCII, where they are many, have buckets of their own,
// which are not asked about blocks of ASCII. Of what survives, bitmaps of the first bytes let few through to the records.

/** A set of eight buckets by the low nibbles of five bytes, and how many sets there are. */
const SET: usize = 80
const SETS: usize = 3
const WIDE: usize = 240
const HIGH_NIBBLES: usize = 16
const BYTE_TABLES: usize = 32
const MARK_COUNT: usize = 400
const MARKS: usize = 401
const NUMBERS: usize = 403
/** 1, or 2 where fragments of three bytes have keys of their own, with 255 for the fourth byte. */
const PASSES: usize = 404
/** Bits of the groups that have fragments. */
const GROUPS: usize = 405
/** Whether a fragment may start inside a cluster of digits. */
const INSIDE: usize = 406
const ASCII_GROUP: u32 = 1
const WIDE_GROUP: u32 = 2
/** Bitmaps of the first eight bytes of fragments, and of the first four of shorter ones. */
const LONG_STARTS: usize = 448
const STARTS: usize = LONG_STARTS + 8192
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
 * Scans rows `[row, rows)` of the column at `base`, the first of them from `from` (u32, less `base`) on, and writes positions
 * (u32, less `base`) and kinds (u16). What was written, the row in which it stopped and where are stored at `reached` (u32 each):
 * `rows`, or an earlier one where less than 64 places were left of `capacity`.
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
    const stopped = scanRow(start > first ? start : first, first, end, base, tables, positions, kinds, count, capacity, reached)
    count = load<u32>(reached)
    start = stopped
    if (stopped < end) break
  }
  store<u32>(reached + 4, row)
  store<u32>(reached + 8, u32(start - base))
}

/** Scans [from, end) of the row that starts at `row`, behind `count` candidates; answers where it stopped. */
function scanRow(
  from: usize, row: usize, end: usize, base: usize, tables: usize,
  positions: usize, kinds: usize, count: u32, capacity: u32, counted: usize,
): usize {
  const numbers = load<u8>(tables + NUMBERS) != 0
  const marks = i32(load<u8>(tables + MARK_COUNT))
  const firstMark: u32 = marks > 0 ? load<u8>(tables + MARKS) : 256
  const secondMark: u32 = marks > 1 ? load<u8>(tables + MARKS + 1) : firstMark
  const passes = i32(load<u8>(tables + PASSES))
  const groups: u32 = load<u8>(tables + GROUPS)
  const ascii = (groups & ASCII_GROUP) != 0
  const wide = (groups & WIDE_GROUP) != 0
  const inside = load<u8>(tables + INSIDE) != 0
  let next = from
  // Which of the last four bytes are digits of ASCII; where that is not known, those that only make a look more careful.
  let figuresBefore: u64 = 7
  for (let at = from; at < end; at = at + 64 > next ? at + 64 : next) {
    const valid: u64 = end - at < 64 ? (<u64>1 << u64(end - at)) - 1 : ~(<u64>0)
    const fragments = fragmentStarts(at, end, ascii, wide, tables) & valid
    let others: u64 = marks > 0 ? marksAt(at, end, firstMark, secondMark) : 0
    if (numbers) {
      const figures = figuresAt(at, end)
      const digits = figures | wideDigitsAt(at, end)
      if ((digits | figuresBefore) != 0) {
        // A digit behind another is no start, and where nothing may start inside, neither is one of a short stretch.
        const first = digits & ~((figures << 1) | (figuresBefore >> 3))
        others |= colonsAt(at, end) | (inside ? first : first & sevenAhead(nearDigitsAt(at, end) | ~valid))
      }
      figuresBefore = figures >> 60
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
        if (byte == 0x3a && precedesAddress(place, row)) count = emit(positions, kinds, count, place - base, COLON)
      }
      if (byte == firstMark || byte == secondMark) count = emit(positions, kinds, count, place - base, MARK)
      if (((starts >> u64(place - at)) & 1) == 0 || place + 3 > end) continue
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

/** Those of 64 positions from `at` whose first bytes may be those of a fragment, without a branch for each. */
// @ts-ignore: decorator
@inline
function knownStarts(positions: u64, at: usize, tables: usize): u64 {
  let known: u64 = 0
  for (let mask = positions; mask != 0; mask &= mask - 1) {
    const bit = ctz(mask)
    // Case is told apart later; these bits make letters small and cost little where there are none.
    const bytes = load<u64>(at + usize(bit)) | 0x2020202020202020
    const start = (u32(bytes) * 0x9e3779b1) >>> 16
    const long = u32((bytes * 0x9e3779b97f4a7c15) >>> 48)
    const short = load<u8>(tables + STARTS + (start >> 3)) >> u8(start & 7)
    known |= u64((short | (load<u8>(tables + LONG_STARTS + (long >> 3)) >> u8(long & 7))) & 1) << bit
  }
  return known
}

/** Bits with six more behind them; beyond the last one all are taken to be set. */
// @ts-ignore: decorator
@inline
function sevenAhead(bits: u64): u64 {
  const two = bits & ((bits >> 1) | (<u64>1 << 63))
  const four = two & ((two >> 2) | (<u64>3 << 62))
  return four & ((four >> 3) | (<u64>7 << 61))
}

// @ts-ignore: decorator
@inline
function emit(positions: usize, kinds: usize, count: u32, position: usize, kind: u16): u32 {
  store<u32>(positions + (usize(count) << 2), u32(position))
  store<u16>(kinds + (usize(count) << 1), kind)
  return count + 1
}

/** One bit for each of the 64 positions from `at`, up to the block of 16 in which `end` is, where a fragment may start. */
// @ts-ignore: decorator
@inline
function fragmentStarts(at: usize, end: usize, ascii: bool, wide: bool, tables: usize): u64 {
  let starts: u64 = 0
  for (let part: usize = 0; part < 64 && at + part < end; part += 16) {
    let mask = ascii ? asciiStarts(at + part, tables) : 0
    if (wide && i8x16.bitmask(v128.load(at + part)) != 0) mask |= wideStarts(at + part, tables + WIDE)
    starts |= u64(mask) << part
  }
  return starts
}

/** One bit for each of the 16 positions from `at` whose five bytes fit a bucket of fragments that begin with ASCII. */
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
    const two = v128.and(i8x16.swizzle(v128.load(set), first), i8x16.swizzle(v128.load(set + 16), second))
    const four = v128.and(i8x16.swizzle(v128.load(set + 32), third), i8x16.swizzle(v128.load(set + 48), fourth))
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

/** Lanes with one of `count` bytes from `first` on. */
// @ts-ignore: decorator
@inline
function isBetween(bytes: v128, first: i8, count: i8): v128 {
  return i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(first)), i8x16.splat(count))
}

/** One bit for each of 64 positions, as above, with one of two bytes. */
// @ts-ignore: decorator
@inline
function marksAt(at: usize, end: usize, first: u32, second: u32): u64 {
  let found: u64 = 0
  for (let part: usize = 0; part < 64 && at + part < end; part += 16) {
    const bytes = v128.load(at + part)
    const either = v128.or(i8x16.eq(bytes, i8x16.splat(<i8>first)), i8x16.eq(bytes, i8x16.splat(<i8>second)))
    found |= u64(i8x16.bitmask(either)) << part
  }
  return found
}

/** The same for digits of ASCII. */
// @ts-ignore: decorator
@inline
function figuresAt(at: usize, end: usize): u64 {
  let found: u64 = 0
  for (let part: usize = 0; part < 64 && at + part < end; part += 16) {
    found |= u64(i8x16.bitmask(isBetween(v128.load(at + part), 0x30, 10))) << part
  }
  return found
}

/** The same for the first bytes of Arabic-Indic and Persian digits. */
// @ts-ignore: decorator
@inline
function wideDigitsAt(at: usize, end: usize): u64 {
  let found: u64 = 0
  for (let part: usize = 0; part < 64 && at + part < end; part += 16) {
    const bytes = v128.load(at + part)
    if (i8x16.bitmask(bytes) == 0) continue
    const following = v128.load(at + part + 1)
    const arabic = v128.and(i8x16.eq(bytes, i8x16.splat(<i8>0xd9)), isBetween(following, <i8>0xa0, 10))
    const persian = v128.and(i8x16.eq(bytes, i8x16.splat(<i8>0xdb)), isBetween(following, <i8>0xb0, 10))
    found |= u64(i8x16.bitmask(v128.or(arabic, persian))) << part
  }
  return found
}

/** The same for bytes that clusters are made of and a few others: beyond ASCII, a blank, what lies from `(` to `9`. */
// @ts-ignore: decorator
@inline
function nearDigitsAt(at: usize, end: usize): u64 {
  let found: u64 = 0
  for (let part: usize = 0; part < 64 && at + part < end; part += 16) {
    const bytes = v128.load(at + part)
    const signs = v128.or(i8x16.eq(bytes, i8x16.splat(0x20)), isBetween(bytes, 0x28, 18))
    const near = v128.andnot(signs, i8x16.eq(bytes, i8x16.splat(0x2c)))
    found |= u64(i8x16.bitmask(near) | i8x16.bitmask(bytes)) << part
  }
  return found
}

/** The same for colons four bytes behind a 2 or a 3. */
// @ts-ignore: decorator
@inline
function colonsAt(at: usize, end: usize): u64 {
  let found: u64 = 0
  for (let part: usize = 0; part < 64 && at + part < end; part += 16) {
    const first = v128.or(v128.load(at + part - 4), i8x16.splat(1))
    const colons = v128.and(i8x16.eq(v128.load(at + part), i8x16.splat(0x3a)), i8x16.eq(first, i8x16.splat(0x33)))
    found |= u64(i8x16.bitmask(colons)) << part
  }
  return found
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
