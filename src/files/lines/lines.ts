import { EtlError } from '../../core/errors.ts'

/**
 * Where reading resumes: the offset in the uncompressed file, the number of the line there, whether
 * it is an array element, and the index of the file if there are several.
 */
export type LineCursor = {
  readonly byte: number
  readonly line: number
  readonly inArray?: true
  readonly file?: number
}

/** One line of a byte stream, or one element of a JSON array, which may contain line feeds. */
export interface Line {
  /**
   * The content without the line feed and a carriage return before it. A view: copy it to keep it.
   */
  readonly bytes: Buffer
  /** Offset of its first byte. */
  readonly start: number
  /** Counted from 1. */
  readonly number: number
  /** Where the next line begins. */
  readonly cursor: LineCursor
  /** Whether the line was longer than the limit. `bytes` then holds only its beginning. */
  readonly cut: boolean
  /** Whether it is a line or an array element. */
  readonly unit: LineUnit
}

/** Whether a `Line` is a line of text or an element of a JSON array. */
export type LineUnit = 'line' | 'element'

/** How a byte stream is split into lines. */
export interface LineOptions {
  /**
   * Longest line returned completely, in bytes. It also bounds the memory used for longer lines.
   */
  readonly maxLineBytes: number
  /** Offset of the first byte of `chunks`. */
  readonly offset?: number
  /** Number of the first line; 1 by default. */
  readonly firstNumber?: number
  /** Lines that start at this offset or later are not read. */
  readonly end?: number
  /** Index of the file if there are several; part of the cursors. */
  readonly file?: number | undefined
}

/** Bytes kept of a line that is longer than the limit. */
const CUT_BYTES = 1024

const LF = 10
const CR = 13

/**
 * Splits a byte stream at line feeds only (U+2028 is legal inside JSON strings) and yields the
 * lines in groups of about a chunk. A byte order mark at offset 0 is skipped. If the stream fails,
 * the complete lines before the failure are yielded first.
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

/**
 * Assembles lines that arrive in pieces. It holds at most `maxLineBytes` and two bytes of a line.
 */
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
    /** Offset of the line being assembled. */
    start: () => start,
    /** Number of the line being assembled. */
    number: () => number,
    /** Length of the line so far, in bytes. */
    held: () => held,
    hold,
    /** Finishes the line with its last bytes. The next line begins at offset `next`. */
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
 * Offset of the first line that starts at the second byte of `chunks` or later; infinity if there
 * is none. `offset` is the position of the first byte. To start reading in the middle of a file,
 * pass the bytes from one byte before.
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
 * Drops the first `count` bytes. A shorter stream is an `input-corrupt` error, because the file has
 * changed.
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

/** Restores a stream whose first chunk has already been taken. */
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
