import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { localStorage } from '../../files/local-storage.ts'
import { spillFiles } from './spill.ts'

const BUCKETS = 3

it('returns the records of each bucket in order, however long they are', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'spill-'))
  const length = fc.oneof(
    fc.integer({ min: 0, max: 64 }),
    fc.integer({ min: 0, max: 3000 }),
    fc.constant(70_000),
  )
  const record = fc.record({
    bucket: fc.nat({ max: BUCKETS - 1 }),
    length,
    fill: fc.nat({ max: 255 }),
  })
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(record, { maxLength: 60, size: 'max' }), async (records) => {
        const spill = spillFiles(localStorage(), folder, BUCKETS)
        const expected = Array.from({ length: BUCKETS }, () => [] as Buffer[])
        for (const { bucket, length, fill } of records) {
          const bytes = Buffer.alloc(length, fill)
          expected[bucket]?.push(bytes)
          await spill.add(bucket, bytes)
        }
        for (const [bucket, parts] of expected.entries()) {
          expect(
            Buffer.compare(await spill.take(bucket), Buffer.concat(parts)),
            `bucket ${bucket}`,
          ).toBe(0)
        }
        expect(await readdir(folder)).toEqual([])
      }),
      { numRuns: 60 },
    )
  } finally {
    await rm(folder, { recursive: true })
  }
})
