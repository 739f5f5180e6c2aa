import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type TextColumn, textAt, textColumn } from '../core/batch.ts'
import { columnGatherer } from './column-gatherer.ts'
import type { Columns } from './columns.ts'

const columnsOf = (texts: readonly string[]): Columns => ({
  text: textColumn(texts),
  size: Uint32Array.from(texts, (text) => text.length),
})

function valuesOf(columns: Columns): [string, number][] {
  return Array.from(columns.size as Uint32Array, (size, row) => [
    textAt(columns.text as TextColumn, row),
    size,
  ])
}

it('gathers stretches of rows, reusing its memory in every round', () => {
  const rows = fc.array(
    fc.constantFrom('', 'a', 'نص عربي', 'more English text', 'x'.repeat(3000)),
    { maxLength: 20 },
  )
  const stretch = rows.chain((texts) =>
    fc
      .tuple(fc.constant(texts), fc.nat(texts.length), fc.nat(texts.length))
      .map(([values, a, b]) => {
        return { values, start: Math.min(a, b), end: Math.max(a, b) }
      }),
  )
  fc.assert(
    fc.property(
      fc.array(fc.array(stretch, { minLength: 1, maxLength: 5 }), { maxLength: 4 }),
      (rounds) => {
        const gatherer = columnGatherer()
        for (const round of rounds) {
          const expected: [string, number][] = []
          for (const { values, start, end } of round) {
            gatherer.append(columnsOf(values), start, end)
            expected.push(
              ...values.slice(start, end).map((text): [string, number] => [text, text.length]),
            )
          }
          expect(gatherer.rows).toBe(expected.length)
          expect(valuesOf(gatherer.take())).toEqual(expected)
          expect(gatherer.rows).toBe(0)
        }
      },
    ),
  )
})
