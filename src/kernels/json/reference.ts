// Finds members of a JSON object. This is the reference; the kernel is ./assembly.ts.

/**
 * Finds the values of a few members of a JSON object without building the object: rows of dumps
 * have a hundred members of which a handful are wanted. The whole row is still checked against the
 * grammar (RFC 8259), so a row is accepted here exactly if `JSON.parse` returns an object for it.
 */
export interface MemberScanner {
  /**
   * Three numbers per name: where its value starts and ends in the row scanned last, and 1 if the
   * value is a string with escapes. The start is -1 if the member is missing. The last of repeated
   * members counts, as in `JSON.parse`.
   */
  readonly places: Int32Array
  /**
   * Scans a row of valid UTF-8. Returns false if it is not exactly one JSON object; `places` is
   * then meaningless.
   */
  scan(row: Buffer): boolean
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_OBJECT = 0x7b
const OPEN_ARRAY = 0x5b
const COMMA = 0x2c
const COLON = 0x3a

/** What may follow a backslash, apart from `u`. */
const ESCAPES = Buffer.from('"\\/bfnrt')

/** Numbers per name in `MemberScanner.places`. */
export const PLACE = 3

/** The scanner in plain TypeScript. */
export function referenceMemberScanner(names: readonly string[]): MemberScanner {
  const findName = nameFinder(names)
  const places = new Int32Array(names.length * PLACE)
  return {
    places,
    scan(row) {
      places.fill(-1)
      let at = skipSpace(row, 0)
      if (row[at] !== OPEN_OBJECT) return false
      at = skipSpace(row, at + 1)
      if (row[at] === OPEN_OBJECT + 2) return skipSpace(row, at + 1) >= row.length
      for (;;) {
        const keyEnd = row[at] === QUOTE ? stringEnd(row, at + 1) : -1
        if (keyEnd === -1) return false
        const colon = skipSpace(row, keyEnd)
        if (row[colon] !== COLON) return false
        const start = skipSpace(row, colon + 1)
        const index = findName(row, at + 1, keyEnd - 1)
        const end = valueEnd(row, start)
        if (end === -1) return false
        if (index !== -1)
          places.set([start, end, Number(hasEscape(row, start, end))], index * PLACE)
        at = skipSpace(row, end)
        if (row[at] === OPEN_OBJECT + 2) return skipSpace(row, at + 1) >= row.length
        if (row[at] !== COMMA) return false
        at = skipSpace(row, at + 1)
      }
    },
  }
}

function hasEscape(row: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (row[at] === BACKSLASH) return true
  return false
}

/**
 * Returns a function that finds which of the names a key is, -1 if none. It takes the positions of
 * the key's first byte and of its closing quote.
 */
function nameFinder(names: readonly string[]): (row: Buffer, start: number, end: number) => number {
  // Most keys are unwanted: length and first byte rule out nearly all of them.
  const slot = (first: number, length: number): number => (first * 7 + length) & 255
  const table: { name: Buffer; index: number }[][] = Array.from({ length: 256 }, () => [])
  for (const [index, name] of names.entries()) {
    const bytes = Buffer.from(name)
    table[slot(bytes[0] ?? QUOTE, bytes.length)]?.push({ name: bytes, index })
  }
  return (row, start, end) => {
    for (const { name, index } of table[slot(row[start] ?? 0, end - start)] ?? []) {
      if (isSame(row, start, end, name)) return index
    }
    if (!hasEscape(row, start, end)) return -1
    return names.indexOf(JSON.parse(row.toString('utf8', start - 1, end + 1)) as string)
  }
}

function isSame(row: Buffer, start: number, end: number, name: Buffer): boolean {
  if (name.length !== end - start) return false
  for (let at = 0; at < name.length; at++) if (row[start + at] !== name[at]) return false
  return true
}

function skipSpace(row: Buffer, from: number): number {
  let at = from
  while (at < row.length) {
    const byte = row[at] as number
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break
    at++
  }
  return at
}

/** The position of the value of the member whose key begins at `at`, or -1. */
function memberValue(row: Buffer, at: number): number {
  if (row[at] !== QUOTE) return -1
  const end = stringEnd(row, at + 1)
  if (end === -1) return -1
  const colon = skipSpace(row, end)
  return row[colon] === COLON ? skipSpace(row, colon + 1) : -1
}

/**
 * The position after the closing quote of the string whose opening quote is just before `from`, or
 * -1.
 */
function stringEnd(row: Buffer, from: number): number {
  const { length } = row
  for (let at = from; at < length; at++) {
    const byte = row[at] as number
    if (byte === QUOTE) return at + 1
    if (byte < 0x20) return -1
    if (byte !== BACKSLASH) continue
    at++
    const letter = row[at]
    if (letter === 0x75) {
      if (!isHex(row, at + 1)) return -1
      at += 4
    } else if (!ESCAPES.includes(letter ?? 0)) return -1
  }
  return -1
}

function isHex(row: Buffer, from: number): boolean {
  for (let at = from; at < from + 4; at++) {
    const byte = row[at] ?? 0
    const letter = byte | 0x20
    if (!((byte >= 0x30 && byte <= 0x39) || (letter >= 0x61 && letter <= 0x66))) return false
  }
  return true
}

/**
 * The position after the value that begins at `from`, or -1. Keeps a stack of its own, because
 * nesting can be arbitrarily deep.
 */
function valueEnd(row: Buffer, from: number): number {
  let at = from
  const closers: number[] = []
  for (;;) {
    const byte = row[at]
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      at = skipSpace(row, at + 1)
      if (row[at] === byte + 2) at++
      else {
        closers.push(byte + 2)
        if (byte === OPEN_OBJECT) at = memberValue(row, at)
        if (at === -1) return -1
        continue
      }
    } else {
      at = byte === QUOTE ? stringEnd(row, at + 1) : literalEnd(row, at)
      if (at === -1) return -1
    }
    for (;;) {
      const closer = closers.at(-1)
      if (closer === undefined) return at
      at = skipSpace(row, at)
      if (row[at] === closer) {
        closers.pop()
        at++
        continue
      }
      if (row[at] !== COMMA) return -1
      at = skipSpace(row, at + 1)
      if (closer === OPEN_OBJECT + 2) at = memberValue(row, at)
      if (at === -1) return -1
      break
    }
  }
}

