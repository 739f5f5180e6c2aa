import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { SketchStore } from '../../src/core/filter.ts'
import { decisionsOf, prose, sketchStoreOf, testContext } from '../../src/testing/index.ts'
import type { decide } from './decide.ts'
import { minhash } from './index.ts'
import { createPool } from './pool.ts'

const program = new URL('../../dist/filters/minhash/worker.js', import.meta.url)
const built = existsSync(program)
if (!built) console.log('threads are not tested: dist/ is missing, `npm run build` makes it')

const records = (start: number) => ({
  records: Uint32Array.from({ length: 9 * 50 }, (_, i) => Math.imul(start + i, 0x9e3779b1)),
  width: 9,
})

it.skipIf(!built)(
  'returns the same results on threads as on this thread, in order of inputs',
  async () => {
    const threads = createPool(2, program, 0)
    const here = createPool(1)
    try {
      const inputs = Array.from({ length: 12 }, (_, i) => records(i * 1000))
      const outputs = async (pool: typeof here) => {
        const all: Uint32Array[] = []
        for await (const output of pool.map('sortRecords', inputs)) all.push(output)
        return all
      }
      expect(threads.size).toBe(2)
      expect(await outputs(threads)).toEqual(await outputs(here))
    } finally {
      await threads.close()
    }
  },
)

it.skipIf(!built)('passes on the error of a task and continues', async () => {
  const threads = createPool(2, program, 0)
  try {
    await expect(threads.run('sortRecords', undefined as never)).rejects.toThrow(/undefined/)
    expect(await threads.run('sortRecords', records(1))).toHaveLength(9 * 50)
  } finally {
    await threads.close()
  }
})

it.skipIf(!built)('rejects running tasks when a thread dies', async () => {
  const threads = createPool(2, program, 0)
  const running = threads.run('sortRecords', records(1))
  const failed = expect(running).rejects.toThrow(/thread ended/)
  await threads.close()
  await failed
  await expect(threads.run('sortRecords', records(1))).rejects.toThrow(/thread ended/)
})

it.skipIf(!built)('starts threads once there is enough work', async () => {
  const threads = createPool(2, program, 20)
  // Only a task on this thread can write to a table that is not shared.
  const table = new Uint32Array(29)
  const input = {
    records: Uint32Array.from({ length: 30 }, (_, i) => i),
    first: 0,
    table,
    lanes: 112,
  }
  let here = 0
  try {
    for (; here < 1e7; here++) {
      table.fill(0)
      await threads.run('placeSignatures', input)
      if (table[0] === 0) break
      expect(table[28]).toBe(29)
    }
  } finally {
    await threads.close()
  }
  expect(here).toBeGreaterThan(100)
  expect(here).toBeLessThan(1e7)
})

it.skipIf(!built)('makes the same decisions on two threads as on one', async () => {
  const compiled = (await import(
    new URL('../../dist/filters/minhash/decide.js', import.meta.url).href
  )) as {
    decide: typeof decide
  }
  const text = (family: number, copy: number): string =>
    Array.from({ length: 120 }, (_, i) =>
      i === 30 + copy && copy > 1 ? `e${i}` : `w${family}n${i}`,
    ).join(' ')
  const documents = Array.from({ length: 90 }, (_, i) => ({
    source: 'a',
    document: prose(text(i % 30, Math.floor(i / 30) + 1), { key: String(i) }),
  }))
  const options = minhash.options.parse({})
  const filter = await minhash.create(options, testContext('/'))
  const threaded = {
    ...filter,
    decide: (store: SketchStore) => compiled.decide(store, options, 1, { patienceMs: 0 }),
  }
  const outcomes = []
  for (const [one, workers] of [
    [threaded, 2],
    [filter, 1],
  ] as const) {
    outcomes.push(await decisionsOf(one, await sketchStoreOf(filter, documents, { workers })))
  }
  expect(outcomes[0]?.removed).toHaveLength(60)
  expect(outcomes[1]).toEqual(outcomes[0])
})
