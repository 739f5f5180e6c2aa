import { describe, expect, it } from 'vitest'
import { textColumn } from '../../core/batch.ts'
import { kernelFunctions, kernelMemory, PADDING } from './module.ts'

describe('kernel memory', () => {
  const memory = kernelMemory()

  it('hands out aligned, zeroed buffers with padding between them', () => {
    memory.scope(() => memory.bytes.fill(7, memory.temporary(1 << 16)))
    const first = memory.reserve(100)
    const second = memory.reserve(1)
    expect(first % 64).toBe(0)
    expect(second - first).toBeGreaterThanOrEqual(100 + PADDING)
    expect(memory.bytes.subarray(first, second).every((byte) => byte === 0)).toBe(true)
  })

  it('frees temporary buffers when their scope ends, even by an exception', () => {
    const first = memory.scope(() => memory.temporary(1000))
    expect(() =>
      memory.scope(() => {
        memory.temporary(5000)
        throw new Error('inside')
      }),
    ).toThrow('inside')
    expect(memory.scope(() => memory.temporary(1000))).toBe(first)
  })

  it('throws when it is full, and stays usable', () => {
    expect(() => memory.reserve(1 << 30)).toThrow('kernel memory is full')
    expect(() => memory.scope(() => memory.temporary(1 << 30))).toThrow('kernel memory is full')
    expect(memory.scope(() => memory.temporary(10))).toBeGreaterThan(0)
  })

  it('copies a column once for all kernels that read it', () => {
    const column = textColumn(['سلام', 'abc'])
    const address = memory.place(column)
    expect(memory.bytes.subarray(address, address + 11)).toEqual(column.bytes)
    memory.bytes[address] = 0
    memory.place(column)
    expect(memory.bytes[address]).toBe(0)
    memory.place(textColumn(['xyz']))
    expect(memory.bytes[address]).toBe('x'.charCodeAt(0))
  })

  it('names a function that is missing from the compiled file', () => {
    expect(() => kernelFunctions<{ missing(): void }>('missing')).toThrow('no function missing')
  })
})
