import { expect, it } from 'vitest'
import { lazily } from './lazily.ts'

it('makes a value once, on first use, and retries if making it failed', () => {
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
