import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hardBytes, realTexts } from '../testing/texts.ts'
import { memberScanner } from './kernel.ts'
import { type MemberScanner, PLACE, referenceMemberScanner } from './reference.ts'

const NAMES = ['a', 'text', 'قمر', 'created_utc', 'title', '']

/** Each wanted member as it is written; undefined if the row is not an object. */
function membersOf(scanner: MemberScanner, row: Buffer): (string | undefined)[] | undefined {
  if (!scanner.scan(row)) return undefined
  return NAMES.map((_, index) => {
    const [start = -1, end = -1, escaped = -1] = scanner.places.subarray(index * PLACE)
    if (start === -1) return undefined
    const source = row.toString('utf8', start, end)
    return source.startsWith('"') ? `${escaped}${source}` : source
  })
}

function isObject(row: Buffer): boolean {
  try {
    const value: unknown = JSON.parse(row.toString())
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

const kernel = memberScanner(NAMES)
const reference = referenceMemberScanner(NAMES)

function expectSame(row: Buffer): void {
  const members = membersOf(kernel, row)
  expect(members).toEqual(membersOf(reference, row))
  expect(members !== undefined, row.toString()).toBe(isObject(row))
}

describe.each([
  ['reference', referenceMemberScanner],
  ['kernel', memberScanner],
])('%s', (_, scannerOf) => {
  const scanner = scannerOf(NAMES)

  it('finds where values start and end, and which strings have escapes', () => {
    const row = Buffer.from(
      '{"b":{"a":1},"a": [1,"]"] ,"text":"x\\n","title":"","created_utc":1e3}',
    )
    expect(membersOf(scanner, row)).toEqual([
      '[1,"]"]',
      '1"x\\n"',
      undefined,
      '1e3',
      '0""',
      undefined,
    ])
  })

  it('takes the last of repeated members, even if their names are written with escapes', () => {
    expect(membersOf(scanner, Buffer.from('{"a":1,"a":2}'))?.[0]).toBe('2')
    expect(membersOf(scanner, Buffer.from('{"a":1,"\\u0061":3,"t\\u0065xt":4,"":5}'))).toEqual([
      ...['3', '4', undefined, undefined, undefined, '5'],
    ])
  })

  it('follows nested objects and arrays to any depth', () => {
    const depth = 100_000
    const nested = `${'[{"a":'.repeat(depth)}0${'}]'.repeat(depth)}`
    expect(membersOf(scanner, Buffer.from(`{"x":${nested},"a":1}`))?.[0]).toBe('1')
    expect(membersOf(scanner, Buffer.from(`{"a":${nested}`))).toBeUndefined()
    expect(membersOf(scanner, Buffer.from(`{"a":${'['.repeat(depth)}}`))).toBeUndefined()
  })
})

describe('kernel, reference and JSON.parse', () => {
  it('agree on rows of thousands of real texts', () => {
    const texts = realTexts().map((bytes) => Buffer.from(bytes).toString())
    expect(texts.length).toBeGreaterThan(1500)
    for (const [i, text] of texts.entries()) {
      expectSame(
        Buffer.from(
          JSON.stringify({
            id: i,
            title: text.slice(0, 40),
            tags: [text],
            text,
            created_utc: i / 7,
          }),
        ),
      )
    }
  })

  it('agree on rows cut off or damaged at any byte, whatever row came before', () => {
    const row = Buffer.from(
      '{"a":[{"b":"\\u0661\\n"},-1.5e+7,true,null] , "text" : "قمر", "قمر":{"text":false}}',
    )
    for (let at = 0; at < row.length; at++) {
      // The complete row leaves in memory what the cut one lacks.
      expectSame(row)
      expectSame(row.subarray(0, at))
      for (const byte of Buffer.from('"\\{}[],:0eu-.t \u0000\u001f')) {
        const damaged = Buffer.from(row)
        damaged[at] = byte
        expectSame(Buffer.from(damaged.toString()))
      }
    }
  })

  it('agree on strings and white space of any length', () => {
    for (let length = 0; length < 70; length++) {
      const fill = 'x'.repeat(length)
      const space = ' \t\r\n'.repeat(length)
      for (const value of ['"', '\\"', '\\\\', '\\u00e9"', '\\u00e"', '\u0001"', 'é"']) {
        expectSame(
          Buffer.from(`{${space}"${fill}":"${fill}${value},"a"${space}:"${fill}"${space}}${space}`),
        )
      }
    }
  })

  it('agree on rows longer than the kernels’ window', () => {
    for (const length of [(1 << 20) - 40, 1 << 20, (1 << 20) + 40]) {
      expectSame(Buffer.from(`{"text":"${'م'.repeat(length / 2 - 12)}","a":1}`))
    }
  })

  it('agree on bytes that are not JSON at all', () => {
    for (const bytes of hardBytes()) expect(membersOf(kernel, Buffer.from(bytes))).toBeUndefined()
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"',
      ':',
      ',',
      '"a"',
      '\\',
      '0',
      '-',
      'e',
      '.',
      'true',
      'null',
      ' ',
    )
    const row = fc
      .array(piece, { maxLength: 12 })
      .map((pieces) => Buffer.from(`{"a":${pieces.join('')}}`))
    fc.assert(fc.property(row, expectSame), { numRuns: 3000 })
  })
})
