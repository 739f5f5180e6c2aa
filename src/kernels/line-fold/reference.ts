// Folds candidate lines of advertising byte by byte (see `foldLine` in filters/ads) and counts
// bounds on what patterns would find in them. Nothing is decoded. Where bytes alone do not decide,
// the counts err towards calling a line an advertisement.

import type { TextColumn } from '../../core/batch.ts'

/**
 * What is known of a line, in the order of its counts. At most the true number: `words`, words
 * between blanks (`tokens`), and characters from the first letter or digit to the last (`span`). At
 * least the true number: tokens that begin with `#` or `@` (`tags`), `digits` (including those of
 * web addresses), and words that are x or begin with it (`crosses`). `flags` are bits of `FLAG`.
 */
export const COUNT = {
  words: 0,
  tokens: 1,
  span: 2,
  tags: 3,
  digits: 4,
  crosses: 5,
  flags: 6,
} as const
/** Numbers per line. */
export const COUNTS = 7

/** Bits of `COUNT.flags`. */
export const FLAG = {
  address: 1,
  /** Has `<`, with which placeholders begin. */
  bracket: 2,
  /** Has no English or Arabic letter or digit and no ASCII sign. */
  foreign: 4,
  /** Has a character whose lower case is ASCII, or which a pattern treats as ASCII. */
  odd: 8,
} as const

/**
 * Folded lines: their texts one after another as the rows of a column, and `COUNTS` numbers per
 * line.
 */
export interface FoldedLines extends TextColumn {
  readonly counts: Int32Array
}

/**
 * Folds lines of a column and passes them to `read`. `lines` holds the start and end of each line.
 * The folded lines are valid only until `read` returns.
 */
export type LineFolder = <Result>(
  column: TextColumn,
  lines: Uint32Array,
  read: (folded: FoldedLines) => Result,
) => Result

/** A line being folded: where it is written, and what is known of it so far. */
interface Draft {
  readonly out: Uint8Array
  start: number
  length: number
  words: number
  tokens: number
  span: number
  tags: number
  digits: number
  crosses: number
  flags: number
  /** What the last character was: see `BEFORE`. */
  before: number
  tokenStart: boolean
  /**
   * Number of characters written, and index of the first letter or digit among them, -1 if there is
   * none yet.
   */
  characters: number
  first: number
}

/** The reference of `lineFolder`. */
export function foldLinesReference({ bytes }: TextColumn, lines: Uint32Array): FoldedLines {
  const count = lines.length >> 1
  let most = 0
  for (let i = 0; i < count; i++) most += lines[i * 2 + 1]! - lines[i * 2]!
  const offsets = new Int32Array(count + 1)
  const counts = new Int32Array(count * COUNTS)
  const draft = emptyDraft(most)
  for (let i = 0; i < count; i++) {
    foldBytes(draft, bytes, lines[i * 2]!, lines[i * 2 + 1]!)
    offsets[i + 1] = draft.length
    for (const [name, place] of Object.entries(COUNT))
      counts[i * COUNTS + place] = draft[name as keyof typeof COUNT]
  }
  return { bytes: draft.out.subarray(0, draft.length), offsets, counts }
}

const emptyDraft = (bytes: number): Draft => ({
  ...{
    out: new Uint8Array(bytes),
    start: 0,
    length: 0,
    words: 0,
    tokens: 0,
    span: 0,
    tags: 0,
    digits: 0,
    crosses: 0,
  },
  ...{ flags: 0, before: 0, tokenStart: true, characters: 0, first: -1 },
})

/** Classes of ASCII bytes. */
const CLASS = { sign: 0, blank: 1, digit: 2, letter: 3 } as const
const classOf = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0x80) return CLASS.sign
  if ((byte >= 0x09 && byte <= 0x0d) || byte === 0x20) return CLASS.blank
  if (byte >= 0x30 && byte <= 0x39) return CLASS.digit
  return (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a ? CLASS.letter : CLASS.sign
})

/**
 * What precedes a character: certainly no part of a word, a letter or digit, or something that may
 * be either.
 */
const BEFORE = { gap: 0, word: 1, unknown: 2 } as const
const SPACE = 0x20

function foldBytes(line: Draft, bytes: Uint8Array, start: number, end: number): void {
  reset(line)
  for (let at = start; at < end; ) {
    const byte = bytes[at]!
    if (byte >= 0x80) {
      at += foldWide(line, bytes, at, end)
    } else if (classOf[byte]! >= CLASS.digit) {
      const length = mayBeginAddress(bytes, at) ? addressLength(bytes, at, end) : 0
      if (length > 0) foldAddress(line, bytes, at, at + length)
      at = length > 0 ? at + length : foldWord(line, bytes, at, end)
    } else {
      if (classOf[byte] === CLASS.blank) foldBlank(line)
      else foldSign(line, byte)
      at++
    }
  }
}

