import type { ArrowBlock } from '../../arrow/writer.ts'
import type { Split } from '../../core/report.ts'
import type { SegmentRef } from '../segments/segment-ref.ts'
import type { Stretch } from './shard-plan.ts'
import type { SegmentSurvey } from './survey.ts'

/** Writes consecutive documents of a split: a shard or a stretch of one. */
export interface ShardTask extends Stretch {
  readonly type: 'shard'
  /** Path relative to the corpus folder. */
  readonly shard: string
  readonly split: Split
  /** Folder that its files are written below, as if it were the corpus folder. */
  readonly folder: string
  /** Whether the files will be joined with those of other stretches. */
  readonly part: boolean
  /** Folder of the removals. */
  readonly removals: string
}

interface SourceTask {
  readonly path: string
  readonly source: number
  readonly segments: readonly SegmentRef[]
  readonly removals: string
}

/** Writes the ledger of some segments of a source. */
export interface LedgerTask extends SourceTask {
  readonly type: 'ledger'
}

/** Writes the removed documents of a source. */
export interface DroppedTask extends SourceTask {
  readonly type: 'dropped'
  /** Share of the removed documents that is published, by `<filter>:<reason>`; 1 if missing. */
  readonly shares: Readonly<Record<string, number>>
}

/** Counts what became of the documents of a segment. */
export interface SurveyTask {
  readonly type: 'survey'
  readonly segment: SegmentRef
  readonly removals: string
}

/** Every task of the publish step. */
export type PublishTask = SurveyTask | ShardTask | LedgerTask | DroppedTask

/** Result of each task, by its type. */
export interface PublishResults {
  readonly survey: SegmentSurvey
  readonly shard: WrittenFile[]
  readonly ledger: FileFacts
  readonly dropped: FileFacts
}

/** A published file and its path relative to the corpus folder. */
export interface PathFacts extends FileFacts {
  readonly path: string
}

/**
 * A file of a shard or of a stretch. The file of a stretch has no hash, but lists where its record
 * batches are.
 */
export interface WrittenFile extends PathFacts {
  readonly blocks: readonly ArrowBlock[]
}

/** A shard and its sketch files. */
export interface ShardFacts extends FileFacts {
  readonly extras: readonly PathFacts[]
}

/** Rows, bytes and SHA-256 (in hex) of a written file. */
export interface FileFacts {
  readonly rows: number
  readonly bytes: number
  readonly sha256: string
}

/** The part of the worker pool that publishing uses. */
export interface PublishWorkers {
  readonly size: number
  insist(task: SurveyTask): Promise<SegmentSurvey>
  insist(task: ShardTask): Promise<WrittenFile[]>
  insist(task: LedgerTask | DroppedTask): Promise<FileFacts>
}
