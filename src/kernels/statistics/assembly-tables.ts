// What folding makes of characters and what they are: the tables of ../statistics-kernel.ts.

/** What the host prepared, see `placeTables` in ../statistics-kernel.ts. */
@unmanaged
export class Tables {
  /** u16 per 64 code points: a row of `classes`, 64 bytes each. */
  blocks: usize
  classes: usize
  /** i32 a class: what is added to a code point to fold it << 8 | flags. */
  entries: usize
  /** i32 a code point below U+10000: the entry of its class. */
  points: usize
  /**
   * Buckets of four u64 by the hash of the folded word, 0 where free; the next one where one is
   * full.
   */
  stopWords: usize
  stopMask: u32
}

/**
 * Flags of a code point. What folding makes of it decides WORD, the character itself the others.
 */
export const SPACE: u32 = 1
export const LETTER: u32 = 2
/** Letters and digits, which words begin and end with. */
export const WORD: u32 = 4
export const REMOVED: u32 = 8
/** Counted as a symbol, outside of ASCII. */
export const SIGN: u32 = 16
/** U+0130 alone, which becomes two characters. */
export const DOUBLE: u32 = 32
export const TERMINAL: u32 = 64
export const CLOSER: u32 = 128
/** What most characters are not. */
export const SPECIAL: u32 = SPACE | REMOVED | SIGN | DOUBLE

/** What folding adds to a code point << 8 | its flags. */
@inline
export function entryOf(tables: Tables, point: u32): u32 {
  const row = usize(load<u16>(tables.blocks + (usize(point >> 6) << 1))) << 6
  return load<u32>(tables.entries + (usize(load<u8>(tables.classes + row + usize(point & 0x3f))) << 2))
}
