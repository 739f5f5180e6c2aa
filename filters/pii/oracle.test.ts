// Properties over generated text: agreement with plain patterns over strings, idempotence, linear
// time.
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Filter } from '../../src/core/filter.ts'
import { testContext } from '../../src/testing/context.ts'
import { applyFilter, prose } from '../../src/testing/filter.ts'
import { pii } from './index.ts'

let filter: Filter
let numbering: Filter
beforeAll(async () => {
  filter = await pii.create(pii.options.parse({}), testContext('/'))
  numbering = await pii.create(pii.options.parse({ placeholders: 'numbered' }), testContext('/'))
})
const redactAll = (texts: readonly string[], by = filter) =>
  applyFilter(
    by,
    texts.map((text) => prose(text)),
  ).texts

/** Patterns for findings that need no words around them, written without a scanner. */
const PLAIN: readonly [RegExp, string][] = [
  [/-----BEGIN RSA PRIVATE KEY-----[\s\S]*?-----END RSA PRIVATE KEY-----/g, '<KEY>'],
  [
    /(?<![\w.-])(?:AKIA[A-Z2-7]{16}|ghp_[A-Za-z0-9]{36}|npm_[A-Za-z0-9]{36}|AIza[\w-]{35})(?!\w)/g,
    '<KEY>',
  ],
  [/[A-Za-z0-9._%+-]+@(?!example\.)(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,24}/g, '<EMAIL>'],
  [/(?<![\w.])(?!10\.|127\.|192\.168\.)(?:\d{1,3}\.){3}\d{1,3}(?![\w.])/g, '<IP_ADDRESS>'],
  [/(?<!\w)SA\d{2}(?: \d{4}){5}(?!\w)/g, '<IBAN>'],
  [/(?<!\w)\+966[ -]?5\d[ -]?\d{3}[ -]?\d{4}(?!\w)|(?<![\w])05\d{8}(?!\w)/g, '<PHONE>'],
  [/(?<!\w)٠٥[٠-٩]{8}(?!\w)/g, '<PHONE>'],
  [/\(\d{3}\) \d{3}-\d{4}/g, '<PHONE>'],
]
const plain = (text: string) =>
  PLAIN.reduce((result, [pattern, name]) => result.replace(pattern, name), text)

const from = (characters: string, length: number) =>
  fc
    .array(fc.constantFrom(...characters), { minLength: length, maxLength: length })
    .map((all) => all.join(''))
const LETTERS = 'abcdefghijklmnopqrstuvwxyz'
const DIGITS = '0123456789'
const octet = fc
  .integer({ min: 32, max: 223 })
  .filter((n) => ![127, 100, 169, 172, 192, 198, 203].includes(n))

const personal = fc.oneof(
  fc.tuple(from(LETTERS, 5), from(LETTERS, 6)).map(([name, host]) => `${name}.x@${host}.com`),
  from('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 16).map((tail) => `AKIA${tail}`),
  from(LETTERS + DIGITS, 36).map((tail) => `ghp_${tail}`),
  from(LETTERS + DIGITS, 35).map((tail) => `AIza${tail}`),
  fc.tuple(octet, octet, octet, octet).map((octets) => octets.join('.')),
  from(DIGITS, 8).map((tail) => `05${tail}`),
  from('٠١٢٣٤٥٦٧٨٩', 8).map((tail) => `٠٥${tail}`),
  from(DIGITS, 8).map((tail) => `+966 5${tail[0]} ${tail.slice(1, 4)} ${tail.slice(4)}`),
  fc
    .tuple(from('23456789', 3), from('23456789', 3), from(DIGITS, 4))
    .map(([a, b, c]) => `(${a}) ${b}-${c}`),
  fc.constantFrom(
    'SA03 8000 0000 6080 1016 7519',
    `-----BEGIN RSA PRIVATE KEY-----\n${'MIIEow'.repeat(12)}\n-----END RSA PRIVATE KEY-----`,
  ),
)
const harmless = fc.constantFrom(
  ...[
    'the',
    'telescope',
    'مرصد',
    'في',
    'الجبل',
    '2020-01-31',
    '10:30',
    '3.14159',
    'v1.2',
    '127.0.0.1',
    'me@example.com',
    '@name',
  ],
  ...[
    'd41d8cd98f00b204e9800998ecf8427e',
    '550e8400-e29b-41d4-a716-446655440000',
    'x = 5',
    '1,000,000',
    'NGC 4565',
    '١٩٩٩',
  ],
)

describe('redaction', () => {
  it('finds what plain patterns over strings find', () => {
    const text = fc
      .array(fc.oneof(personal, harmless), { maxLength: 12 })
      .map((pieces) => pieces.join(' ، '))
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), (texts) => {
        expect(redactAll(texts)).toEqual(texts.map(plain))
      }),
      { numRuns: 200, seed: 1123 },
    )
  })

  it('finds nothing more in redacted text, whatever findings are adjacent', () => {
    const word = fc.constantFrom(
      'call',
      'هاتف',
      'card',
      'IBAN',
      'password: ',
      'NINO ',
      'AB123456C',
      'بطاقة التعريف ',
      'BE12345',
      'هوية',
      'version',
      'a',
      '1',
      '966',
      '00',
      '٥٠',
      '@',
      ':',
      '+',
      '(',
    )
    const glue = fc.constantFrom('', ' ', '-', ' - ', ', ', '\n', '/')
    const text = fc
      .array(fc.tuple(fc.oneof(personal, word), glue), { maxLength: 12 })
      .map((pieces) => pieces.flat().join(''))
    fc.assert(
      fc.property(text, (value) => {
        const once = redactAll([value])
        expect(redactAll(once)).toEqual(once)
        const numbered = redactAll([value], numbering)
        expect(redactAll(numbered, numbering)).toEqual(numbered)
        expect(numbered[0]?.replace(/_\d+>/g, '>')).toBe(once[0])
      }),
      { numRuns: 400 },
    )
  })
})

describe('200 kB of hostile text', () => {
  // Quadratic work would take minutes: the time limit of a test is the assertion.
  it.each([
    '@',
    '1',
    'a@',
    'a.',
    '1 ',
    '1.',
    '+1 ',
    'eyJ',
    'eyJ.',
    'token=',
    'SA03 ',
    '-----BEGIN PRIVATE KEY-----',
    '05012345',
    '://a:b@',
    '٥',
    '(at)',
    'a@b.',
    '2a02:',
    'ghp_',
    'password: ',
    'key="',
    'curl -u a:',
    '--user ',
    'kind: secret\ndata:\n a: ',
    'authorization: ',
    'aaa8Q~',
    'مفتاح ',
    'كلمة السر هي ',
    'NINO ',
    'PAN AB123456C ',
    'بطاقة التعريف BE12345',
  ])('of %j is read in linear time', (piece) => {
    const text = piece.repeat(Math.ceil(200_000 / piece.length))
    expect(redactAll([text])).toHaveLength(1)
  })
})