/** Whether `ht` or `ww` is at `at`, in any case. */
function mayBeginAddress(bytes: Uint8Array, at: number): boolean {
  const byte = bytes[at]! | 0x20
  if (byte !== 0x68 && byte !== 0x77) return false
  return (bytes[at + 1]! | 0x20) === (byte === 0x68 ? 0x74 : 0x77)
}

function reset(line: Draft): void {
  line.start = line.length
  line.words =
    line.tokens =
    line.span =
    line.tags =
    line.digits =
    line.crosses =
    line.characters =
      0
  line.flags = FLAG.foreign
  line.tokenStart = true
  line.before = BEFORE.gap
  line.first = -1
}

/**
 * Folds the letters and digits from `start` up to where an address may begin. Returns where it
 * stopped.
 */
function foldWord(line: Draft, bytes: Uint8Array, start: number, end: number): number {
  const { out, length } = line
  if ((bytes[start]! | 0x20) === 0x78 && line.before !== BEFORE.word) line.crosses++
  let at = start
  do {
    const byte = bytes[at]!
    if (byte < 0x40) line.digits++
    // Digits have this bit already.
    out[length + at - start] = byte | 0x20
    at++
  } while (at < end && classOf[bytes[at]!]! >= CLASS.digit && !mayBeginAddress(bytes, at))
  line.length = length + at - start
  countWord(line, at - start)
  return at
}

function foldSign(line: Draft, byte: number): void {
  line.out[line.length++] = byte
  if (byte === 0x3c) line.flags |= FLAG.bracket
  else if ((byte === 0x23 || byte === 0x40) && line.tokenStart) line.tags++
  line.characters++
  line.before = BEFORE.gap
  line.tokenStart = false
  line.flags &= ~FLAG.foreign
}

/** Counts letters or digits of one word. */
function countWord(line: Draft, characters: number): void {
  if (line.before === BEFORE.gap) line.words++
  if (line.tokenStart) line.tokens++
  if (line.first < 0) line.first = line.characters
  line.characters += characters
  line.span = line.characters - line.first
  line.before = BEFORE.word
  line.tokenStart = false
  line.flags &= ~FLAG.foreign
}

function foldBlank(line: Draft): void {
  line.tokenStart = true
  line.before = BEFORE.gap
  if (line.length > line.start && line.out[line.length - 1] === SPACE) return
  line.out[line.length++] = SPACE
  line.characters++
}

function foldAddress(line: Draft, bytes: Uint8Array, start: number, end: number): void {
  // Arabic digits are two bytes, the first of which is 0xd9 or 0xdb.
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!
    if ((byte >= 0x30 && byte <= 0x39) || byte === 0xd9 || byte === 0xdb) line.digits++
  }
  if (line.tokenStart) line.tokens++
  foldBlank(line)
  line.flags |= FLAG.address
  line.tokenStart = false
  line.flags &= ~FLAG.foreign
}

/**
 * Length of the web address at `at` in bytes, 0 if there is none: `http://`, `https://` or `www.`
 * followed by at least one more character.
 */
function addressLength(bytes: Uint8Array, at: number, end: number): number {
  let body = at + 4
  if ((bytes[at]! | 0x20) === 0x77) {
    if (!isText(bytes, at, end, 'www.')) return 0
  } else {
    if (!isText(bytes, at, end, 'http')) return 0
    if (body < end && (bytes[body]! | 0x20) === 0x73) body++
    if (!isText(bytes, body, end, '://')) return 0
    body += 3
  }
  let to = body
  while (to < end && !endsAddress(bytes, to, end)) to++
  return to === body ? 0 : to - at
}

function isText(bytes: Uint8Array, at: number, end: number, text: string): boolean {
  if (at + text.length > end) return false
  for (let i = 0; i < text.length; i++) {
    const byte = bytes[at + i]!
    const lower = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
    if (lower !== text.charCodeAt(i)) return false
  }
  return true
}

const ending = Uint8Array.from({ length: 128 }, (_, byte) => {
  return classOf[byte] === CLASS.blank || '<>"\'`)]'.includes(String.fromCharCode(byte)) ? 1 : 0
})
const endsAddress = (bytes: Uint8Array, at: number, end: number): boolean =>
  bytes[at]! < 0x80 ? ending[bytes[at]!] === 1 : blankLength(bytes, at, end) > 0

/**
 * Length of the blank beyond ASCII at `at` in bytes, 0 if there is none: what `\s` matches in a
 * pattern.
 */
