// Dates, which most clusters of digits are. They are recognised in the bytes, before a cluster is
// read.
import { digitLength, separatorLength } from '../../src/kernels/candidates/candidates.ts'
import { passesLuhn } from './bank.ts'
import type { Passage } from './finding.ts'

/**
 * End of the cluster if it is certainly a date, possibly with a time (`2015-01-17 11:54`), as most
 * clusters of logs and changelogs are. Undefined for anything else, and near a sign that may make
 * it a number.
 */
export function dateEnd(passage: Passage, first: number, from: number): number | undefined {
  const { bytes, end } = passage
  const before = first > from ? (bytes[first - 1] ?? 0) : NEWLINE
  if (!beforeDate[before] || (before === SPACE && bytes[first - 2] === PLUS)) return undefined
  let at = digitsUntil(bytes, first, end)
  const isYear =
    at === first + 4 &&
    (bytes[first] === 0x31 || (bytes[first] === 0x32 && bytes[first + 1] === 0x30))
  for (let part = 0; part < 2; part++) {
    const next = digitsUntil(bytes, at + 1, end)
    const size = next - at - 1
    if (!isYear || (bytes[at] !== 0x2d && bytes[at] !== 0x2f) || size < 1 || size > 2)
      return undefined
    at = next
  }
  const hour = bytes[at] === SPACE ? digitsUntil(bytes, at + 1, end) : at
  if (hour > at + 1) {
    // Ten digits may be the number of a Saudi identity card.
    if (hour > at + 3 || passesLuhn(bytes.toString('latin1', first, hour).replace(/\D/g, '')))
      return undefined
    at = hour
  }
  for (; at < end; at++) {
    const length = separatorLength(bytes, at, end)
    if (length === 0) return digitLength(bytes, at, end) > 0 ? undefined : at
    // Anything but a blank or a hyphen may mean something.
    if (bytes[at] !== SPACE && bytes[at] !== 0x2d) return undefined
  }
  return end
}

const SPACE = 0x20
const NEWLINE = 0x0a
const PLUS = 0x2b
const beforeDate: readonly boolean[] = Array.from({ length: 256 }, (_, byte) =>
  '\n\t |,;:"\'[='.includes(String.fromCharCode(byte)),
)

/** End of the ASCII digits from `at`. */
function digitsUntil(bytes: Uint8Array, at: number, end: number): number {
  let next = at
  while (next < end && (bytes[next] ?? 0) >= 0x30 && (bytes[next] ?? 0) <= 0x39) next++
  return next
}
