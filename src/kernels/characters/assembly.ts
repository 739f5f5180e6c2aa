// Counts code points by class: see ./characters.ts for the classes and the table.

/**
 * Increments counts[class] (u32) for each code point of [text, end).
 *
 * `blocks` is one u16 per 64 code points: the row of `classes` (64 bytes) that describes them. The
 * low six bits of a code point are the last byte of its UTF-8 sequence, so a sequence takes one
 * look-up in each table. Decoding is lenient: the lead byte decides the length. Stray continuation
 * bytes, 0xF8…0xFF and sequences cut off by the end are of class `other`.
 *
 * `latin` is the class of all ASCII letters and `arabic` that of hamza to ghain and feh to yeh, if
 * all other ASCII characters are of class `other`: text that consists of these is counted 16 bytes
 * at a time. Both are -1 if the table is different.
 */
export function countCharacters(
  text: usize,
  end: usize,
  blocks: usize,
  classes: usize,
  counts: usize,
  other: u32,
  latin: i32,
  arabic: i32,
): void {
  while (text < end) {
    if (latin >= 0) text = countPlain(text, end, counts, other, u32(latin), u32(arabic))
    // Up to the next 16 bytes that may be plain.
    const until = min(end, text + 16)
    while (text < until) {
      let kind: u32 = other
      const lead: u32 = load<u8>(text)
      if (lead < 0x80) {
        kind = load<u8>(classes + lead)
        text += 1
      } else {
        const length: usize =
          lead < 0xc0 || lead >= 0xf8 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
        if (length > 1 && text + length <= end) {
          let block: u32 = lead & (0x7f >> u32(length))
          for (let i: usize = 1; i < length - 1; i++)
            block = (block << 6) | (load<u8>(text + i) & 0x3f)
          const low: u32 = load<u8>(text + length - 1) & 0x3f
          if (block < 0x4400)
            kind = load<u8>(classes + (usize(load<u16>(blocks + (usize(block) << 1))) << 6) + low)
        }
        text += length
      }
      add(counts, kind, 1)
    }
  }
}

@inline
function add(counts: usize, kind: u32, count: u32): void {
  const counter = counts + (usize(kind) << 2)
  store<u32>(counter, load<u32>(counter) + count)
}

/**
 * Counts ASCII and Arabic letters, 15 or 16 bytes at a time, up to the first 16 bytes with anything
 * else.
 */
@inline
function countPlain(
  text: usize,
  end: usize,
  counts: usize,
  other: u32,
  latin: u32,
  arabic: u32,
): usize {
  let latinCount: u32 = 0
  let arabicCount: u32 = 0
  const from = text
  while (text + 16 <= end) {
    const bytes = v128.load(text)
    const next = v128.load(text + 1)
    const d8 = v128.and(
      i8x16.eq(bytes, i8x16.splat(-40)),
      below(i8x16.sub(next, i8x16.splat(-95)), 26),
    )
    const d9 = v128.and(
      i8x16.eq(bytes, i8x16.splat(-39)),
      below(i8x16.sub(next, i8x16.splat(-127)), 10),
    )
    const pairs = u32(i8x16.bitmask(v128.or(d8, d9)))
    const wide = u32(i8x16.bitmask(bytes))
    if ((wide & ~(pairs | (pairs << 1))) != 0) break
    const letters = u32(
      i8x16.bitmask(below(i8x16.sub(v128.or(bytes, i8x16.splat(0x20)), i8x16.splat(0x61)), 26)),
    )
    // A lead byte at the end of the 16 is left for the next round.
    const whole: u32 = pairs & 0x7fff
    latinCount += u32(popcnt(letters))
    arabicCount += u32(popcnt(whole))
    text += 16 - usize(pairs >> 15)
  }
  if (text == from) return text
  add(counts, latin, latinCount)
  add(counts, arabic, arabicCount)
  add(counts, other, u32(text - from) - latinCount - 2 * arabicCount)
  return text
}

@inline
function below(bytes: v128, bound: i8): v128 {
  return i8x16.lt_u(bytes, i8x16.splat(bound))
}
