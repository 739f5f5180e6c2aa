// Finds clusters of digits, and colons of addresses: see ./candidates.ts for what they are.

/** Bits that are followed by six more set bits. All bits beyond the last one count as set. */
// @ts-ignore: decorator
@inline
export function sevenAhead(bits: u64): u64 {
  const two = bits & ((bits >> 1) | (<u64>1 << 63))
  const four = two & ((two >> 2) | (<u64>3 << 62))
  return four & ((four >> 3) | (<u64>7 << 61))
}

/** All ones in lanes with one of the `count` bytes from `first` on. */
// @ts-ignore: decorator
@inline
function isBetween(bytes: v128, first: i8, count: i8): v128 {
  return i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(first)), i8x16.splat(count))
}

/** Joins four masks of one bit for each of 16 positions. */
// @ts-ignore: decorator
@inline
export function joined(first: i32, second: i32, third: i32, fourth: i32): u64 {
  return u64(first) | (u64(second) << 16) | (u64(third) << 32) | (u64(fourth) << 48)
}

/** One bit for each of the 64 positions from `at` with an ASCII digit. */
// @ts-ignore: decorator
@inline
export function figuresAt(at: usize): u64 {
  return joined(figures(at), figures(at + 16), figures(at + 32), figures(at + 48))
}

// @ts-ignore: decorator
@inline
function figures(at: usize): i32 {
  return i8x16.bitmask(isBetween(v128.load(at), 0x30, 10))
}

/** The same for the first bytes of Arabic-Indic and Persian digits. */
// @ts-ignore: decorator
@inline
export function wideDigitsAt(at: usize): u64 {
  return joined(wideDigits(at), wideDigits(at + 16), wideDigits(at + 32), wideDigits(at + 48))
}

// @ts-ignore: decorator
@inline
function wideDigits(at: usize): i32 {
  const bytes = v128.load(at)
  if (i8x16.bitmask(bytes) == 0) return 0
  const following = v128.load(at + 1)
  const arabic = v128.and(
    i8x16.eq(bytes, i8x16.splat(<i8>0xd9)),
    isBetween(following, <i8>0xa0, 10),
  )
  const persian = v128.and(
    i8x16.eq(bytes, i8x16.splat(<i8>0xdb)),
    isBetween(following, <i8>0xb0, 10),
  )
  return i8x16.bitmask(v128.or(arabic, persian))
}

/**
 * The same for the bytes that clusters consist of and a few others: bytes beyond ASCII, a space,
 * and those from `(` to `9`, except the comma.
 */
// @ts-ignore: decorator
@inline
export function nearDigitsAt(at: usize): u64 {
  return joined(nearDigits(at), nearDigits(at + 16), nearDigits(at + 32), nearDigits(at + 48))
}

// @ts-ignore: decorator
@inline
function nearDigits(at: usize): i32 {
  const bytes = v128.load(at)
  const signs = v128.or(i8x16.eq(bytes, i8x16.splat(0x20)), isBetween(bytes, 0x28, 18))
  return (
    i8x16.bitmask(v128.andnot(signs, i8x16.eq(bytes, i8x16.splat(0x2c)))) | i8x16.bitmask(bytes)
  )
}

/** The same for colons four bytes after a 2 or a 3. */
// @ts-ignore: decorator
@inline
export function colonsAt(at: usize): u64 {
  return joined(colons(at), colons(at + 16), colons(at + 32), colons(at + 48))
}

// @ts-ignore: decorator
@inline
function colons(at: usize): i32 {
  const first = v128.or(v128.load(at - 4), i8x16.splat(1))
  return i8x16.bitmask(
    v128.and(i8x16.eq(v128.load(at), i8x16.splat(0x3a)), i8x16.eq(first, i8x16.splat(0x33))),
  )
}

/** Length in bytes of the digit at `at`, 0 if there is none. */
// @ts-ignore: decorator
@inline
export function digitLength(at: usize, end: usize): usize {
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
  if (lead < 0x80)
    return lead == 0x20 || lead == 0x28 || lead == 0x29 || lead == 0x2b || lead - 0x2d < 3 ? 1 : 0
  const next: u32 = at + 1 < end ? load<u8>(at + 1) : 0
  if (lead == 0xc2) return next == 0xa0 ? 2 : 0
  if (lead == 0xd8) return next == 0x9c ? 2 : 0
  if (lead != 0xe2 || at + 2 >= end) return 0
  const last: u32 = load<u8>(at + 2)
  if (next == 0x80) return last <= 0x95 || last - 0xaa < 6 ? 3 : 0
  if (next == 0x81) return last - 0x9f < 11 ? 3 : 0
  return next == 0x88 && last == 0x92 ? 3 : 0
}

/** Returns twice the end of the cluster, plus one if it is long enough to be a candidate. */
export function readCluster(place: usize, rowEnd: usize): usize {
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

/** Whether four hexadecimal digits, the first of them 2 or 3, precede the colon in its row. */
export function precedesAddress(colon: usize, row: usize): bool {
  if (colon < row + 4) return false
  const first: u32 = load<u8>(colon - 4)
  return (
    (first == 0x32 || first == 0x33) &&
    isHex(load<u8>(colon - 3)) &&
    isHex(load<u8>(colon - 2)) &&
    isHex(load<u8>(colon - 1))
  )
}
