import type { ArrowBlock } from '../../arrow/writer.ts'
import type { Split } from '../../core/report.ts'
import type { SegmentRef } from '../segments/segment-ref.ts'
import type { Stretch } from './shard-plan.ts'
import type { SegmentSurvey } from './survey.ts'

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

export interface PublishResults {
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

/** The part of the pool that publishing uses. */
export interface PublishWorkers {
  readonly size: number
  insist(task: SurveyTask): Promise<SegmentSurvey>
  insist(task: ShardTask): Promise<WrittenFile[]>
  insist(task: LedgerTask | DroppedTask): Promise<FileFacts>
}
