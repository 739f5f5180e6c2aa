// The tables of ./kernel.ts: what each character folds to, and its properties.

/** Prepared by the host: see `placeTables` in ./kernel.ts. */
@unmanaged
export class Tables {
  /** For each 64 code points a row of `classes` (u16). A row of `classes` has 64 bytes. */
  blocks: usize
  classes: usize
  /** For each class (i32): what folding adds to the code point << 8 | flags. */
  entries: usize
  /** For each code point below U+10000 (i32): the entry of its class. */
  points: usize
  /**
   * A hash table of folded stop words: buckets of four u64, 0 where free. If a bucket is full, the
   * next one is used.
   */
  stopWords: usize
  stopMask: u32
}

/**
 * Flags of a code point. WORD depends on what the character folds to, the others on the character
 * itself.
 */
export const SPACE: u32 = 1
/** Letters, as Unicode defines them. */
export const LETTER: u32 = 2
/** Letters and digits: words begin and end with them. */
export const WORD: u32 = 4
/** Vowel marks, tatweel and Quranic signs, which words do not keep. */
export const REMOVED: u32 = 8
/** A symbol outside ASCII that is counted. */
export const SIGN: u32 = 16
/** U+0130 alone, which folds to two characters. */
export const DOUBLE: u32 = 32
/** Marks that end a sentence. */
export const TERMINAL: u32 = 64
/** Closing quotes and brackets, which may follow the end of a sentence. */
export const CLOSER: u32 = 128
/** Flags that most characters do not have. */
export const SPECIAL: u32 = SPACE | REMOVED | SIGN | DOUBLE

/** What folding adds to a code point << 8 | its flags. */
@inline
export function entryOf(tables: Tables, point: u32): u32 {
  const row = usize(load<u16>(tables.blocks + (usize(point >> 6) << 1))) << 6
  return load<u32>(
    tables.entries + (usize(load<u8>(tables.classes + row + usize(point & 0x3f))) << 2),
  )
}
