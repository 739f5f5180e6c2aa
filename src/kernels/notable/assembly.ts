// Finds the next byte that a repair may begin at: see ./notable.ts.

// @ts-ignore: decorator
@inline
function is(bytes: v128, value: u8): v128 {
  return i8x16.eq(bytes, i8x16.splat(i8(value)))
}

/** Lanes from `first` to `last`, both included. */
// @ts-ignore: decorator
@inline
function within(bytes: v128, first: u8, last: u8): v128 {
  return i8x16.le_u(i8x16.sub(bytes, i8x16.splat(i8(first))), i8x16.splat(i8(last - first)))
}

/** The address of the first notable byte in [text, end), or `end`. */
export function nextNotable(text: usize, end: usize): usize {
  for (; text < end; text += 16) {
    const bytes = v128.load(text)
    const next = v128.load(text, 1)
    const control = v128.andnot(
      i8x16.lt_u(bytes, i8x16.splat(0x20)),
      within(bytes, 0x09, 0x0a),
    )
    const lead = v128.andnot(
      i8x16.ge_u(bytes, i8x16.splat(i8(0xc2))),
      within(bytes, 0xd8, 0xdb),
    )
    const alone = v128.or(
      v128.or(control, lead),
      v128.or(is(bytes, 0x26), is(bytes, 0x7f)),
    )
    let notable = u32(i8x16.bitmask(alone))
    if (v128.any_true(within(next, 0xd8, 0xdb)) || v128.any_true(within(bytes, 0xd8, 0xdb))) {
      const marks = v128.or(
        v128.or(is(next, 0x80), is(next, 0xb0)),
        within(next, 0x8b, 0x9f),
      )
      const pair = v128.or(
        v128.or(
          v128.and(is(bytes, 0xd9), marks),
          v128.and(is(bytes, 0xd8), is(next, 0x9c)),
        ),
        v128.or(
          v128.and(is(bytes, 0xdb), within(next, 0x96, 0xad)),
          v128.and(
            within(v128.or(bytes, i8x16.splat(0x20)), 0x61, 0x7a),
            within(next, 0xd8, 0xdb),
          ),
        ),
      )
      let pairs = u32(i8x16.bitmask(pair))
      if (end - text <= 16) pairs &= (1 << u32(end - text - 1)) - 1
      notable |= pairs
    }
    if (end - text < 16) notable &= (1 << u32(end - text)) - 1
    if (notable !== 0) return text + ctz(notable)
  }
  return end
}
