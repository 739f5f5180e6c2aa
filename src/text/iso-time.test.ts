import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isoTime } from './iso-time.ts'

it('writes what Date writes, for times in any order', () => {
  const times = fc.oneof(
    fc.integer({ min: -62_000_000_000, max: 253_000_000_000 }),
    fc.integer({ min: 0, max: 200 }),
  )
  const fractions = fc.double({ min: 0, max: 4e9, noNaN: true })
  fc.assert(
    fc.property(fc.array(fc.oneof(times, fractions)), (seconds) => {
      for (const one of seconds) expect(isoTime(one)).toBe(new Date(one * 1000).toISOString())
    }),
  )
})

it('throws for a time out of range, and still works afterwards', () => {
  expect(() => isoTime(1e14)).toThrow(RangeError)
  expect(isoTime(59)).toBe('1970-01-01T00:00:59.000Z')
})
