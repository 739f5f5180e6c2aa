import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { textColumn } from '../../core/batch.ts'
import { hardBytes, realTexts } from '../testing/texts.ts'
import { lineCounter, lineFolder } from './kernel.ts'
import { COUNT, FLAG, foldLinesReference, linesWithTextReference } from './reference.ts'

const encoder = new TextEncoder()
const kernel = lineFolder()
const count = lineCounter()

/** A column and its rows as lines. */
function columnOf(rows: readonly Uint8Array[]) {
  const offsets = new Int32Array(rows.length + 1)
  const lines = new Uint32Array(rows.length * 2)
  for (const [i, row] of rows.entries()) {
    offsets[i + 1] = offsets[i]! + row.length
    lines.set([offsets[i]!, offsets[i + 1]!], i * 2)
  }
  const bytes = new Uint8Array(offsets.at(-1)!)
  for (const [i, row] of rows.entries()) bytes.set(row, offsets[i])
  return { column: { bytes, offsets }, lines }
}
function expectSame(rows: readonly Uint8Array[]): void {
  const { column, lines } = columnOf(rows)
  const expected = foldLinesReference(column, lines)
  kernel(column, lines, (actual) => {
    expect(Buffer.from(actual.bytes).equals(expected.bytes)).toBe(true)
    expect(actual.offsets).toEqual(expected.offsets)
    expect(actual.counts).toEqual(expected.counts)
  })
  for (let i = 0; i < rows.length; i++) {
    const [start, end] = [lines[i * 2]!, lines[i * 2 + 1]!]
    expect(count(column, start, end)).toBe(linesWithTextReference(column.bytes, start, end))
  }
}

function fold(text: string) {
  const column = textColumn([text])
  const { bytes, counts } = foldLinesReference(column, Uint32Array.of(0, column.bytes.length))
  const values = Object.fromEntries(
    Object.entries(COUNT).map(([name, place]) => [name, counts[place]]),
  )
  return { text: Buffer.from(bytes).toString(), ...values }
}

describe('folding a line', () => {
  it('writes one spelling and single blanks, and drops marks and addresses', () => {
    expect(fold('READ  \u00a0More\u200b now').text).toBe('read more now')
    expect(fold('إِعْلانــات ىٰة').text).toBe('اعلانات يه')
    expect(fold('see (https://a.b/c?d=1) www.x.y!').text).toBe('see ( )  '.replace('  ', ' '))
  })

  it('counts words, tokens, tags and digits', () => {
    expect(fold('#a @b c-d ٣٤ x <')).toMatchObject({
      ...{ words: 6, tokens: 3, tags: 2, digits: 2, crosses: 1, span: 13, flags: FLAG.bracket },
    })
    expect(fold('http://a1.b/٢ 😀')).toMatchObject({
      words: 0,
      tokens: 1,
      digits: 2,
      flags: FLAG.address,
    })
    expect(fold('😀 \u2003✂')).toMatchObject({ words: 0, span: 0, flags: FLAG.foreign })
    expect(fold('boo\u212a now')).toMatchObject({ flags: FLAG.odd })
  })

  it('counts lines with text', () => {
    const lines = (text: string) =>
      linesWithTextReference(encoder.encode(text), 0, Buffer.byteLength(text))
    expect(['', '\n \n', 'a', 'a\n', '\na\n\n b\r\n', 'ب\n\t\nج'].map(lines)).toEqual([
      0, 0, 1, 1, 2, 2,
    ])
  })
})

