// Counts words separated by white space: see ./words.ts.

/** Writes the number of words of each row of the column at `base` to `out`, one u32 per row. */
export function countWords(base: usize, offsets: usize, rows: usize, out: usize): void {
  for (const end = out + (rows << 2); out < end; out += 4, offsets += 4) {
    store<u32>(out, wordsIn(base + load<u32>(offsets), base + load<u32>(offsets, 4)))
  }
}

/** Number of runs of bytes above U+0020 in [text, end). */
function wordsIn(text: usize, end: usize): u32 {
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
