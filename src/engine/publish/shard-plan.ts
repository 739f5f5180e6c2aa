import { SPLITS, type Split } from '../../core/report.ts'
import type { SegmentRef } from '../segments/segment-ref.ts'
import { type BatchBounds, batchBounds } from './batch-bounds.ts'

/** Consecutive documents of a split, in reading order. */
export interface Stretch {
  /** Segments that contain them, in order. */
  readonly segments: readonly SegmentRef[]
  /** Position of the first one among the kept documents of the first segment. */
  readonly from: number
  /** Number of documents. */
  readonly take: number
}

/** A shard, divided at ends of record batches into stretches of about the same text size. */
export interface ShardPlan {
  /** Path relative to the corpus folder. */
  readonly path: string
  readonly split: Split
  readonly stretches: readonly Stretch[]
  /** Bytes of text. */
  readonly bytes: number
}

/**
 * A stretch ends with the record batch in which it reaches this many bytes of text or documents.
 */
const STRETCH_BYTES = 8 << 20
const STRETCH_ROWS = 16384

interface OpenStretch extends Stretch {
  readonly segments: SegmentRef[]
  take: number
  bytes: number
}

interface OpenShard {
  readonly bounds: BatchBounds
  readonly stretches: OpenStretch[]
  bytes: number
  /** Whether a record batch ends after the last document. */
  atBound: boolean
}

/** Divides every split into shards of about `shardBytes` bytes of text, in reading order. */
export function shardPlanner(shardBytes: number) {
  const open: Record<Split, OpenShard[]> = { train: [], eval: [], test: [] }
  return {
    /**
     * Adds the next document: its segment, its position among the kept documents there, the name of
     * its source, its split, and its bytes of text.
     */
    add(segment: SegmentRef, place: number, source: string, split: Split, bytes: number): void {
      const shards = open[split]
      let shard = shards.at(-1)
      if (!shard || shard.bytes >= shardBytes) {
        shard = { bounds: batchBounds(), stretches: [], bytes: 0, atBound: true }
        shards.push(shard)
      }
      const atBound = shard.bounds.endsBefore(source) || shard.atBound
      let stretch = shard.stretches.at(-1)
      if (!stretch || (atBound && isLong(stretch))) {
        stretch = { segments: [], from: place, take: 0, bytes: 0 }
        shard.stretches.push(stretch)
      }
      if (stretch.segments.at(-1)?.number !== segment.number) stretch.segments.push(segment)
      stretch.take++
      stretch.bytes += bytes
      shard.bytes += bytes
      shard.atBound = shard.bounds.add(bytes)
    },
    finish(): ShardPlan[] {
      return SPLITS.flatMap((split) =>
        open[split].map(({ stretches, bytes }, index, all) => ({
          path: `${split}/${split}-${fiveDigits(index)}-of-${fiveDigits(all.length)}.arrow`,
          split,
          stretches: stretches.map(({ segments, from, take }) => ({ segments, from, take })),
          bytes,
        })),
      )
    },
  }
}

/**
 * The load of the busiest worker may exceed an even share by this factor, because joining the
 * stretches of a shard costs more than that.
 */
const UNEVEN = 1.1

/** A shard in the order of writing. */
export interface ShardTurn {
  readonly shard: ShardPlan
  /** Its index in the plan. */
  readonly place: number
  /** Whether all workers write it together. */
  readonly shared: boolean
}

/**
 * Decides how the shards of a plan are written, in the order in which they are started. Shards
 * written by one worker each come first, the longest first. Then come the shards that all workers
 * share, so that none is idle at the end. `before` lists the other files that workers write first,
 * as the bytes of shards that take equally long.
 */
export function shareOut(
  shards: readonly ShardPlan[],
  workers: number,
  before: readonly number[] = [],
): ShardTurn[] {
  const sizes = [...before, ...shards.map(({ bytes }) => bytes)]
  const most = (UNEVEN * sizes.reduce((sum, bytes) => sum + bytes, 0)) / workers
  const loads = new Array<number>(workers).fill(0)
  const give = (bytes: number, limit: number): boolean => {
    const least = loads.indexOf(Math.min(...loads))
    const load = (loads[least] ?? 0) + bytes
    if (load <= limit) loads[least] = load
    return load <= limit
  }
  for (const bytes of before) give(bytes, Number.POSITIVE_INFINITY)
  const turns = [...shards.entries()]
    .sort(([, a], [, b]) => b.bytes - a.bytes)
    .map(([place, shard]): ShardTurn => {
      const whole = give(shard.bytes, shard.stretches.length > 1 ? most : Number.POSITIVE_INFINITY)
      return { shard, place, shared: !whole }
    })
  return [...turns.filter(({ shared }) => !shared), ...turns.filter(({ shared }) => shared)]
}

/** Joins all stretches of a shard to one. */
export function joinStretches(stretches: readonly Stretch[]): Stretch {
  const segments = new Map(
    stretches.flatMap((stretch) => stretch.segments.map((segment) => [segment.number, segment])),
  )
  const take = stretches.reduce((sum, stretch) => sum + stretch.take, 0)
  return { segments: [...segments.values()], from: stretches[0]?.from ?? 0, take }
}

function isLong({ bytes, take }: OpenStretch): boolean {
  return bytes >= STRETCH_BYTES || take >= STRETCH_ROWS
}

/** A number as file names contain it: five digits, zero-padded. */
export const fiveDigits = (value: number): string => String(value).padStart(5, '0')
