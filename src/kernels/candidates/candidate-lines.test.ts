import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { textColumn } from '../../core/batch.ts'
import { realTexts } from '../testing/texts.ts'
import { candidateLines, candidateLinesReference } from './candidate-lines.ts'

const kernel = candidateLines()
const decoder = new TextDecoder()
const signs = Uint8Array.of(1, 2, 4, 128)

/** The lines around every `step`th byte. */
function bothOf(rows: readonly string[], step: number) {
  const column = textColumn(rows)
  const count = Math.ceil(column.bytes.length / step)
  const positions = Uint32Array.from({ length: count }, (_, i) => i * step)
  const candidates = { count, positions, kinds: Uint16Array.from(positions, (at) => (at * 7) & 3) }
  return {
    actual: kernel(column, candidates, signs),
    expected: candidateLinesReference(column, candidates, signs),
  }
}

const isSame = (some: Uint32Array, others: Uint32Array): boolean =>
  some.length === others.length && some.every((number, i) => number === others[i])
const fourBytes = (text: string): number => Buffer.from(text.padEnd(4, '\0')).readUInt32LE()

describe('lines around candidates', () => {
  it('end after their line break or with their row, and skip blanks in their first bytes', () => {
    const candidates = {
      count: 4,
      positions: Uint32Array.of(0, 1, 4, 7),
      kinds: Uint16Array.of(0, 3, 1, 1),
    }
    const lines = candidateLinesReference(
      textColumn(['ab\n\t e', '', '# fghijkl']),
      candidates,
      signs,
    )
    expect([...lines]).toEqual([
      ...[0, 3, 0, 129, fourBytes('ab\n'), 0],
      ...[3, 6, 2, 2, fourBytes('e'), 0],
      ...[6, 15, 3, 2, fourBytes('# fg'), fourBytes('hijk')],
    ])
    const blank = { count: 2, positions: Uint32Array.of(0, 1), kinds: Uint16Array.of(0, 0) }
    const empty = candidateLinesReference(textColumn(['', '\n ب']), blank, signs)
    expect([...empty]).toEqual([...[0, 1, 0, 1, 0, 0], ...[1, 4, 1, 1, fourBytes('ب'), 0]])
  })

  it('are the same from the kernel on real text', () => {
    const rows = realTexts().map((bytes) => decoder.decode(bytes))
    for (const step of [1, 37, 1009]) {
      const { actual, expected } = bothOf(rows, step)
      expect(isSame(actual, expected)).toBe(true)
    }
  })

  it('are the same from the kernel for very many candidates', () => {
    for (const [text, times] of [
      ['#\n', 140_000],
      ['#', 100_000],
      ['ا #\n\n##', 30_000],
    ] as const) {
      const { actual, expected } = bothOf(['', text.repeat(times), 'a', text.repeat(9)], 1)
      expect(isSame(actual, expected)).toBe(true)
    }
  })

  it('are the same from the kernel wherever lines and rows end', () => {
    const piece = fc.constantFrom(
      '\n',
      'a',
      'ب',
      '# ',
      'fifteen letters',
      ' and seventeen\n  ',
      'x'.repeat(40),
    )
    const row = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 6 }),
        fc.integer({ min: 1, max: 50 }),
        (rows, step) => {
          const { actual, expected } = bothOf(rows, step)
          expect(actual).toEqual(expected)
        },
      ),
    )
  })
})