function blankLength(bytes: Uint8Array, at: number, end: number): number {
  const [lead, next, last] = [
    bytes[at]!,
    at + 1 < end ? bytes[at + 1]! : 0,
    at + 2 < end ? bytes[at + 2]! : 0,
  ]
  if (lead === 0xc2) return next === 0xa0 ? 2 : 0
  if (lead === 0xe1) return next === 0x9a && last === 0x80 ? 3 : 0
  if (lead === 0xe3) return next === 0x80 && last === 0x80 ? 3 : 0
  if (lead === 0xef) return next === 0xbb && last === 0xbf ? 3 : 0
  if (lead !== 0xe2) return 0
  if (next === 0x81) return last === 0x9f ? 3 : 0
  return next === 0x80 &&
    (last <= 0x8a || last === 0xa8 || last === 0xa9 || last === 0xaf) &&
    last >= 0x80
    ? 3
    : 0
}

/** Folds the character beyond ASCII at `at` and returns its length in bytes. */
function foldWide(line: Draft, bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at]!
  const next = at + 1 < end ? bytes[at + 1]! : 0
  if (lead === 0xd8 || lead === 0xd9 || lead === 0xdb) {
    const folded = foldArabic(line, lead, next)
    if (folded) return 2
  }
  const size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1
  const last = at + 2 < end ? bytes[at + 2]! : 0
  // Some patterns treat the byte order mark as a blank, but folding drops it.
  if (lead === 0xef && next === 0xbb && last === 0xbf) line.tokenStart = true
  else if (isMark(lead, next, last)) line.tokenStart = false
  else if (blankLength(bytes, at, end) > 0) foldBlank(line)
  else foldUnknown(line, bytes, at, Math.min(end, at + size))
  return size
}

/** Zero-width and bidi marks. */
const isMark = (lead: number, next: number, last: number): boolean =>
  lead === 0xe2 &&
  ((next === 0x80 && ((last >= 0x8b && last <= 0x8f) || (last >= 0xaa && last <= 0xae))) ||
    (next === 0x81 && last >= 0xa0 && last <= 0xa9))

/**
 * Folds Arabic letters to one spelling, keeps digits, and drops vowel marks and tatweel. Returns
 * false for everything else.
 */
function foldArabic(line: Draft, lead: number, next: number): boolean {
  if (lead === 0xd9 && (next === 0x80 || (next >= 0x8b && next <= 0x95) || next === 0xb0)) {
    line.tokenStart = false
    return true
  }
  const isDigit =
    lead === 0xd9 ? next >= 0xa0 && next <= 0xa9 : lead === 0xdb && next >= 0xb0 && next <= 0xb9
  const isLetter =
    lead === 0xd8
      ? next >= 0xa0 && next <= 0xbf
      : lead === 0xd9 && ((next > 0x80 && next <= 0x8a) || next === 0xb1)
  if (!isDigit && !isLetter) return false
  if (isDigit) line.digits++
  const isAlef =
    lead === 0xd8 ? next === 0xa2 || next === 0xa3 || next === 0xa5 : isLetter && next === 0xb1
  if (isAlef) put(line, 0xd8, 0xa7)
  else if (lead === 0xd8 && next === 0xa9) put(line, 0xd9, 0x87)
  else if (lead === 0xd9 && next === 0x89) put(line, 0xd9, 0x8a)
  else put(line, lead, next)
  countWord(line, 1)
  return true
}

function put(line: Draft, lead: number, next: number): void {
  line.out[line.length++] = lead
  line.out[line.length++] = next
}

function foldUnknown(line: Draft, bytes: Uint8Array, start: number, end: number): void {
  const [lead, next, last] = [bytes[start]!, bytes[start + 1]!, bytes[start + 2]!]
  // The lower case of İ begins with an ASCII letter and that of the Kelvin sign is one; a pattern
  // that ignores case treats ſ as s.
  if (
    lead === 0xc4
      ? next === 0xb0
      : lead === 0xc5
        ? next === 0xbf
        : lead === 0xe2 && next === 0x84 && last === 0xaa
  ) {
    line.flags |= FLAG.odd
  }
  if (lead === 0xef && next === 0xbc && last === 0x83 && line.tokenStart) line.tags++
  for (let at = start; at < end; at++) line.out[line.length++] = bytes[at]!
  line.characters++
  line.before = BEFORE.unknown
  line.tokenStart = false
}

/**
 * Number of lines of `bytes[start, end)` with a byte above a space. The reference of `lineCounter`.
 */
export function linesWithTextReference(bytes: Uint8Array, start: number, end: number): number {
  let lines = 0
  for (let at = start; at < end; at++) {
    if (bytes[at]! <= 0x20) continue
    lines++
    while (at < end && bytes[at] !== 0x0a) at++
  }
  return lines
}
