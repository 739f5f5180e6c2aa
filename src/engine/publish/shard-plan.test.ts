import { describe, expect, it } from 'vitest'
import { joinStretches, type ShardPlan, shardPlanner, shareOut } from './shard-plan.ts'

const segment = (number: number) => ({ number, source: 0, base: `s${number}`, kept: 10 })

/** Plans documents of one split, with `perSegment` documents in each segment. */
function planOf(
  documents: readonly { bytes: number; source: string }[],
  perSegment: number,
  shardBytes = 1 << 30,
) {
  const planner = shardPlanner(shardBytes)
  for (const [index, { bytes, source }] of documents.entries()) {
    planner.add(segment(Math.floor(index / perSegment)), index % perSegment, source, 'train', bytes)
  }
  return planner.finish()
}

const equal = (count: number, bytes: number, source = 'a') =>
  Array.from({ length: count }, () => ({ bytes, source }))

it('ends stretches at ends of record batches, by bytes and by rows', () => {
  // Batches end after four documents of a mebibyte, stretches after two batches.
  const [large] = planOf(equal(17, 1 << 20), 6)
  expect(large?.stretches.map(({ from, take }) => ({ from, take }))).toEqual([
    { from: 0, take: 8 },
    { from: 2, take: 8 },
    { from: 4, take: 1 },
  ])
  expect(large?.stretches.map(({ segments }) => segments.map(({ number }) => number))).toEqual([
    [0, 1],
    [1, 2],
    [2],
  ])
  const [small] = planOf(equal(40_000, 10), 50_000)
  expect(small?.stretches.map(({ take }) => take)).toEqual([16_384, 16_384, 40_000 - 2 * 16_384])
})

it('ends no stretch inside a record batch when the source changes', () => {
  // The second stretch has one short batch of the first source, then two batches of the second
  // source.
  const documents = [...equal(9, 1 << 20), ...equal(9, 1 << 20, 'b')]
  const [shard] = planOf(documents, 100)
  expect(shard?.stretches.map(({ take }) => take)).toEqual([8, 9, 1])
})

it('joins the stretches of a shard to one stretch', () => {
  const [shard] = planOf(equal(17, 1 << 20), 6)
  expect(joinStretches(shard?.stretches ?? [])).toEqual({
    segments: [segment(0), segment(1), segment(2)],
    from: 0,
    take: 17,
  })
})

it('starts a new shard once the previous one is full, wherever batches end', () => {
  const shards = planOf(equal(9, 1 << 20), 100, 3 << 20)
  expect(shards.map(({ path }) => path)).toEqual(
    [0, 1, 2].map((index) => `train/train-0000${index}-of-00003.arrow`),
  )
  expect(shards.map(({ stretches }) => stretches.map(({ from, take }) => [from, take]))).toEqual([
    [[0, 3]],
    [[3, 3]],
    [[6, 3]],
  ])
})

describe('shards are assigned', () => {
  /**
   * The order of writing shards of the given sizes in megabytes, as `<index>` or `<index> shared`.
   */
  const turns = (sizes: readonly number[], workers: number, before: readonly number[] = []) => {
    const shards = sizes.map((bytes): ShardPlan => {
      const [stretch] = planOf(equal(1, 1), 1)[0]?.stretches ?? []
      if (!stretch) throw new Error('no stretch')
      return {
        path: '',
        split: 'train',
        stretches: bytes > 8 ? [stretch, stretch] : [stretch],
        bytes,
      }
    })
    return shareOut(shards, workers, before).map(
      ({ place, shared }) => `${place}${shared ? ' shared' : ''}`,
    )
  }

  it('to one worker each if that leaves none idle, the longest first', () => {
    expect(turns([268, 219, 20, 5], 2)).toEqual(['0', '1', '2', '3'])
    expect(turns([5, 20, 219, 268], 1)).toEqual(['3', '2', '1', '0'])
  })

  it('to all workers together if one worker would be left with a long shard at the end', () => {
    expect(turns([256, 256, 256, 10], 2)).toEqual(['0', '1', '3', '2 shared'])
    expect(turns([240, 12, 6], 2)).toEqual(['1', '2', '0 shared'])
    expect(turns([100, 100], 3)).toEqual(['0 shared', '1 shared'])
  })

  it('with regard to the other files to be written', () => {
    expect(turns([100, 100], 2)).toEqual(['0', '1'])
    expect(turns([100, 100], 2, [100])).toEqual(['0', '1 shared'])
    expect(turns([100, 20], 2, [80])).toEqual(['0', '1'])
  })

  it('to one worker if they have only one stretch', () => {
    expect(turns([8, 1], 4)).toEqual(['0', '1'])
  })
})
