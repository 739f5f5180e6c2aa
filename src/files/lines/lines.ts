import { EtlError } from '../../core/errors.ts'

/**
 * Where reading goes on: an offset in the uncompressed file, the number of the line there, whether
 * it is an element of an array, and which file of several it is.
 */
export type LineCursor = {
  readonly byte: number
  readonly line: number
  readonly inArray?: true
  readonly file?: number
}

/** One line of a byte stream, or one element of a JSON array, which may have line feeds in it. */
export interface Line {
  /** Without the line feed and a carriage return before it. A view: copy what is kept for long. */
  readonly bytes: Buffer
  /** Offset of its first byte. */
  readonly start: number
  /** Counted from 1. */
  readonly number: number
  /** Where the next line begins. */
  readonly cursor: LineCursor
  /** Longer than the limit: `bytes` holds only the beginning. */
  readonly cut: boolean
  /** What it is. */
  readonly unit: LineUnit
}

export type LineUnit = 'line' | 'element'

export interface LineOptions {
  /** Longest line handed out whole, in bytes. Memory use is this at most, however long the line. */
  readonly maxLineBytes: number
  /** Offset of the first byte of `chunks`. */
  readonly offset?: number
  /** Number of the first line, 1 unless given. */
  readonly firstNumber?: number
  /** Lines that start here or later are not read. */
  readonly end?: number
  /** Which file of several it is: part of the cursors. */
  readonly file?: number | undefined
}

/** What is kept of a line that is longer than the limit. */
const CUT_BYTES = 1024

const LF = 10
const CR = 13

/**
 * Splits a byte stream at line feeds, and only there (U+2028 is legal inside JSON strings), and
 * hands the lines out in groups of about a chunk. A byte order mark at offset 0 is skipped. If the
 * stream fails, the whole lines before the failure come first.
 */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
  options: LineOptions,
): AsyncIterable<readonly Line[]> {
  const { offset = 0, end = Number.POSITIVE_INFINITY } = options
  const line = lineAssembler(options)
  let position = offset
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    const lines: Line[] = []
    let from = 0
    for (
      let at = bytes.indexOf(LF);
      at !== -1 && line.start() < end;
      at = bytes.indexOf(LF, from)
    ) {
      lines.push(line.finish(bytes.subarray(from, at), position + at + 1))
      from = at + 1
    }
    if (lines.length > 0) yield lines
    if (line.start() >= end) return
    line.hold(bytes.subarray(from))
    position += bytes.length
  }
  if (line.held() > 0 && line.start() < end) yield [line.finish(Buffer.alloc(0), position)]
}

/** Puts lines together that arrive in pieces; holds no more of one than its limit. */
export function lineAssembler(
  { maxLineBytes, offset = 0, firstNumber = 1, file }: LineOptions,
  unit: LineUnit = 'line',
) {
  const cursorAt = (byte: number, line: number): LineCursor =>
    file === undefined ? { byte, line } : { byte, line, file }
  let start = offset
  let number = firstNumber
  let parts: Uint8Array[] = []
  let held = 0
  const hold = (bytes: Uint8Array): void => {
    if (bytes.length === 0) return
    const room = Math.max(0, maxLineBytes + 2 - held)
    if (room > 0) parts.push(bytes.length > room ? bytes.subarray(0, room) : bytes)
    held += bytes.length
  }
  return {
    /** Offset where the line begins that is being put together. */
    start: () => start,
    /** Its number. */
    number: () => number,
    /** Bytes of it so far. */
    held: () => held,
    hold,
    /** The line ends with `last`; the next one begins at `next`. */
    finish(last: Buffer, next: number): Line {
      if (held > 0) hold(last)
      const whole = held > 0 ? Buffer.concat(parts) : last
      const length = Math.max(held, last.length)
      parts = []
      held = 0
      const { bytes, cut } = contentOf(whole, length, start, maxLineBytes)
      const line = { bytes, start, number, cursor: cursorAt(next, number + 1), cut, unit }
      start = next
      number++
      return line
    },
  }
}

function contentOf(
  bytes: Buffer,
  length: number,
  start: number,
  limit: number,
): Pick<Line, 'bytes' | 'cut'> {
  const mark = start === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  const cr = length === bytes.length && bytes[length - 1] === CR ? 1 : 0
  const cut = length - mark - cr > limit
  const end = cut ? Math.min(bytes.length, mark + CUT_BYTES) : length - cr
  return { bytes: bytes.subarray(mark, end), cut }
}

/**
 * Where the first line begins that starts at the second byte of `chunks` or later; infinity if none
 * does. `offset` is the place of the first byte. For reading that starts in the middle of a file:
 * give it the bytes from one before.
 */
export async function firstLineStart(
  chunks: AsyncIterable<Uint8Array>,
  offset: number,
): Promise<number> {
  let position = offset
  for await (const chunk of chunks) {
    const at = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).indexOf(LF)
    if (at !== -1) return position + at + 1
    position += chunk.length
  }
  return Number.POSITIVE_INFINITY
}

/**
 * Drops the first `count` bytes; fewer in the stream is an `input-corrupt` error, because the file
 * has changed.
 */
export async function* afterBytes(
  chunks: AsyncIterable<Uint8Array>,
  count: number,
  where: string,
): AsyncIterable<Uint8Array> {
  let missing = count
  for await (const chunk of chunks) {
    if (missing >= chunk.length) missing -= chunk.length
    else {
      yield missing > 0 ? chunk.subarray(missing) : chunk
      missing = 0
    }
  }
  if (missing > 0) {
    throw new EtlError('input-corrupt', {
      where,
      what: `the file is ${missing} bytes shorter than when reading began`,
    })
  }
}

/** A stream of which the first chunk was taken, whole again. */
export async function* continued(
  first: Uint8Array,
  iterator: AsyncIterator<Uint8Array>,
): AsyncIterable<Uint8Array> {
  try {
    yield first
    yield* { [Symbol.asyncIterator]: () => iterator }
  } finally {
    await iterator.return?.()
  }
}
