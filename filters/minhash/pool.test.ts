import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import { createPool } from './pool.ts'

const program = new URL('../../dist/filters/minhash/worker.js', import.meta.url)
const built = existsSync(program)
if (!built) console.log('threads are not tested: dist/ is missing, `npm run build` makes it')

const records = (start: number): Uint32Array =>
  Uint32Array.from({ length: 9 * 50 }, (_, i) => Math.imul(start + i, 0x9e3779b1))

it.skipIf(!built)('gives on threads what it gives right here, in the order asked', async () => {
  const threads = createPool(2, program)
  const here = createPool(1)
  try {
    const inputs = Array.from({ length: 12 }, (_, i) => records(i * 1000))
    const outputs = async (pool: typeof here) => {
      const all: Uint32Array[] = []
      for await (const output of pool.map('sortRanks', inputs)) all.push(output)
      return all
    }
    expect(threads.size).toBe(2)
    expect(await outputs(threads)).toEqual(await outputs(here))
  } finally {
    await threads.close()
  }
})

it.skipIf(!built)('hands over the error of a task, and goes on', async () => {
  const threads = createPool(2, program)
  try {
    await expect(threads.run('sortRanks', undefined as never)).rejects.toThrow(/undefined/)
    expect(await threads.run('sortRanks', records(1))).toHaveLength(9 * 50)
  } finally {
    await threads.close()
  }
})

it.skipIf(!built)('fails what is running when a thread dies', async () => {
  const threads = createPool(2, program)
  const running = threads.run('sortRanks', records(1))
  const failed = expect(running).rejects.toThrow(/thread ended/)
  await threads.close()
  await failed
  await expect(threads.run('sortRanks', records(1))).rejects.toThrow(/thread ended/)
})