describe('the kernel', () => {
  it('agrees with the reference on real text split into lines', () => {
    expectSame(
      realTexts()
        .flatMap((text) => Buffer.from(text).toString().split('\n'))
        .map((line) => encoder.encode(line)),
    )
  })

  it('agrees with the reference on hard bytes', () => {
    expectSame(hardBytes())
  })

  it('counts lines like the reference, even with blanks and breaks across blocks', () => {
    const piece = fc.constantFrom(
      '\n',
      '\n',
      ' ',
      '\t \r',
      'a',
      'ب',
      '\0',
      ' '.repeat(61),
      '\n'.repeat(63),
      'x'.repeat(64),
    )
    const text = fc.array(piece, { maxLength: 40 }).map((pieces) => encoder.encode(pieces.join('')))
    fc.assert(
      fc.property(text, fc.nat(70), fc.nat(70), (bytes, from, less) => {
        const start = Math.min(from, bytes.length)
        const end = Math.max(start, bytes.length - less)
        expect(count(columnOf([bytes]).column, start, end)).toBe(
          linesWithTextReference(bytes, start, end),
        )
      }),
      { numRuns: 500 },
    )
  })

  it('agrees with the reference on addresses of any length', () => {
    const piece = fc.constantFrom(
      ...[
        'http://',
        'www.',
        'https://a',
        '0',
        '123456',
        'a/b?c=d&',
        '<',
        '>',
        '"',
        "'",
        '`',
        ')',
        ']',
        '(',
        '\u00a0',
      ],
      ...['ب٣', '۴', 'é', '\u2003', '\n', ' ', '\x01', '[x', '='],
    )
    const row = fc
      .array(piece, { maxLength: 40 })
      .map((pieces) => encoder.encode(`www.a${pieces.join('')}`))
    fc.assert(
      fc.property(fc.array(row, { maxLength: 4 }), (rows) => expectSame(rows)),
      { numRuns: 300 },
    )
  })

  it('agrees with the reference on combinations of what folding looks for, cut anywhere', () => {
    const piece = fc.constantFrom(
      ...[
        'a',
        'B',
        'x',
        'X',
        ' ',
        '  ',
        '\t',
        '\n',
        '1',
        '#',
        '@',
        '<',
        '-',
        'h',
        'w',
        'http',
        'https://',
        'WWW.',
        '://a)',
      ],
      ...[
        '\u00a0',
        '\u1680',
        '\u2003',
        '\u2028',
        '\u202f',
        '\u205f',
        '\u3000',
        '\ufeff',
        '\u200b',
        '\u202a',
        '\u2065',
      ],
      ...[
        'أ',
        'ى',
        'ة',
        'ٱ',
        'ب',
        '\u064b',
        '\u0670',
        'ـ',
        '٣',
        '۴',
        '،',
        '؟',
        'é',
        'İ',
        '\u212a',
        'ſ',
        '＃',
        '😀',
        '\u{1f1f8}',
      ],
    )
    const row = fc.array(piece, { maxLength: 30 }).map((pieces) => encoder.encode(pieces.join('')))
    const cut = fc
      .tuple(row, fc.nat(4))
      .map(([bytes, less]) => bytes.subarray(0, bytes.length - Math.min(less, bytes.length)))
    fc.assert(
      fc.property(fc.array(cut, { maxLength: 6 }), (rows) => expectSame(rows)),
      { numRuns: 500 },
    )
    const letters = fc.constantFrom(
      ...['ب', 'أ', 'ة', 'ى', 'ٱ', 'ـ', '\u064b', '٣', '،', ' ', 'كلمات', 'مرصد في', 'x'],
    )
    const arabic = fc
      .array(letters, { maxLength: 40 })
      .map((pieces) => encoder.encode(pieces.join('')))
    fc.assert(fc.property(fc.array(arabic, { maxLength: 4 }), (rows) => expectSame(rows)))
    const plain = fc.constantFrom(
      ...[
        'a',
        'X',
        'x ',
        'h',
        't',
        'w',
        'W',
        ' ',
        'is ',
        '1',
        '-',
        'of',
        '_.',
        '  #',
        '<',
        '\u00e9',
      ],
    )
    const long = fc
      .array(plain, { minLength: 10, maxLength: 80 })
      .map((pieces) => encoder.encode(pieces.join('')))
    fc.assert(
      fc.property(fc.array(long, { maxLength: 4 }), (rows) => expectSame(rows)),
      { numRuns: 500 },
    )
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 4 }), (rows) =>
        expectSame(rows),
      ),
    )
  })
})
