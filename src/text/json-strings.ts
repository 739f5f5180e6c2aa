const BACKSLASH = 0x5c

/**
 * What a letter after a backslash stands for; 0 if it stands for nothing (`u` is handled
 * separately).
 */
const ESCAPED = new Uint8Array(256)
for (const [letter, byte] of Object.entries({
  '"': 34,
  '\\': 92,
  '/': 47,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
})) {
  ESCAPED[letter.charCodeAt(0)] = byte
}

/** Texts are cut from blocks of memory of this size: one allocation serves many. */
const PIECE_BYTES = 1 << 16
/** Longer texts than this have memory of their own, because few would fit into a block. */
const CUT_BYTES = PIECE_BYTES / 4

let piece = Buffer.alloc(0)
let used = 0

/**
 * Writes the content of a valid JSON string as UTF-8. `start` and `end` exclude its quotes. Goes
 * from bytes to bytes, because most texts are never needed as strings. Lone surrogates, which have
 * no UTF-8, become U+FFFD.
 */
export function unescapeJson(row: Buffer, start: number, end: number): Buffer {
  // No escape is shorter than what it stands for.
  const size = end - start
  if (size > CUT_BYTES) return unescapeInto(Buffer.allocUnsafeSlow(size), 0, row, start, end)
  if (used + size > piece.length) {
    piece = Buffer.allocUnsafeSlow(PIECE_BYTES)
    used = 0
  }
  const text = unescapeInto(piece, used, row, start, end)
  used += text.length
  return text
}

/** Copies the string to `target[from]` onwards, then closes the gaps that its escapes leave. */
function unescapeInto(
  target: Buffer,
  from: number,
  row: Buffer,
  start: number,
  end: number,
): Buffer {
  row.copy(target, from, start, end)
  const shift = from - start
  let length = from
  let at = start
  for (;;) {
    const next = row.indexOf(BACKSLASH, at)
    const stop = next === -1 || next >= end ? end : next
    if (at + shift > length) target.copyWithin(length, at + shift, stop + shift)
    length += stop - at
    if (stop === end) return target.subarray(from, length)
    const letter = row[stop + 1] ?? 0
    if (letter !== 0x75) {
      target[length++] = ESCAPED[letter] ?? 0
      at = stop + 2
      continue
    }
    const unit = hexUnit(row, stop + 2)
    at = stop + 6
    const low =
      isHigh(unit) && row[at] === BACKSLASH && row[at + 1] === 0x75 ? hexUnit(row, at + 2) : 0
    const paired = low >= 0xdc00 && low < 0xe000
    if (paired) at += 6
    length = writeUtf8(
      target,
      length,
      paired ? 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00) : unit,
    )
  }
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00

function hexUnit(row: Buffer, from: number): number {
  let unit = 0
  for (let at = from; at < from + 4; at++) {
    const byte = row[at] ?? 0x30
    unit = unit * 16 + (byte <= 0x39 ? byte - 0x30 : (byte | 0x20) - 0x57)
  }
  return unit
}

function writeUtf8(target: Buffer, at: number, codePoint: number): number {
  if (codePoint < 0x80) {
    target[at] = codePoint
    return at + 1
  }
  if (codePoint < 0x800) {
    target[at] = 0xc0 | (codePoint >> 6)
    target[at + 1] = 0x80 | (codePoint & 63)
    return at + 2
  }
  if (codePoint < 0x10000) {
    const scalar = codePoint >= 0xd800 && codePoint < 0xe000 ? 0xfffd : codePoint
    target[at] = 0xe0 | (scalar >> 12)
    target[at + 1] = 0x80 | ((scalar >> 6) & 63)
    target[at + 2] = 0x80 | (scalar & 63)
    return at + 3
  }
  target[at] = 0xf0 | (codePoint >> 18)
  target[at + 1] = 0x80 | ((codePoint >> 12) & 63)
  target[at + 2] = 0x80 | ((codePoint >> 6) & 63)
  target[at + 3] = 0x80 | (codePoint & 63)
  return at + 4
}
