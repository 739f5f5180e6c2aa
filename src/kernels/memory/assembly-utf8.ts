// Strict decoding of UTF-8: overlong forms and surrogates are invalid.

/** Stands for bytes that encode no code point. */
export const INVALID: u32 = 0xffffffff

/** The code point at `at`, or INVALID. */
@inline
export function pointOf(at: usize): u32 {
  const lead: u32 = load<u8>(at)
  if (lead < 0x80) return lead
  const second: u32 = load<u8>(at + 1) ^ 0x80
  return lead - 0xc2 < 0x1e && second < 0x40 ? ((lead & 0x1f) << 6) | second : widePoint(at)
}

/** The same for sequences of three or four bytes. */
function widePoint(at: usize): u32 {
  const lead: u32 = load<u8>(at)
  const second: u32 = load<u8>(at + 1) ^ 0x80
  const third: u32 = load<u8>(at + 2) ^ 0x80
  if ((lead & 0xf0) == 0xe0) {
    const point = ((lead & 0x0f) << 12) | (second << 6) | third
    return (second | third) > 0x3f || point < 0x800 || point >> 11 == 0x1b ? INVALID : point
  }
  const fourth: u32 = load<u8>(at + 3) ^ 0x80
  if ((lead & 0xf8) != 0xf0 || (second | third | fourth) > 0x3f) return INVALID
  const point = ((lead & 0x07) << 18) | (second << 12) | (third << 6) | fourth
  return point - 0x10000 < 0x100000 ? point : INVALID
}

/** Length of a code point in UTF-8, in bytes. */
@inline
export function widthOf(point: u32): usize {
  return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
}

/** Writes a code point as UTF-8 and returns the address after it. */
@inline
export function storePoint(at: usize, point: u32): usize {
  if (point < 0x80) {
    store<u8>(at, point)
    return at + 1
  }
  if (point < 0x800) {
    store<u16>(at, (0xc0 | (point >> 6)) | ((0x80 | (point & 0x3f)) << 8))
    return at + 2
  }
  if (point < 0x10000) {
    store<u32>(
      at,
      (0xe0 | (point >> 12)) |
        ((0x80 | ((point >> 6) & 0x3f)) << 8) |
        ((0x80 | (point & 0x3f)) << 16),
    )
    return at + 3
  }
  store<u16>(at, 0xf0 | (point >> 18) | ((0x80 | ((point >> 12) & 0x3f)) << 8))
  store<u16>(at, 0x80 | ((point >> 6) & 0x3f) | ((0x80 | (point & 0x3f)) << 8), 2)
  return at + 4
}