/** The position after a number, true, false or null, or -1. */
function literalEnd(row: Buffer, from: number): number {
  const byte = row[from]
  if (byte === 0x74) return isWord(row, from, TRUE)
  if (byte === 0x66) return isWord(row, from, FALSE)
  if (byte === 0x6e) return isWord(row, from, NULL)
  const start = byte === 0x2d ? from + 1 : from
  let at = row[start] === 0x30 ? start + 1 : digitsEnd(row, start)
  if (at === -1) return -1
  if (row[at] === 0x2e) at = digitsEnd(row, at + 1)
  if (at === -1) return -1
  if (((row[at] ?? 0) | 0x20) !== 0x65) return at
  at++
  if (row[at] === 0x2b || row[at] === 0x2d) at++
  return digitsEnd(row, at)
}

const [TRUE, FALSE, NULL] = ['true', 'false', 'null'].map((word) => Buffer.from(word)) as [
  Buffer,
  Buffer,
  Buffer,
]

function isWord(row: Buffer, from: number, word: Buffer): number {
  for (let index = 0; index < word.length; index++) if (row[from + index] !== word[index]) return -1
  return from + word.length
}

/** The position after one or more digits, or -1. */
function digitsEnd(row: Buffer, from: number): number {
  let at = from
  for (;;) {
    const byte = row[at] ?? 0
    if (byte < 0x30 || byte > 0x39) break
    at++
  }
  return at === from ? -1 : at
}
