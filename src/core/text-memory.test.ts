import { expect, it } from 'vitest'
import { giveBack, takeMemory } from './text-memory.ts'

it('never lends one buffer to two users at a time', () => {
  const first = takeMemory(1 << 20)
  const second = takeMemory(1 << 20)
  expect(second.buffer).not.toBe(first.buffer)
  giveBack(first.subarray(5, 9))
  giveBack(first)
  expect(takeMemory(1 << 20).buffer).toBe(first.buffer)
  expect(takeMemory(1 << 20).buffer).not.toBe(first.buffer)
})

it('lends the smallest free buffer that is long enough', () => {
  const [large, small] = [takeMemory(4 << 20), takeMemory(1 << 19)]
  giveBack(large)
  giveBack(small)
  expect(takeMemory(1 << 18).buffer).toBe(small.buffer)
  expect(takeMemory((1 << 19) + 1).buffer).toBe(large.buffer)
})

it('does not lend a buffer that is far longer than requested', () => {
  const long = takeMemory(1 << 20)
  giveBack(long)
  expect(takeMemory(1 << 16).buffer).not.toBe(long.buffer)
  expect(takeMemory(1 << 19).buffer).toBe(long.buffer)
})

it('keeps only buffers it has lent, within its limits on size and number', () => {
  for (const memory of [new Uint8Array(1 << 20), takeMemory(100), takeMemory(9 << 20)]) {
    giveBack(memory)
    expect(takeMemory(memory.length).buffer).not.toBe(memory.buffer)
  }
  const many = Array.from({ length: 40 }, () => takeMemory(1 << 20))
  for (const memory of many) giveBack(memory)
  const again = new Set(Array.from({ length: 40 }, () => takeMemory(1 << 20).buffer))
  expect(many.filter(({ buffer }) => again.has(buffer)).length).toBeLessThanOrEqual(16)
})
