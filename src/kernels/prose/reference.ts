// Makes the copy of a text from which its language is identified: natural language only, in plain
// spelling, on one line. Left out: fenced and inline code, maths, commands, tags and placeholders,
// URLs. Changed: Arabic presentation forms become letters; ASCII digits and punctuation become
// blanks (lid.176 takes them as signs of other languages); marks, tatweel, bidi controls and
// zero-width characters are removed; white space becomes single blanks; text mostly in capitals is
// lowered. Every look-ahead is bounded, so the time is linear. This is the reference; the kernel is
// ./assembly.ts.

/** How far ahead a closing backtick, dollar, bracket or angle bracket may be, in bytes. */
const SPAN_BYTES = 400
/** How far ahead the end of displayed maths may be, in bytes. */
const DISPLAY_BYTES = 4000

const code = (character: string): number => character.charCodeAt(0)
const LINE_FEED = 0x0a
const BLANK = 0x20
const DOLLAR = code('$')
const BACKSLASH = code('\\')
const BACKTICK = code('`')
const TILDE = code('~')
const APOSTROPHE = code("'")

/** What a scan writes: `out[0, length)`, with white space collapsed. */
interface Output {
  readonly out: Uint8Array
  length: number
}

/** The copy is at most this many times as long as the text: no presentation form grows by more. */
export const PROSE_GROWTH = 3

/** The copy of `text` as described above, in a buffer of its own. */
export function proseReference(text: Uint8Array): Uint8Array {
  const output = { out: new Uint8Array(text.length * PROSE_GROWTH), length: 0 }
  for (let at = 0; at < text.length; ) at = step(text, at, output)
  if (output.out[output.length - 1] === BLANK) output.length--
  const copy = output.out.subarray(0, output.length)
  lowerCapitals(copy)
  return copy
}

/** Handles what starts at `at` and returns where the next step starts. */
function step(text: Uint8Array, at: number, output: Output): number {
  const byte = text[at]!
  if (byte >= 0x80) return stepWide(text, at, output)
  if (at === 0 || text[at - 1] === LINE_FEED) {
    const fenced = pastFence(text, at)
    if (fenced > at) return blank(output, fenced)
  }
  const past = pastSpan(text, at, output)
  if (past > at) return blank(output, past)
  if (!isAsciiLetter(byte) && byte !== APOSTROPHE) return blank(output, at + 1)
  output.out[output.length++] = byte
  return at + 1
}

function blank(output: Output, next: number): number {
  if (output.length > 0 && output.out[output.length - 1] !== BLANK)
    output.out[output.length++] = BLANK
  return next
}

/**
 * End of the fenced code block that starts on this line, which is the end of the text if the block
 * is never closed; `at` if there is none.
 */
function pastFence(text: Uint8Array, at: number): number {
  const open = pastIndent(text, at)
  const mark = text[open]
  if (mark !== BACKTICK && mark !== TILDE) return at
  const run = pastRun(text, open) - open
  if (run < 3) return at
  let line = pastLine(text, open)
  if (mark === BACKTICK && text.subarray(open + run, line).includes(BACKTICK)) return at
  while (line < text.length) {
    const close = pastIndent(text, line)
    const next = pastLine(text, line)
    if (text[close] === mark && pastRun(text, close) - close >= run) return next
    line = next
  }
  return text.length
}

function pastIndent(text: Uint8Array, at: number): number {
  let next = at
  while (text[next] === BLANK || text[next] === 0x09) next++
  return next
}

/** End of a run of equal bytes, at most `limit`. */
function pastRun(text: Uint8Array, at: number, limit = text.length): number {
  let next = at
  while (next < limit && text[next] === text[at]) next++
  return next
}

function pastLine(text: Uint8Array, at: number): number {
  const end = text.indexOf(LINE_FEED, at)
  return end < 0 ? text.length : end + 1
}

/**
 * End of the code, maths, command, tag or URL that is recognised at `at`; `at` if there is none.
 */
