// Lines folded byte by byte, with bounds on what the patterns would count in them. `foldLine` is exact and makes strings; here
// nothing is decoded, and where bytes do not tell, the counts err on the side of an advertisement.

/** The folded line, and what is known of the line it was made of. */
export interface FoldedLine {
  /** Where folded lines are written, one after the other; `length` is where the next byte goes. */
  out: Uint8Array
  length: number
  /** At most as many words, words between blanks and characters from the first letter or digit to the last as there are. */
  words: number
  tokens: number
  span: number
  /** At least as many tokens that begin with `#` or `@`, digits (those of web addresses too) and words `x` (or that begin with it) as there are. */
  tags: number
  digits: number
  crosses: number
  hasAddress: boolean
  /** Has `<`, with which placeholders begin. */
  hasBracket: boolean
  /** Holds no letter or digit of English or Arabic, and no sign of ASCII. */
  isForeign: boolean
  /** Holds a character whose lower case is ASCII, or which a pattern takes for ASCII. */
  isOdd: boolean
}

/** A line that `foldBytes` fills in, again and again. */
export interface LineFolder extends FoldedLine {
  /** What the last character was. */
  before: number
  tokenStart: boolean
  /** Characters written, the first letter or digit among them, and the last. */
  characters: number
  first: number
}

export const lineFolder = (): LineFolder => ({
  ...{ out: new Uint8Array(1 << 16), length: 0, words: 0, tokens: 0, span: 0, tags: 0, digits: 0, crosses: 0 },
  ...{ hasAddress: false, hasBracket: false, isForeign: true, isOdd: false },
  ...{ before: 0, tokenStart: true, characters: 0, first: -1 },
})

/** What a byte of ASCII is. */
const CLASS = { sign: 0, blank: 1, digit: 2, letter: 3 } as const
const classOf = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0x80) return CLASS.sign
  if ((byte >= 0x09 && byte <= 0x0d) || byte === 0x20) return CLASS.blank
  if (byte >= 0x30 && byte <= 0x39) return CLASS.digit
  return (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a ? CLASS.letter : CLASS.sign
})

/** Certainly no part of a word, a letter or digit, or something that may be either. */
const BEFORE = { gap: 0, word: 1, unknown: 2 } as const
const SPACE = 0x20

