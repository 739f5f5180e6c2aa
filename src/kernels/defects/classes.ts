// What the scan of a text for defects knows of a character, the same in kernel and reference. A
// table has two numbers of 32 bits for each UTF-16 code unit: its class, and the single-byte
// encodings, a bit each, in which it is the first (low half) or a later byte (high half) of UTF-8.

/** Defects, the lowest bits of a class: a character that has one is a defect wherever it stands. */
export const DEFECT = {
  entities: 1 << 0,
  mojibake: 1 << 1,
  lineEnds: 1 << 2,
  bidiControls: 1 << 3,
  invisible: 1 << 4,
  presentationForms: 1 << 5,
  tatweel: 1 << 6,
  composed: 1 << 7,
} as const
/** Name of a defect. */
export type Defect = keyof typeof DEFECT

/** All defects. */
export const DEFECTS = 0xff

/** What a character may be for its neighbours. */
export const CLASS = {
  /** Symbols that stand behind a character beyond ASCII. */
  symbol: 1 << 8,
  /** Symbols that stand before one. */
  opening: 1 << 9,
  /** Capitals, and first bytes of three, before a `mark`. */
  capital: 1 << 10,
  /** Punctuation, and the letters that windows-1252 has among it. */
  mark: 1 << 11,
  /** First bytes of three, before two characters beyond ASCII. */
  first: 1 << 12,
  /** Before a space. */
  spaced: 1 << 13,
  /** Behind a small letter of ASCII and before a character beyond it. */
  umlaut: 1 << 14,
  /** Letters of Greek, Cyrillic, Armenian, Hebrew, Arabic, beside one of ASCII. */
  otherScript: 1 << 15,
  /** Composes with some character before it. */
  second: 1 << 16,
  /** Composes with some character behind it. */
  composes: 1 << 17,
  /** A letter or a combining mark. */
  letter: 1 << 18,
  /** Joiner and non-joiner: they stay between two letters. */
  joiner: 1 << 19,
  tatweel: 1 << 20,
  /** A letter of Latin-1, as which windows-1256 is misread. */
  high: 1 << 21,
  /** `вЂ`. */
  ve: 1 << 22,
  dje: 1 << 23,
} as const

/**
 * The bits from here on are the rank of the canonical combining class, 0 for those that combine
 * with nothing.
 */
export const RANK_SHIFT = 24

/** A character that is a later byte in an encoding is one in all. */
export const ENCODINGS = 16

/** Characters from one that shows misreading to the first two bytes of what was misread. */
export const MISREAD_WINDOW = 3

/** So many letters of Latin-1 without one of ASCII among them may be Arabic. */
export const HIGH_RUN = 6

/** Most letters and digits of an entity's name. */
export const ENTITY_LETTERS = 33
