import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type TextColumn, textBuilder, textColumn } from '../../core/batch.ts'
import { hardBytes, realTexts } from '../testing/texts.ts'
import { rowDigests, rowDigestsReference } from './sha256.ts'

const encoder = new TextEncoder()

function columnOf(rows: readonly Uint8Array[]): TextColumn {
  const builder = textBuilder()
  for (const row of rows) {
    builder.append(row)
    builder.endRow()
  }
  return builder.finish()
}

function expectAgreement(prefix: string, rows: readonly Uint8Array[]): void {
  const column = columnOf(rows)
  const bytes = encoder.encode(prefix)
  expect(Buffer.from(rowDigests(bytes)(column)).equals(rowDigestsReference(bytes, column))).toBe(
    true,
  )
}

it('returns the digests of the standard', () => {
  const digests = Buffer.from(rowDigests(encoder.encode('a'))(textColumn(['bc', ''])))
  expect(digests.toString('hex')).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015adca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb',
  )
})

it('agrees with the platform on real rows, hard rows and no rows', () => {
  expectAgreement('split\0', realTexts())
  expectAgreement('', [...hardBytes()])
  expectAgreement('قسمة\0', [])
})

it('agrees with the platform for every length up to a few blocks', () => {
  const rows = Array.from({ length: 200 }, (_, length) => new Uint8Array(length).fill(length + 1))
  for (const prefix of ['', 'sample\0', 'p'.repeat(63), 'p'.repeat(64)])
    expectAgreement(prefix, rows)
})

it('agrees with the platform on any bytes', () => {
  const row = fc.uint8Array({ maxLength: 150 })
  fc.assert(
    fc.property(fc.string(), fc.array(row, { maxLength: 8 }), (prefix, rows) =>
      expectAgreement(prefix, rows),
    ),
  )
})

it('leaves very long columns to the platform', () => {
  expectAgreement('key\0', [new Uint8Array((16 << 20) + 1), encoder.encode('a مثال')])
})
