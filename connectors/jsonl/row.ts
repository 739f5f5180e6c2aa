import type { Document } from '../../src/core/document.ts'
import { fieldScanner } from '../../src/text/json-fields.ts'
import { rowMapping } from '../../src/text/rows/mapping.ts'
import type { RowOptions } from '../../src/text/rows/options.ts'

/** Makes documents of rows; a string is the reason why a row gives none. */
export type RowReader = (row: Buffer) => Document | string

/** Prepares the field mapping once; rows are then scanned, not parsed. */
export function rowReader(options: RowOptions): RowReader {
  const { names, documentOf } = rowMapping(options)
  const scanner = fieldScanner(names)
  const fields = {
    text: scanner.text,
    value: scanner.value,
    // Large ids do not survive parsing: a number is taken as it is written.
    word: (name: string) =>
      isNumber(scanner.first(name)) ? scanner.source(name) : scanner.string(name),
  }
  return (row) => (scanner.scan(row) ? documentOf(fields) : 'malformed-row')
}

/** Whether a JSON value that begins with this byte is a number. */
function isNumber(first: number): boolean {
  return first === 0x2d || (first >= 0x30 && first <= 0x39)
}
