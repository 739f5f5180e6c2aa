/**
 * Reads the attributes of an XML element that is alone on its line, as in the Stack Exchange dumps,
 * directly from its bytes. Decodes only the wanted attributes.
 */
export interface AttributeScanner<Name extends string> {
  /**
   * Scans one element. Returns false if the line is not exactly one well-formed empty element of
   * this name.
   */
  scan(line: Buffer): boolean
  /**
   * Value of a wanted attribute with its references replaced; undefined if the attribute is
   * missing.
   */
  text(name: Name): string | undefined
  /**
   * A decimal integer of at most 15 digits; undefined if the attribute is missing or anything else.
   */
  integer(name: Name): number | undefined
}

const [LT, GT, QUOTE, APOSTROPHE, AMPERSAND, EQUALS, SLASH] = [
  0x3c, 0x3e, 0x22, 0x27, 0x26, 0x3d, 0x2f,
] as const

/** A scanner for empty elements of this name. It holds the result of one line at a time. */
export function attributeScanner<Name extends string>(
  element: string,
  names: readonly Name[],
): AttributeScanner<Name> {
  const places = new Map(names.map((name, index) => [name, index]))
  const opening = Buffer.from(`<${element}`)
  const wanted = names.map((name) => Buffer.from(name))
  const starts = new Int32Array(names.length)
  const ends = new Int32Array(names.length)
  let current: Buffer = Buffer.alloc(0)
  const nameIndex = (line: Buffer, start: number, end: number): number => {
    for (let index = 0; index < wanted.length; index++) {
      const name = wanted[index] as Buffer
      if (name.length !== end - start) continue
      let at = 0
      while (at < name.length && line[start + at] === name[at]) at++
      if (at === name.length) return index
    }
    return -1
  }
  return {
    scan(line) {
      current = line
      starts.fill(-1)
      let at = skipSpace(line, 0)
      if (line.length < at + opening.length || opening.compare(line, at, at + opening.length) !== 0)
        return false
      at += opening.length
      for (;;) {
        const start = skipSpace(line, at)
        if (line[start] === SLASH)
          return line[start + 1] === GT && skipSpace(line, start + 2) >= line.length
        if (start === at) return false
        const end = nameEnd(line, start)
        const opened = skipSpace(line, skipSpace(line, end) + 1)
        const quote = line[opened]
        if (end === start || line[skipSpace(line, end)] !== EQUALS) return false
        if (quote !== QUOTE && quote !== APOSTROPHE) return false
        const closed = line.indexOf(quote, opened + 1)
        if (closed === -1) return false
        const index = nameIndex(line, start, end)
        if (index !== -1) {
          if (starts[index] !== -1) return false
          starts[index] = opened + 1
          ends[index] = closed
        }
        at = closed + 1
      }
    },
    text(name) {
      const index = places.get(name) ?? -1
      const start = starts[index] ?? -1
      return start === -1 ? undefined : decodeReferences(current, start, ends[index] ?? start)
    },
    integer(name) {
      const index = places.get(name) ?? -1
      const start = starts[index] ?? -1
      return start === -1 ? undefined : integerAt(current, start, ends[index] ?? start)
    },
  }
}

function skipSpace(line: Buffer, from: number): number {
  let at = from
  while (line[at] === 0x20 || line[at] === 0x09 || line[at] === 0x0d) at++
  return at
}

function nameEnd(line: Buffer, from: number): number {
  let at = from
  for (; at < line.length; at++) {
    const byte = line[at] as number
    if (byte <= 0x20 || byte === EQUALS || byte === SLASH || byte === GT || byte === LT) break
  }
  return at
}

function integerAt(line: Buffer, from: number, to: number): number | undefined {
  const start = line[from] === 0x2d ? from + 1 : from
  if (start >= to || to - start > 15) return undefined
  let value = 0
  for (let at = start; at < to; at++) {
    const digit = (line[at] as number) - 0x30
    if (digit < 0 || digit > 9) return undefined
    value = value * 10 + digit
  }
  return start === from ? value : -value
}

/** Replaces the five named references and all numeric ones. An unknown reference stays as it is. */
function decodeReferences(line: Buffer, start: number, end: number): string {
  let at = line.indexOf(AMPERSAND, start)
  if (at === -1 || at >= end) return line.toString('utf8', start, end)
  // No reference is shorter than the UTF-8 of its character.
  const decoded = Buffer.allocUnsafe(end - start)
  let length = line.copy(decoded, 0, start, at)
  while (at < end) {
    const byte = line[at] as number
    if (byte !== AMPERSAND) {
      decoded[length++] = byte
      at++
      continue
    }
    const semicolon = referenceEnd(line, at, end)
    const code = semicolon === -1 ? -1 : codePoint(line, at + 1, semicolon)
    if (code === -1) {
      decoded[length++] = byte
      at++
    } else {
      length =
        code < 0x80
          ? writeByte(decoded, length, code)
          : length + decoded.write(String.fromCodePoint(code), length)
      at = semicolon + 1
    }
  }
  return decoded.toString('utf8', 0, length)
}

function writeByte(target: Buffer, at: number, byte: number): number {
  target[at] = byte
  return at + 1
}

/**
 * Position of the semicolon that ends a reference, at most ten bytes after the `&`, which is enough
 * for `&#x10FFFF;`; otherwise -1.
 */
function referenceEnd(line: Buffer, from: number, end: number): number {
  const limit = Math.min(end, from + 11)
  for (let at = from + 1; at < limit; at++) if (line[at] === 0x3b) return at
  return -1
}

/** The code point that a reference names (between `&` and `;`), or -1. */
function codePoint(line: Buffer, start: number, end: number): number {
  const first = line[start]
  if (first === 0x23) return numericReference(line, start + 1, end)
  const length = end - start
  if (length === 2 && line[start + 1] === 0x74)
    return first === 0x6c ? LT : first === 0x67 ? GT : -1
  for (const { name, code } of LONG_NAMES) {
    if (name.length === length && name.compare(line, start, end) === 0) return code
  }
  return -1
}

const LONG_NAMES = [
  { name: Buffer.from('quot'), code: QUOTE },
  { name: Buffer.from('amp'), code: AMPERSAND },
  { name: Buffer.from('apos'), code: APOSTROPHE },
]

/** The number between `&#` and `;`, or -1. Numbers that are not characters become U+FFFD. */
function numericReference(line: Buffer, start: number, end: number): number {
  const hex = line[start] === 0x78
  const from = hex ? start + 1 : start
  if (from === end) return -1
  let value = 0
  for (let at = from; at < end; at++) {
    const digit = hexDigit(line[at] as number)
    if (digit === -1 || (digit > 9 && !hex)) return -1
    value = value * (hex ? 16 : 10) + digit
  }
  return value === 0 || value > 0x10ffff || (value >= 0xd800 && value < 0xe000) ? 0xfffd : value
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1
}
