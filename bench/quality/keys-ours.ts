// What the filter `pii` takes for keys in a text.

import { findIn, WANTED } from '../../filters/pii/find.ts'
import { textColumn } from '../../src/core/batch.ts'
import { candidateScanner } from '../../src/kernels/candidates/candidates.ts'

/** A key: UTF-16 units `[start, end)` of the text. */
export interface FoundKey {
  readonly start: number
  readonly end: number
}

/** Finds the keys of a text; `strict` as for code. */
export function keyFinder(): (text: string, strict: boolean) => readonly FoundKey[] {
  const scan = candidateScanner(WANTED)
  return (text, strict) => {
    const column = textColumn([text])
    const { buffer, byteOffset, length } = column.bytes
    const bytes = Buffer.from(buffer, byteOffset, length)
    const candidates = scan(column)
    const end = column.offsets[1] ?? 0
    const units = (at: number): number => bytes.toString('utf8', 0, at).length
    return findIn({ bytes, start: 0, end, strict }, candidates, 0, candidates.count)
      .filter(({ type }) => type === 'key')
      .map((finding) => ({ start: units(finding.start), end: units(finding.end) }))
  }
}
