import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { textColumn } from '../../core/batch.ts'
import { hardBytes, realTexts } from '../testing/texts.ts'
import type { Wanted } from './candidate-tables.ts'
import {
  type Candidates,
  COLON,
  candidateScanner,
  candidateScannerReference,
  FRAGMENT,
  MARK,
  NUMBER,
} from './candidates.ts'

const encoder = new TextEncoder()
const fragment = (text: string, anyCase = false) => ({ bytes: encoder.encode(text), anyCase })
const wanted: Wanted = {
  marks: [0x40, 0x23],
  numbers: true,
  fragments: [
    ...[
      fragment('ghp_'),
      fragment('token', true),
      fragment('tokens', true),
      fragment('the ', true),
      fragment('كلمة'),
    ],
    ...[
      fragment('كلم'),
      fragment('في ال'),
      fragment('éa'),
      fragment('、a', true),
      fragment('الطلبات'),
    ],
    ...Array.from('abcdefghijklmnopqrstuvwxyz', (letter) =>
      fragment(`${letter}e${letter}`, letter < 'n'),
    ),
  ],
}
/** With so many Arabic fragments that they have tables of their own. */
const manyArabic: Wanted = {
  ...wanted,
  fragments: [
    ...wanted.fragments,
    ...['لطل', 'طلبا', 'ات ', 'ال', '٤٤', 'في ط', 'كلمةكلمة', 'ةال'].map((text) => fragment(text)),
  ],
}
/** With fragments that may start inside a cluster of digits. */
const inClusters: Wanted = {
  ...wanted,
  fragments: [
    ...wanted.fragments,
    ...['3 4', '- 2', '(at)', '١ a', ' - '].map((text) => fragment(text)),
  ],
}
const reference = candidateScannerReference(wanted)
const scanners = [wanted, manyArabic, inClusters].map((one) => ({
  kernel: candidateScanner(one),
  reference: candidateScannerReference(one),
}))

const list = ({ count, positions, kinds }: Candidates): string =>
  Array.from({ length: count }, (_, i) => `${positions[i]}:${kinds[i]}`).join(' ')
const scan = (...rows: string[]): [number, number][] => {
  const { count, positions, kinds } = reference(textColumn(rows))
  return Array.from({ length: count }, (_, i) => [positions[i]!, kinds[i]!])
}
/** Rows one after another in one column, padded so that the kernel is used. */
function columnOf(rows: readonly Uint8Array[]) {
  const all = [...rows, new Uint8Array(600)]
  const offsets = new Int32Array(all.length + 1)
  for (const [row, bytes] of all.entries()) offsets[row + 1] = offsets[row]! + bytes.length
  const bytes = new Uint8Array(offsets.at(-1)!)
  for (const [row, text] of all.entries()) bytes.set(text, offsets[row]!)
  return { bytes, offsets }
}
const expectSame = (rows: readonly Uint8Array[]): void => {
  const column = columnOf(rows)
  for (const { kernel, reference } of scanners)
    expect(list(kernel(column))).toBe(list(reference(column)))
}

describe('scanning for candidates', () => {
  it('finds clusters of digits of three scripts, with separators and bidi marks in them', () => {
    expect(scan('call 555-0134 ext')).toEqual([[5, NUMBER]])
    expect(scan('٠٥٠ ١٢٣٤')).toEqual([[0, NUMBER]])
    expect(scan('۰۵۰\u200e-۱۲۳۴')).toEqual([[0, NUMBER]])
    expect(scan('1.2.3.4')).toEqual([[0, NUMBER]])
    expect(scan('in 1999, 2003 and 10:30')).toEqual([])
  })

  it('finds marks, colons of global addresses, and fragments in the wanted case', () => {
    expect(scan('a@b')).toEqual([[1, MARK]])
    expect(scan('2001:db8::1 at 10:30')).toEqual([[4, COLON]])
    expect(scan('Tokens ghp_ GHP_')).toEqual([
      [0, FRAGMENT + 1],
      [0, FRAGMENT + 2],
      [7, FRAGMENT],
    ])
  })

  it('never joins the bytes of two rows', () => {
    expect(scan('555', '0134 gh', 'p_')).toEqual([])
  })
})

describe('the kernel', () => {
  it('agrees with the reference on real text', () => {
    expectSame(realTexts())
  })

  it('agrees with the reference on hard bytes and on more candidates than its buffer holds', () => {
    expectSame(hardBytes())
    expectSame([encoder.encode('@'.repeat(100_000)), encoder.encode('tokens'.repeat(20_000))])
  })

  it('agrees with the reference on combinations of what it looks for, cut anywhere', () => {
    const piece = fc.constantFrom(
      '1',
      '23',
      '٤',
      '۵',
      ' ',
      '-',
      '.',
      '@',
      '#',
      '2a02:',
      'token',
      'S',
      'ghp',
      '_',
      'كلمة',
      'في ',
      'ال',
      'طلبات',
      'é',
      '、',
      'A',
      '\u200f',
      'eae',
    )
    const number = fc.constantFrom(
      ...[
        '1',
        '23',
        '456',
        '7890',
        '٤',
        '۵',
        ' ',
        '  ',
        '-',
        '.',
        ',',
        '/',
        '+',
        '(',
        ')',
        '(at)',
        ' - ',
        '@',
      ],
      ...['\u00a0', '\u200e', '\u2013', '2a02:', '2001:', ':', 'a', 'ghp_', 'token'],
    )
    const numbers = fc
      .array(number, { maxLength: 80 })
      .map((pieces) => encoder.encode(pieces.join('')))
    fc.assert(
      fc.property(fc.array(numbers, { maxLength: 6 }), (rows) => expectSame(rows)),
      { numRuns: 300 },
    )
    const row = fc.array(piece, { maxLength: 40 }).map((pieces) => encoder.encode(pieces.join('')))
    fc.assert(fc.property(fc.array(row, { maxLength: 6 }), (rows) => expectSame(rows)))
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 4 }), (rows) =>
        expectSame(rows),
      ),
    )
  })
})
