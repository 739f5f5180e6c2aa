// Counts white-space separated words: see ../words.ts.

/** Runs of bytes above U+0020 in [text, end). */
export function countWords(text: usize, end: usize): u32 {
  let words: u32 = 0
  let inside: u32 = 0
  for (; text < end; text += 16) {
    let visible = u32(i8x16.bitmask(i8x16.gt_u(v128.load(text), i8x16.splat(0x20))))
    if (end - text < 16) visible &= (1 << u32(end - text)) - 1
    words += u32(popcnt(visible & ~((visible << 1) | inside)))
    inside = visible >> 15
  }
  return words
}
