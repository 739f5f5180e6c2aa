import type { ArrowBlock } from '../../arrow/writer.ts'
import type { Split } from '../../core/report.ts'
import type { Plan, SourceRun } from '../plan/plan.ts'
import { ENGINE_STEP, KEPT } from '../segments/ledger.ts'
import type { Removal } from '../segments/removals.ts'
import type { LedgerRows } from '../segments/segment-reader.ts'
import type { Stretch } from './shard-plan.ts'
import type { SegmentSurvey } from './survey.ts'

/** A segment as publishing finds it. */
export interface SegmentRef {
  /** Number in the run, in reading order. */
  readonly number: number
  /** Index of its source in the plan. */
  readonly source: number
  /** Path without endings. */
  readonly base: string
  /** How many documents row filters kept. */
  readonly kept: number
}

/** Documents of a split that follow each other in reading order: a shard, or a stretch of one. */
export interface ShardTask extends Stretch {
  readonly type: 'shard'
  /** Path relative to the corpus folder. */
  readonly shard: string
  readonly split: Split
  /** Where its files are written as if this were the corpus folder. */
  readonly folder: string
  /** Whether they are to be joined with those of other stretches. */
  readonly part: boolean
  readonly removals: string
}

interface SourceTask {
  readonly path: string
  readonly source: number
  readonly segments: readonly SegmentRef[]
  readonly removals: string
}

export interface LedgerTask extends SourceTask {
  readonly type: 'ledger'
}

export interface DroppedTask extends SourceTask {
  readonly type: 'dropped'
  /**
   * Share of the removed documents that is published, by `<filter>:<reason>`; all where none is
   * given.
   */
  readonly shares: Readonly<Record<string, number>>
}

/** Counts what became of the documents of a segment. */
export interface SurveyTask {
  readonly type: 'survey'
  readonly segment: SegmentRef
  readonly removals: string
}

export type PublishTask = SurveyTask | ShardTask | LedgerTask | DroppedTask

export interface PublishResult {
  readonly survey: SegmentSurvey
  readonly shard: WrittenFile[]
  readonly ledger: FileFacts
  readonly dropped: FileFacts
}

/** A published file, relative to the corpus folder. */
export interface PathFacts extends FileFacts {
  readonly path: string
}

/**
 * A file of a shard, or of a stretch of it: that has no hash, but tells where its record batches
 * are.
 */
export interface WrittenFile extends PathFacts {
  readonly blocks: readonly ArrowBlock[]
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
export function fateOf(
  source: SourceRun,
  ledger: LedgerRows,
  row: number,
  removal: Removal | undefined,
): Fate {
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
