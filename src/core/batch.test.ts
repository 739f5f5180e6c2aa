import { expect, it } from 'vitest'
import { textAt, textBuilder, textColumn } from './batch.ts'

const LONG = ['a long text of letters only: '.repeat(9), `${'nearly '.repeat(9)}é`]
const VALUES = [
  '',
  'en',
  'القمر',
  '',
  '\u{1f30d} moon',
  ...LONG,
  'lone \ud83c',
  '\udf0d surrogates',
]
const WRITTEN = [...VALUES.slice(0, 7), 'lone \ufffd', '\ufffd surrogates']

it('builds columns of strings, with U+FFFD for lone surrogates', () => {
  const builder = textBuilder(1, 1)
  for (const value of VALUES) {
    builder.appendText(value)
    builder.endRow()
  }
  for (const column of [textColumn(VALUES), builder.finish()]) {
    expect(VALUES.map((_, row) => textAt(column, row))).toEqual(WRITTEN)
    expect(column.bytes.length).toBe(column.offsets[VALUES.length])
  }
})

it('allocates exactly the bytes a column of labels needs', () => {
  expect(textColumn(['ar', 'en', '']).bytes.buffer.byteLength).toBe(4)
})