/** Folds `bytes[start, end)` as `foldLine` does, with web addresses and runs of blanks made one space, and counts. */
export function foldBytes(line: LineFolder, bytes: Uint8Array, start: number, end: number): void {
  reset(line, end - start)
  for (let at = start; at < end; ) {
    const byte = bytes[at] ?? 0
    if (byte >= 0x80) {
      at += foldWide(line, bytes, at, end)
    } else if ((classOf[byte] ?? 0) >= CLASS.digit) {
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

/** `ht` or `ww`, in any case. */
function mayBeginAddress(bytes: Uint8Array, at: number): boolean {
  const byte = (bytes[at] ?? 0) | 0x20
  if (byte !== 0x68 && byte !== 0x77) return false
  return ((bytes[at + 1] ?? 0) | 0x20) === (byte === 0x68 ? 0x74 : 0x77)
}

function reset(line: LineFolder, bytes: number): void {
  if (line.length + bytes + 1 > line.out.length) {
    const grown = new Uint8Array(line.out.length * 2 + bytes)
    grown.set(line.out)
    line.out = grown
  }
  line.words = line.tokens = line.span = line.tags = line.digits = line.crosses = line.characters = 0
  line.hasAddress = line.hasBracket = line.isOdd = false
  line.isForeign = line.tokenStart = true
  line.before = BEFORE.gap
  line.first = -1
}

/** Folds the letter or digit at `at` and those behind it, up to where an address may begin; answers where it stopped. */
function foldWord(line: LineFolder, bytes: Uint8Array, start: number, end: number): number {
  const { out, length } = line
  if (((bytes[start] ?? 0) | 0x20) === 0x78 && line.before !== BEFORE.word) line.crosses++
  let at = start
  do {
    const byte = bytes[at] ?? 0
    if (byte < 0x40) line.digits++
    // Digits have this bit already.
    out[length + at - start] = byte | 0x20
    at++
  } while (at < end && (classOf[bytes[at] ?? 0] ?? 0) >= CLASS.digit && !mayBeginAddress(bytes, at))
  line.length = length + at - start
  countWord(line, at - start)
  return at
}

function foldSign(line: LineFolder, byte: number): void {
  line.out[line.length++] = byte
  if (byte === 0x3c) line.hasBracket = true
  else if ((byte === 0x23 || byte === 0x40) && line.tokenStart) line.tags++
  line.characters++
  line.before = BEFORE.gap
  line.tokenStart = line.isForeign = false
}

/** Counts letters and digits of one word. */
function countWord(line: LineFolder, characters: number): void {
  if (line.before === BEFORE.gap) line.words++
  if (line.tokenStart) line.tokens++
  if (line.first < 0) line.first = line.characters
  line.characters += characters
  line.span = line.characters - line.first
  line.before = BEFORE.word
  line.tokenStart = line.isForeign = false
}

function foldBlank(line: LineFolder): void {
  line.tokenStart = true
  line.before = BEFORE.gap
  if (line.length > 0 && line.out[line.length - 1] === SPACE) return
  line.out[line.length++] = SPACE
  line.characters++
}

function foldAddress(line: LineFolder, bytes: Uint8Array, start: number, end: number): void {
  // Arabic digits are two bytes, the first of them one of these.
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0
    if ((byte >= 0x30 && byte <= 0x39) || byte === 0xd9 || byte === 0xdb) line.digits++
  }
  if (line.tokenStart) line.tokens++
  foldBlank(line)
  line.hasAddress = true
  line.tokenStart = line.isForeign = false
}

/** Bytes of the web address at `at`, 0 if there is none: `http://`, `https://` or `www.` and something behind it. */
function addressLength(bytes: Uint8Array, at: number, end: number): number {
  let body = at + 4
  if (((bytes[at] ?? 0) | 0x20) === 0x77) {
    if (!isText(bytes, at, end, 'www.')) return 0
  } else {
    if (!isText(bytes, at, end, 'http')) return 0
    if (body < end && ((bytes[body] ?? 0) | 0x20) === 0x73) body++
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
    const byte = bytes[at + i] ?? 0
    const lower = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
    if (lower !== text.charCodeAt(i)) return false
  }
  return true
}

const ending = Uint8Array.from({ length: 128 }, (_, byte) => {
  return classOf[byte] === CLASS.blank || '<>"\'`)]'.includes(String.fromCharCode(byte)) ? 1 : 0
})
const endsAddress = (bytes: Uint8Array, at: number, end: number): boolean =>
  (bytes[at] ?? 0) < 0x80 ? ending[bytes[at] ?? 0] === 1 : blankLength(bytes, at, end) > 0

/** Bytes of the blank beyond ASCII at `at`, 0 if there is none: what `\s` stands for in a pattern. */
export function blankLength(bytes: Uint8Array, at: number, end: number): number {
  const [lead, next, last] = [
    bytes[at] ?? 0,
    at + 1 < end ? (bytes[at + 1] ?? 0) : 0,
    at + 2 < end ? (bytes[at + 2] ?? 0) : 0,
  ]
  if (lead === 0xc2) return next === 0xa0 ? 2 : 0
  if (lead === 0xe1) return next === 0x9a && last === 0x80 ? 3 : 0
  if (lead === 0xe3) return next === 0x80 && last === 0x80 ? 3 : 0
  if (lead === 0xef) return next === 0xbb && last === 0xbf ? 3 : 0
  if (lead !== 0xe2) return 0
  if (next === 0x81) return last === 0x9f ? 3 : 0
  return next === 0x80 && (last <= 0x8a || last === 0xa8 || last === 0xa9 || last === 0xaf) && last >= 0x80 ? 3 : 0
}

/** Folds the character beyond ASCII at `at` and answers how many bytes it has. */
function foldWide(line: LineFolder, bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at] ?? 0
  const next = at + 1 < end ? (bytes[at + 1] ?? 0) : 0
  if (lead === 0xd8 || lead === 0xd9 || lead === 0xdb) {
    const folded = foldArabic(line, lead, next)
    if (folded) return 2
  }
  const size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1
  const last = at + 2 < end ? (bytes[at + 2] ?? 0) : 0
  // The mark of byte order is a blank to some patterns and nothing to the folding.
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

/** Letters in one spelling, digits; vowel marks and tatweel go. False for everything else. */
function foldArabic(line: LineFolder, lead: number, next: number): boolean {
  if (lead === 0xd9 && (next === 0x80 || (next >= 0x8b && next <= 0x95) || next === 0xb0)) {
    line.tokenStart = false
    return true
  }
  const isDigit = lead === 0xd9 ? next >= 0xa0 && next <= 0xa9 : lead === 0xdb && next >= 0xb0 && next <= 0xb9
  const isLetter =
    lead === 0xd8 ? next >= 0xa0 && next <= 0xbf : lead === 0xd9 && ((next > 0x80 && next <= 0x8a) || next === 0xb1)
  if (!isDigit && !isLetter) return false
  if (isDigit) line.digits++
  const isAlef = lead === 0xd8 ? next === 0xa2 || next === 0xa3 || next === 0xa5 : isLetter && next === 0xb1
  if (isAlef) put(line, 0xd8, 0xa7)
  else if (lead === 0xd8 && next === 0xa9) put(line, 0xd9, 0x87)
  else if (lead === 0xd9 && next === 0x89) put(line, 0xd9, 0x8a)
  else put(line, lead, next)
  countWord(line, 1)
  return true
}

function put(line: LineFolder, lead: number, next: number): void {
  line.out[line.length++] = lead
  line.out[line.length++] = next
}

function foldUnknown(line: LineFolder, bytes: Uint8Array, start: number, end: number): void {
  const [lead, next, last] = [bytes[start] ?? 0, bytes[start + 1] ?? 0, bytes[start + 2] ?? 0]
  // İ and the sign of the Kelvin in lower case are, or begin with, ASCII letters; a pattern without case takes ſ for s.
  if (lead === 0xc4 ? next === 0xb0 : lead === 0xc5 ? next === 0xbf : lead === 0xe2 && next === 0x84 && last === 0xaa) {
    line.isOdd = true
  }
  if (lead === 0xef && next === 0xbc && last === 0x83 && line.tokenStart) line.tags++
  for (let at = start; at < end; at++) line.out[line.length++] = bytes[at] ?? 0
  line.characters++
  line.before = BEFORE.unknown
  line.tokenStart = false
}
