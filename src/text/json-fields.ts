import { memberScanner } from '../kernels/json/kernel.ts'
import { PLACE } from '../kernels/json/reference.ts'
import { unescapeJson } from './json-strings.ts'

/** Reads the wanted members of one row, which a `MemberScanner` finds. */
export interface FieldScanner<Name extends string = string> {
  /**
   * Scans a row of valid UTF-8. Returns false if it is not exactly one JSON object; the other
   * methods are then meaningless.
   */
  scan(row: Buffer): boolean
  /** First byte of the member's JSON, which shows its type; -1 if the member is missing. */
  first(name: Name): number
  /**
   * The member's JSON as it is written, for numbers and literals; undefined if the member is
   * missing.
   */
  source(name: Name): string | undefined
  /**
   * A string member as UTF-8; undefined if it is missing or not a string. A view of the row if
   * nothing is escaped. Lone surrogates become U+FFFD.
   */
  text(name: Name): Buffer | undefined
  /**
   * A string member as a string, with lone surrogates replaced by U+FFFD. Undefined if it is
   * missing or not a string.
   */
  string(name: Name): string | undefined
  /**
   * A number, or a string that holds one, if it is written in digits with or without a fraction;
   * undefined otherwise.
   */
  number(name: Name): number | undefined
  /** Whether the member is `true`. */
  isTrue(name: Name): boolean
  /** Any member, parsed. Undefined if it is missing. */
  value(name: Name): unknown
}

const QUOTE = 0x22

/** A scanner for the given top-level members. It holds the result of one row at a time. */
export function fieldScanner<Name extends string>(names: readonly Name[]): FieldScanner<Name> {
  const { places, scan } = memberScanner(names)
  const placeOf = new Map(names.map((name, index) => [name, index * PLACE]))
  let current: Buffer = Buffer.alloc(0)
  const place = (name: Name): number => placeOf.get(name) ?? -1
  const startAt = (at: number): number => places[at] ?? -1
  const endAt = (at: number): number => places[at + 1] ?? -1
  const isEscaped = (at: number): boolean => places[at + 2] === 1
  const firstAt = (at: number): number => {
    const start = startAt(at)
    return start === -1 ? -1 : (current[start] ?? -1)
  }
  const sourceAt = (at: number): string => current.toString('utf8', startAt(at), endAt(at))
  const stringAt = (at: number): string =>
    isEscaped(at)
      ? unescaped(current, startAt(at), endAt(at))
      : current.toString('utf8', startAt(at) + 1, endAt(at) - 1)
  return {
    scan(row) {
      current = row
      return scan(row)
    },
    first: (name) => firstAt(place(name)),
    source(name) {
      const at = place(name)
      return firstAt(at) === -1 ? undefined : sourceAt(at)
    },
    text(name) {
      const at = place(name)
      if (firstAt(at) !== QUOTE) return undefined
      const [start, end] = [startAt(at) + 1, endAt(at) - 1]
      return isEscaped(at) ? unescapeJson(current, start, end) : current.subarray(start, end)
    },
    string(name) {
      const at = place(name)
      return firstAt(at) === QUOTE ? stringAt(at) : undefined
    },
    number(name) {
      const at = place(name)
      const first = firstAt(at)
      if (first === -1) return undefined
      const quote = first === QUOTE ? 1 : 0
      const integer = digits(current, startAt(at) + quote, endAt(at) - quote)
      if (integer !== undefined) return integer
      const written = first === QUOTE ? stringAt(at) : sourceAt(at)
      return /^-?\d+(\.\d+)?$/.test(written) ? Number(written) : undefined
    },
    isTrue: (name) => firstAt(place(name)) === 0x74,
    value(name) {
      const at = place(name)
      const first = firstAt(at)
      if (first === -1) return undefined
      if (first === QUOTE && !isEscaped(at)) return stringAt(at)
      return digits(current, startAt(at), endAt(at)) ?? JSON.parse(sourceAt(at))
    },
  }
}

/**
 * The number written in these digits; undefined for no digits, more than 15, or any other
 * character.
 */
function digits(row: Buffer, start: number, end: number): number | undefined {
  if (end <= start || end - start > 15) return undefined
  let number = 0
  for (let at = start; at < end; at++) {
    const digit = (row[at] ?? 0) - 0x30
    if (digit < 0 || digit > 9) return undefined
    number = number * 10 + digit
  }
  return number
}

/** Replaces lone surrogates, which have no UTF-8, with U+FFFD. */
export function wellFormed(text: string): string {
  return (text as string & ES2024String).toWellFormed()
}

/**
 * Present in every supported version of Node, but newer than the library types we compile against.
 */
interface ES2024String {
  toWellFormed(): string
}

function unescaped(row: Buffer, start: number, end: number): string {
  return wellFormed(JSON.parse(row.toString('utf8', start, end)) as string)
}
