// What the filter `pii` takes for keys, and for other personal data, in a text.
import { findIn, WANTED } from '../../filters/pii/find.ts'
import type { PiiType } from '../../filters/pii/finding.ts'
import { textColumn } from '../../src/core/batch.ts'
import { candidateScanner } from '../../src/kernels/candidates/candidates.ts'

/** A finding: UTF-16 units `[start, end)` of the text. */
export interface FoundSpan {
  readonly type: PiiType
  readonly start: number
  readonly end: number
}

/** Finds what is personal in a text; `strict` as for code. */
export type SpanFinder = (text: string, strict: boolean) => readonly FoundSpan[]

/** Finds the keys of a text. */
export const keyFinder = (): SpanFinder => spanFinder((type) => type === 'key')

/** Finds what is of the wanted types. */
export function spanFinder(wanted: (type: PiiType) => boolean): SpanFinder {
  const scan = candidateScanner(WANTED)
  return (text, strict) => {
    const column = textColumn([text])
    const { buffer, byteOffset, length } = column.bytes
    const bytes = Buffer.from(buffer, byteOffset, length)
    const candidates = scan(column)
    const end = column.offsets[1] ?? 0
    const units = (at: number): number => bytes.toString('utf8', 0, at).length
    return findIn({ bytes, start: 0, end, strict }, candidates, 0, candidates.count)
      .filter(({ type }) => wanted(type))
      .map(({ type, start, end }) => ({ type, start: units(start), end: units(end) }))
  }
}
