import { EtlError } from '../../core/errors.ts'
import { continued, type Line, type LineOptions, lineAssembler, splitLines } from './lines.ts'

const BACKSLASH = 0x5c
const CLOSE_BRACE = 0x7d
const CLOSE_BRACKET = 0x5d
const COMMA = 0x2c
const LF = 0x0a
const OPEN_BRACE = 0x7b
const OPEN_BRACKET = 0x5b
const QUOTE = 0x22

/** Bytes from the start of a file that `arrayOpening` needs. */
export const OPENING_BYTES = 4096

/**
 * Offset of the first element if the file begins like one JSON array of objects; otherwise
 * undefined.
 */
export function arrayOpening(head: Uint8Array): number | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString(
    'latin1',
    0,
    OPENING_BYTES,
  )
  return /^(?:\xef\xbb\xbf)?[ \t\r\n]*\[(?=[ \t\r\n]*[{\]])/.exec(text)?.[0].length
}

/**
 * Splits the text after the opening bracket of a JSON array at the commas between its elements. The
 * elements are yielded like the lines of `splitLines`, with surrounding white space. The text after
 * the closing bracket is split at line feeds. If the file ends before that bracket, an
 * `input-corrupt` error is thrown after the last element.
 */
export async function* splitElements(
  chunks: AsyncIterable<Uint8Array>,
  options: LineOptions & { readonly where: string },
): AsyncIterable<readonly Line[]> {
  const iterator = chunks[Symbol.asyncIterator]()
  const elementEnd = elementEnds()
  const element = lineAssembler(options, 'element')
  let position = options.offset ?? 0
  try {
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      const bytes = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.length)
      const elements: Line[] = []
      let from = 0
      for (let at = elementEnd(bytes, from); at !== -1; at = elementEnd(bytes, from)) {
        const line = element.finish(bytes.subarray(from, at), position + at + 1)
        from = at + 1
        if (bytes[at] === CLOSE_BRACKET) {
          yield [...elements, line]
          const rest = { offset: position + from, firstNumber: element.number() }
          return yield* splitLines(continued(bytes.subarray(from), iterator), {
            ...options,
            ...rest,
          })
        }
        elements.push({ ...line, cursor: { ...line.cursor, inArray: true } })
      }
      if (elements.length > 0) yield elements
      element.hold(bytes.subarray(from))
      position += bytes.length
    }
    if (element.held() > 0) yield [element.finish(Buffer.alloc(0), position)]
    const what = 'the file ends before the JSON array does'
    throw new EtlError('input-corrupt', { where: `${options.where}:byte ${position}`, what })
  } finally {
    await iterator.return?.()
  }
}

/**
 * Finds the next comma or closing bracket outside of strings and nested values. A JSON string
 * cannot contain a line feed, so a line feed inside one ends the broken element. This way the
 * elements after it are not lost too.
 */
function elementEnds() {
  let depth = 0
  let quoted = false
  let escaped = false
  return (bytes: Uint8Array, from: number): number => {
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at]
      if (quoted) {
        if (byte === LF) {
          depth = 0
          quoted = escaped = false
          return at
        }
        if (byte === QUOTE && !escaped) quoted = false
        escaped = byte === BACKSLASH && !escaped
      } else if (byte === QUOTE) quoted = true
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++
      else if (depth === 0 && (byte === COMMA || byte === CLOSE_BRACKET)) return at
      else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth = Math.max(0, depth - 1)
    }
    return -1
  }
}
