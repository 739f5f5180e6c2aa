import fc from 'fast-check'
import { expect, it } from 'vitest'
import { recordsOf, withWordFiles } from '../files/records.ts'
import { openTestRun } from '../testing.ts'
import { mergeRuns, sortRuns } from './sort-runs.ts'

/** Sorts a file of records outside memory. Returns the number of runs. */
async function sorted(records: readonly number[][], width: number, taskLimit: number) {
  const run = await openTestRun({ rows: 1, taskLimit })
  const { storage, folder } = run.store
  await withWordFiles(storage, [`${folder}/unsorted`], 1 << 16, async ([file]) => {
    for (const record of records) file?.add(Uint32Array.from(record))
  })
  const runs = await sortRuns(run, folder, `${folder}/unsorted`, width)
  const result: number[][] = []
  for await (const words of mergeRuns(run, runs, width)) {
    for (const record of recordsOf(words, width)) result.push([...record])
  }
  return { result, runs: runs.length }
}

const byWords = (a: readonly number[], b: readonly number[]): number => {
  const word = a.findIndex((value, i) => value !== b[i])
  return word < 0 ? 0 : (a[word] ?? 0) - (b[word] ?? 0)
}

it('sorts records by their words, however few fit in memory', async () => {
  const word = fc.oneof(fc.nat(3), fc.integer({ min: 0, max: 0xffffffff }))
  const record = fc.tuple(word, word, word)
  await fc.assert(
    fc.asyncProperty(
      fc.array(record, { maxLength: 40 }),
      fc.constantFrom(1, 250, 1 << 20),
      async (records, limit) => {
        const { result, runs } = await sorted(records, 3, limit)
        expect(result).toEqual([...records].sort(byWords))
        expect(runs).toBe(Math.ceil(records.length / Math.max(1, Math.floor(limit / 36))))
      },
    ),
    { numRuns: 20 },
  )
})

it('merges runs that are longer than one read', async () => {
  const records = Array.from({ length: 30_000 }, (_, i) => [Math.imul(i, 0x9e3779b1) >>> 0, i])
  const { result, runs } = await sorted(records, 2, 100_000)
  expect(runs).toBe(8)
  expect(result).toEqual([...records].sort(byWords))
})
