import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fieldScanner } from './json-fields.ts'

const NAMES = ['a', 'text', 'قمر', 'a"b', '']

/** What `JSON.parse` finds in a row; undefined if the row is not an object. */
function parsed(row: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(row)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

/** The number that a value is or holds, if it is written without an exponent. */
function inDigits(value: unknown, source: string | undefined): number | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  return /^-?\d+(\.\d+)?$/.test(typeof value === 'string' ? value : (source ?? ''))
    ? Number(value)
    : undefined
}

function expectSame(row: string): void {
  const scanner = fieldScanner(NAMES)
  const expected = parsed(row)
  expect(scanner.scan(Buffer.from(row)), row).toBe(expected !== undefined)
  if (expected === undefined) return
  for (const name of NAMES) {
    const value = Object.hasOwn(expected, name) ? expected[name] : undefined
    expect(scanner.value(name), `${name} of ${row}`).toEqual(value)
    const wellFormed = typeof value === 'string' ? Buffer.from(value).toString() : undefined
    expect(scanner.string(name), `${name} of ${row}`).toBe(wellFormed)
    expect(scanner.number(name), `${name} of ${row}`).toBe(inDigits(value, scanner.source(name)))
    const text = scanner.text(name)
    expect(text === undefined ? undefined : Buffer.from(text).toString()).toBe(wellFormed)
  }
}

/** Objects whose members often have wanted names, in the many spellings that JSON allows. */
const key = fc.oneof(fc.constantFrom(...NAMES, 'other', 'tex', 'textt'), fc.string())
const json = fc.jsonValue({ maxDepth: 3 })
const object = fc.dictionary(key, json).chain((value) =>
  fc
    .record({ indent: fc.constantFrom('', ' ', '\t', '\r'), escaped: fc.boolean() })
    .map(({ indent, escaped }) => {
      const plain = JSON.stringify(value, undefined, indent)
      return escaped
        ? plain.replace(
            /[a-z\u0600-\u06ff](?=[^"\\]*":)/gu,
            (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
          )
        : plain
    }),
)

describe('fieldScanner', () => {
  it('finds what JSON.parse finds', () => {
    fc.assert(fc.property(object, expectSame), { numRuns: 200 })
  })

  it('accepts exactly what JSON.parse accepts', () => {
    const damaged = fc
      .tuple(
        object,
        fc.nat(),
        fc.constantFrom(
          '',
          '"',
          '\\',
          '{',
          '}',
          ']',
          ',',
          ':',
          '0',
          '-',
          '.',
          'e',
          'x',
          '\u0001',
          ' ',
          'é',
        ),
        fc.boolean(),
      )
      .map(([row, at, piece, replace]) => {
        const place = at % (row.length + 1)
        return row.slice(0, place) + piece + row.slice(place + (replace ? 1 : 0))
      })
    fc.assert(fc.property(damaged, expectSame), { numRuns: 600 })
  })

  it('agrees with JSON.parse on edge cases of the grammar', () => {
    const values = [
      '0',
      '-0',
      '01',
      '-',
      '1.',
      '.5',
      '1e5',
      '1E+05',
      '1e',
      '+1',
      'true',
      'tru',
      'truex',
      'null',
      'NaN',
      '""',
      '"\\u00zz"',
      '"\\x"',
      '"\t"',
      "'a'",
      '[]',
      '[1,]',
      '[,1]',
      '{}',
      '{"a":1,}',
      '{1:2}',
      '"\\ud800"',
      '"\\ud83d\\ude00"',
      '"\\uDE00\\uD83D"',
      '"\\ud83d\\ud83d\\ude00x"',
      '"\\u00e9\\u0800\\u0000\\uFFFF"',
      '"قمر\\n\\"\\/"',
      '1 2',
      '',
    ]
    for (const value of values)
      for (const row of [
        `{"a":${value}}`,
        `{"b":[${value}],"a":1}`,
        ` { "b" : ${value} , "a" : 2 } `,
      ])
        expectSame(row)
    for (const row of [
      '',
      '[]',
      '1',
      '"a"',
      '{',
      '}',
      '{}',
      ' {} ',
      '{}x',
      '{"a"}',
      '{"a":}',
      '{"a":1}{"a":2}',
      '\ufeff{}',
    ])
      expectSame(row)
  })

  it('takes the last of repeated members', () => {
    expectSame('{"a":1,"text":"x","a":"2","\\u0061":3}')
  })

  it('reads numbers, both as numbers and as strings', () => {
    const values = [
      '0',
      '-0',
      '7',
      '"7"',
      '-7',
      '007',
      '"007"',
      '1.50',
      '"1.5"',
      '1e3',
      '""',
      '"-"',
      '" 7"',
      'true',
    ]
    const long = [
      '123456789012345',
      '1234567890123456',
      '"12345678901234567890"',
      '"\\u0037"',
      '"٧"',
      '{}',
      '[7]',
    ]
    for (const value of [...values, ...long]) expectSame(`{"a":${value}}`)
  })

  it('follows nesting of any depth', () => {
    const depth = 200_000
    const row = Buffer.from(`{"x":${'['.repeat(depth)}${']'.repeat(depth)},"a":1}`)
    const scanner = fieldScanner(['a'])
    expect(scanner.scan(row)).toBe(true)
    expect(scanner.value('a')).toBe(1)
    expect(scanner.scan(row.subarray(0, depth))).toBe(false)
  })
})
