import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { textColumn } from '../core/batch.ts'
import { lineBounder, lineBoundsReference } from './line-bounds.ts'
import { realTexts } from './testing/texts.ts'

const kernel = lineBounder()
const decoder = new TextDecoder()

/** Bounds of the lines around every `step`th byte. */
function bothOf(rows: readonly string[], step: number) {
  const column = textColumn(rows)
  const count = Math.ceil(column.bytes.length / step)
  const places = { count, positions: Uint32Array.from({ length: count }, (_, i) => i * step) }
  return { actual: kernel(column, places), expected: lineBoundsReference(column, places) }
}

describe('lines around candidates', () => {
  it('end behind their line break or with their row', () => {
    const places = { count: 4, positions: Uint32Array.of(0, 1, 4, 7) }
    const expected = [0, 3, 0, 3, 3, 5, 5, 8]
    expect([...lineBoundsReference(textColumn(['ab\nde', '', 'fgh']), places)]).toEqual(expected)
    expect([...lineBoundsReference(textColumn(['', '\n\n']), { count: 2, positions: Uint32Array.of(0, 1) })]).toEqual([
      0, 1, 1, 2,
    ])
  })

  it('are the same by the kernel on real text', () => {
    const rows = realTexts().map((bytes) => decoder.decode(bytes))
    for (const step of [1, 37, 1009]) {
      const { actual, expected } = bothOf(rows, step)
      expect(Buffer.compare(Buffer.from(actual.buffer), Buffer.from(expected.buffer))).toBe(0)
    }
  })

  it('are the same by the kernel wherever lines and rows end', () => {
    const piece = fc.constantFrom('\n', 'a', 'ب', 'fifteen letters', ' and seventeen\n  ', 'x'.repeat(40))
    const row = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(fc.array(row, { maxLength: 6 }), fc.integer({ min: 1, max: 50 }), (rows, step) => {
        const { actual, expected } = bothOf(rows, step)
        expect(actual).toEqual(expected)
      }),
    )
  })
})