function pastSpan(text: Uint8Array, at: number, output: Output): number {
  const byte = text[at]
  if (byte === BACKTICK) return pastInlineCode(text, at)
  if (byte === DOLLAR) return pastDollarMaths(text, at)
  if (byte === BACKSLASH) return pastCommand(text, at)
  if (byte === code('<')) return pastTag(text, at)
  return pastUrlStart(text, at, output)
}

/** A run of backticks is closed by the next run of the same length on the line. */
function pastInlineCode(text: Uint8Array, at: number): number {
  const open = pastRun(text, at)
  const limit = Math.min(text.length, open + SPAN_BYTES)
  for (let next = open; next < limit && text[next] !== LINE_FEED; ) {
    if (text[next] !== BACKTICK) next++
    else {
      const end = pastRun(text, next, limit)
      if (end - next === open - at) return end
      next = end
    }
  }
  // Unclosed: the run itself is no language either, and must not be read again from its second
  // backtick.
  return open
}

/**
 * `$$…$$`, or `$…$` on one line with no blank just inside and no digit after it, so that amounts of
 * money stay.
 */
function pastDollarMaths(text: Uint8Array, at: number): number {
  if (text[at + 1] === DOLLAR)
    return pastClosing(text, at + 2, DOLLAR, DOLLAR, DISPLAY_BYTES) || at + 2
  const limit = Math.min(text.length, at + 1 + SPAN_BYTES)
  if (isSpace(text[at + 1])) return at
  for (let next = at + 1; next < limit && text[next] !== LINE_FEED; next++) {
    if (text[next] === BACKSLASH) next++
    else if (text[next] === DOLLAR)
      return isSpace(text[next - 1]) || isDigit(text[next + 1]) ? at : next + 1
  }
  return at
}

/** `\(…\)`, `\[…\]`, or the name of a command. */
function pastCommand(text: Uint8Array, at: number): number {
  if (text[at + 1] === code('('))
    return pastClosing(text, at + 2, BACKSLASH, code(')'), DISPLAY_BYTES) || at
  if (text[at + 1] === code('['))
    return pastClosing(text, at + 2, BACKSLASH, code(']'), DISPLAY_BYTES) || at
  let next = at + 1
  while (isAsciiLetter(text[next])) next++
  return next
}

/** Position after the next such pair of bytes within the limit, or 0. */
function pastClosing(
  text: Uint8Array,
  at: number,
  first: number,
  second: number,
  limit: number,
): number {
  const end = Math.min(text.length - 1, at + limit)
  for (let next = at; next < end; next++)
    if (text[next] === first && text[next + 1] === second) return next + 2
  return 0
}

/** `<b>`, `</p>`, `<!-- -->`, and placeholders such as `<EMAIL>`. */
function pastTag(text: Uint8Array, at: number): number {
  const next = text[at + 1]
  if (next !== code('/') && next !== code('!') && !isAsciiLetter(next)) return at
  const limit = Math.min(text.length, at + SPAN_BYTES)
  for (let end = at + 1; end < limit; end++) {
    if (text[end] === code('<')) return at
    if (text[end] === code('>')) return end + 1
  }
  return at
}

const SCHEMES = ['http', 'https', 'ftp'].map((scheme) => Buffer.from(scheme))
const WWW = Buffer.from('www')
/** Bytes that end a URL, besides white space and controls. */
const URL_ENDS = new Set(Buffer.from('<>"`()[]{}'))

/**
 * At the colon of `https://` or the first dot of `www.`: removes what was already written of the
 * URL and returns its end; `at` otherwise.
 */
function pastUrlStart(text: Uint8Array, at: number, output: Output): number {
  const dot = text[at] === code('.')
  if (!dot && !(text[at] === code(':') && text[at + 1] === code('/') && text[at + 2] === code('/')))
    return at
  for (const start of dot ? [WWW] : SCHEMES) {
    const from = output.length - start.length
    if (from < 0 || !start.every((byte, i) => lowered(output.out[from + i]) === byte)) continue
    if (from > 0 && isLetterOrDigit(output.out[from - 1])) continue
    output.length = from
    return pastUrl(text, at)
  }
  return at
}

