// Counts code points by class: see ../characters.ts for the classes and the table.

/**
 * Adds to counts[class] (u32) for every code point of [text, end).
 *
 * `blocks` is one u16 per 64 code points, the row of `classes` (64 bytes) that describes them. The code point's
 * low six bits are the last byte of its UTF-8 sequence, so a sequence needs one look-up of each. Decoding is lenient: the lead
 * byte tells the length; stray continuation bytes, 0xF8…0xFF and sequences cut by the end are of class `other`.
 */
export function countCharacters(text: usize, end: usize, blocks: usize, classes: usize, counts: usize, other: u32): void {
  while (text < end) {
    let kind: u32 = other
    const lead: u32 = load<u8>(text)
    if (lead < 0x80) {
      kind = load<u8>(classes + lead)
      text += 1
    } else {
      const length: usize = lead < 0xc0 || lead >= 0xf8 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
      if (length > 1 && text + length <= end) {
        let block: u32 = lead & (0x7f >> u32(length))
        for (let i: usize = 1; i < length - 1; i++) block = (block << 6) | (load<u8>(text + i) & 0x3f)
        const low: u32 = load<u8>(text + length - 1) & 0x3f
        if (block < 0x4400) kind = load<u8>(classes + (usize(load<u16>(blocks + (usize(block) << 1))) << 6) + low)
      }
      text += length
    }
    const counter = counts + (usize(kind) << 2)
    store<u32>(counter, load<u32>(counter) + 1)
  }
}
