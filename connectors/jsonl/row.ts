import type { Document } from '../../src/core/document.ts'
import { fieldScanner } from '../../src/text/json-fields.ts'
import { rowMapping } from '../../src/text/rows/mapping.ts'
import type { RowOptions } from '../../src/text/rows/options.ts'

/** Turns a row (one JSON object) into a document, or returns the reason why it is skipped. */
export type RowReader = (row: Buffer) => Document | string

/**
 * Prepares the field mapping once. Rows are scanned for the mapped members, not parsed as a whole.
 */
export function rowReader(options: RowOptions): RowReader {
  const { names, documentOf } = rowMapping(options)
  const scanner = fieldScanner(names)
  const fields = {
    text: scanner.text,
    value: scanner.value,
    // Parsing would round ids above 2^53, so a number keeps the digits of the source.
    word: (name: string) =>
      isNumber(scanner.first(name)) ? scanner.source(name) : scanner.string(name),
  }
  return (row) => (scanner.scan(row) ? documentOf(fields) : 'malformed-row')
}

/** Whether a JSON value that starts with this byte is a number. */
function isNumber(first: number): boolean {
  return first === 0x2d || (first >= 0x30 && first <= 0x39)
}