function pastUrl(text: Uint8Array, at: number): number {
  let next = at
  while (next < text.length && text[next]! > BLANK && !URL_ENDS.has(text[next]!)) next++
  return next
}

const lowered = (byte: number | undefined): number =>
  byte === undefined ? 0 : byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte
const isSpace = (byte: number | undefined): boolean => byte === undefined || byte <= BLANK
const isDigit = (byte: number | undefined): boolean =>
  byte !== undefined && byte >= 0x30 && byte <= 0x39
const isLetterOrDigit = (byte: number | undefined): boolean => isAsciiLetter(byte) || isDigit(byte)
const isAsciiLetter = (byte: number | undefined): boolean =>
  lowered(byte) >= 0x61 && lowered(byte) <= 0x7a

/** What a code point becomes: undefined keeps it, `''` removes it. */
export function plainSpelling(point: number): string | undefined {
  if (point === 0x671) return '\u0627'
  if (point === 0xfdfa || point === 0xfdfb) return ' '
  if ((point >= 0xfb50 && point <= 0xfdff) || (point >= 0xfe70 && point <= 0xfefe))
    return plainForm(point)
  if (REMOVED.test(String.fromCodePoint(point))) return ''
  return SPACES.test(String.fromCodePoint(point)) ? ' ' : undefined
}

/**
 * Arabic marks and tatweel, bidi controls, zero-width characters except the non-joiner (part of
 * Persian spelling), variation selectors.
 */
const REMOVED =
  /[\u0610-\u061a\u061c\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u08ca-\u08ff\u00ad\u200b\u200d-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff]/u
const SPACES = /[\p{White_Space}\u0080-\u009f]/u

/** NFKC of a presentation form, without the blanks and marks that it produces. */
function plainForm(point: number): string | undefined {
  const form = String.fromCodePoint(point)
  const plain = form.normalize('NFKC')
  if (plain === form) return undefined
  const kept = [...plain]
    .filter((character) => character !== ' ' && !REMOVED.test(character))
    .join('')
  return kept.replaceAll('\u0671', '\u0627')
}

const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80

/**
 * Copies, replaces or removes one code point. Sequences that are broken or of four bytes are copied
 * byte by byte.
 */
function stepWide(text: Uint8Array, at: number, output: Output): number {
  const lead = text[at]!
  const second = text[at + 1] ?? 0
  const third = text[at + 2] ?? 0
  let point = 0
  if (lead >= 0xc0 && lead < 0xe0 && isContinuation(second))
    point = ((lead & 0x1f) << 6) | (second & 0x3f)
  else if (lead >= 0xe0 && lead < 0xf0 && isContinuation(second) && isContinuation(third)) {
    point = ((lead & 0x0f) << 12) | ((second & 0x3f) << 6) | (third & 0x3f)
  }
  const length = point === 0 ? 1 : lead < 0xe0 ? 2 : 3
  const plain = point === 0 ? undefined : spellings()[point]
  if (plain === ' ') return blank(output, at + length)
  const bytes = plain === undefined ? text.subarray(at, at + length) : Buffer.from(plain)
  output.out.set(bytes, output.length)
  output.length += bytes.length
  return at + length
}

let table: readonly (string | undefined)[] | undefined

/** `plainSpelling` of every code point below U+10000. */
export function spellings(): readonly (string | undefined)[] {
  table ??= Array.from({ length: 0x10000 }, (_, point) => plainSpelling(point))
  return table
}

/** Lowers A–Z and À–Þ if A–Z outnumber a–z. */
function lowerCapitals(text: Uint8Array): void {
  let capitals = 0
  let small = 0
  for (const byte of text) {
    if (byte >= 0x41 && byte <= 0x5a) capitals++
    else if (byte >= 0x61 && byte <= 0x7a) small++
  }
  if (capitals <= small) return
  for (let at = 0; at < text.length; at++) {
    const byte = text[at]!
    const accented = byte >= 0x80 && byte <= 0x9e && byte !== 0x97 && text[at - 1] === 0xc3
    if ((byte >= 0x41 && byte <= 0x5a) || accented) text[at] = byte + 32
  }
}
