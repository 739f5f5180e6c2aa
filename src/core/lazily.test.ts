import { expect, it } from 'vitest'
import { lazily } from './lazily.ts'

it('makes a value once, when it is asked for, and asks again if that failed', () => {
  let calls = 0
  const value = lazily(() => {
    calls++
    if (calls === 1) throw new Error('not yet')
    return undefined
  })
  expect(calls).toBe(0)
  expect(value).toThrow('not yet')
  expect([value(), value(), calls]).toEqual([undefined, undefined, 2])
})
