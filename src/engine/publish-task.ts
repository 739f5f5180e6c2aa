import type { Split } from '../core/report.ts'
import { ENGINE_STEP, KEPT } from './ledger.ts'
import type { Plan, SourceRun } from './plan.ts'
import type { Removal } from './removals.ts'
import type { LedgerRows } from './segment-reader.ts'

/** A segment as publishing finds it. */
export interface SegmentRef {
  /** Number in the run, in reading order. */
  readonly number: number
  /** Index of its source in the plan. */
  readonly source: number
  /** Path without endings. */
  readonly base: string
}

/** One shard: documents of a split from place `from` to place `to` (exclusive) in reading order. */
export interface ShardTask {
  readonly type: 'shard'
  readonly path: string
  /** The same relative to the corpus folder. */
  readonly shard: string
  readonly split: Split
  /** Segments that hold its documents, in order. */
  readonly segments: readonly SegmentRef[]
  /** Documents of this split to pass over in the first segment, and to take in all. */
  readonly skip: number
  readonly take: number
  readonly removals: string
}

export type PublishTask =
  | ShardTask
  | {
      readonly type: 'ledger'
      readonly path: string
      readonly source: number
      readonly segments: readonly SegmentRef[]
      readonly removals: string
    }
  | {
      readonly type: 'dropped'
      readonly path: string
      readonly source: number
      readonly segments: readonly SegmentRef[]
      readonly removals: string
      /** Share of the removed documents that is published, by `<filter>:<reason>`; all where none is given. */
      readonly shares: Readonly<Record<string, number>>
    }

export interface PublishResult {
  readonly shard: ShardFacts
  readonly ledger: FileFacts
  readonly dropped: FileFacts
}

/** A published file, relative to the corpus folder. */
export interface PathFacts extends FileFacts {
  readonly path: string
}

/** A shard and the files beside it. */
export interface ShardFacts extends FileFacts {
  readonly extras: readonly PathFacts[]
}

export interface FileFacts {
  readonly rows: number
  readonly bytes: number
  readonly sha256: string
}

/** What became of a document. `filter` and `reason` are empty for published ones. */
export interface Fate {
  readonly filter: string
  readonly reason: string
  readonly survivor: string
  readonly similarity: number
}

const PUBLISHED: Fate = { filter: '', reason: '', survivor: '', similarity: 0 }

/** What became of one row of a segment's ledger. */
export function fateOf(source: SourceRun, ledger: LedgerRows, row: number, removal: Removal | undefined): Fate {
  const step = ledger.step[row] ?? KEPT
  if (step === KEPT) return removal ?? PUBLISHED
  const filter = step === ENGINE_STEP ? 'engine' : (source.steps[step]?.name ?? 'engine')
  return { ...PUBLISHED, filter, reason: ledger.reason[row] ?? '' }
}

/** The source a segment belongs to. */
export function sourceOf(plan: Plan, index: number): SourceRun {
  const source = plan.sources[index]
  if (source === undefined) throw new RangeError(`no source ${index}`)
  return source
}
