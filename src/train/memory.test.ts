import { describe, expect, it } from 'vitest'
import { fits, largestMicroBatch } from './arithmetic.ts'
import { imaginedTokens } from './imagined.ts'
import { parseTrainManifest } from './manifest.ts'
import { memoryOf } from './memory.ts'
import { resolveJob } from './resolve.ts'

const jobOf = (manifest: object, options = {}) =>
  resolveJob(
    parseTrainManifest({ tokens: 1_000_000_000, dropout: 0, ...manifest }, ''),
    [{ path: '', manifest: imaginedTokens(64_000) }],
    {
      name: 'cuda',
      family: 'neural',
      device: 'cuda',
      options,
      runtime: [],
      memoryBytes: 80 * 2 ** 30,
    },
    '/run',
  )

describe('the memory of a rank', () => {
  it.each([
    ['cosmos-125m', 16_384, true, 9.2],
    ['cosmos-350m', 16_384, true, 22.0],
    ['cosmos-1.3b', 16_384, true, 55.2],
    ['cosmos-2.6b', 4096, true, 64.2],
    ['cosmos-1.3b', 8192, true, 42.0],
    ['cosmos-1.3b', 16_384, false, 68.9],
  ])('of %s in micro-batches of %i, compiled %s, was %f GB on an H200', (...measured) => {
    const [preset, microTokens, compile, gigabytes] = measured
    const { total } = memoryOf(jobOf({ preset, compile, batch: { microTokens } }))
    expect(Math.abs(total / 1e9 / gigabytes - 1)).toBeLessThan(0.1)
  })

  it('differs between one rank, sixteen of FSDP, tensor × pipeline, and long contexts', () => {
    const forms = [
      {},
      { parallel: { ranks: 16, shard: 'fsdp' } },
      { parallel: { ranks: 8, tensor: 2, pipeline: 4 } },
      { contexts: [{ context: 131_072, share: 1 }] },
    ]
    const totals = forms.map((form) => memoryOf(jobOf({ preset: 'cosmos-2.6b', ...form })).total)
    expect(new Set(totals).size).toBe(4)
    const [one = 0, sharded = 0, split = 0, long = 0] = totals
    expect(Math.max(sharded, split)).toBeLessThan(one)
    expect(long).toBeGreaterThan(3 * one)
  })

  it('limits the micro-batch, which then fits, and twice of which does not', () => {
    const job = jobOf({ preset: 'cosmos-1.3b' })
    const card = 80 * 2 ** 30
    const microTokens = largestMicroBatch(job, card)
    const bytes = (tokens: number) =>
      memoryOf({ ...job, batch: { ...job.batch, microTokens: tokens } }).total
    expect(fits(bytes(microTokens), card)).toBe(true)
    expect(fits(bytes(2 * microTokens), card)).toBe(false)
    expect(largestMicroBatch(job, 2 ** 30)).toBe(0)
  })
})
