// Lines around places in the text: see ../line-bounds.ts.

/**
 * Writes start and end (u32) of the line of each of `count` places (u32, ascending) to `bounds`; `offsets` (i32) says where rows
 * end. All of them count from `base`.
 */
export function lineBounds(base: usize, offsets: usize, positions: usize, count: u32, bounds: usize): void {
  let row = offsets
  let start: u32 = 0
  let end: u32 = 0
  for (let i: u32 = 0; i < count; i++) {
    const at = load<u32>(positions + (usize(i) << 2))
    if (at >= end) {
      while (load<u32>(row + 4) <= at) row += 4
      const from = load<u32>(row)
      start = u32(lineStart(base + at, base + (from > end ? from : end)) - base)
      end = u32(lineEnd(base + at, base + load<u32>(row + 4)) - base)
    }
    store<u32>(bounds + (usize(i) << 3), start)
    store<u32>(bounds + (usize(i) << 3) + 4, end)
  }
}

/** Behind the last line break of [from, at), `from` if there is none. */
function lineStart(at: usize, from: usize): usize {
  while (at >= from + 16) {
    const breaks = breaksAt(at - 16)
    if (breaks != 0) return at + 16 - usize(clz(breaks))
    at -= 16
  }
  while (at > from && load<u8>(at - 1) != 0x0a) at--
  return at
}

/** Behind the first line break of [at, end), `end` if there is none. */
function lineEnd(at: usize, end: usize): usize {
  for (; at < end; at += 16) {
    const breaks = breaksAt(at)
    if (breaks == 0) continue
    const behind = at + usize(ctz(breaks)) + 1
    return behind < end ? behind : end
  }
  return end
}

// @ts-ignore: decorator
@inline
function breaksAt(at: usize): i32 {
  return i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(0x0a)))
}
