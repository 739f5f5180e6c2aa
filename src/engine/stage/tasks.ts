import type { Cursor, Partition } from '../../core/connector.ts'
import type { SegmentCounts } from '../segments/segment.ts'
import type { SegmentRecord } from '../segments/work-folder.ts'
import type { SpoolFile, SpoolRecord } from './grouping.ts'
import type { Judgement, Unjudged } from './judge.ts'
import type { Rechaining } from './rechain.ts'

/** Tasks of the stage step. `source` is an index into the plan's sources. */

/** Reads, filters and writes a partition, starting at `from`. */
export interface PartitionTask {
  readonly type: 'stage'
  readonly source: number
  readonly partition: Partition
  readonly folder: string
  readonly firstIndex: number
  readonly from?: Cursor
  /** The spool files that hold the records, for a bucket of a grouping source. */
  readonly spools?: readonly SpoolFile[]
  readonly quarantined: readonly (readonly [id: string, reason: string])[]
  /**
   * Whether to measure documents one by one and announce each, to find the one that crashes the
   * worker.
   */
  readonly careful: boolean
  /** Whether there is no other worker that could help. */
  readonly alone: boolean
}

/** Judges a batch that another worker has read. */
export interface JudgeTask {
  readonly type: 'judge'
  readonly source: number
  readonly batch: Unjudged
}

/** Scatters the records of a partition into buckets. */
export interface ScatterTask {
  readonly type: 'scatter'
  readonly source: number
  readonly partition: Partition
  readonly folder: string
  readonly buckets: number
}

/** Converts a segment of an earlier filter chain to the current one. */
export interface RechainTask extends Rechaining {
  readonly type: 'rechain'
  readonly source: number
  readonly folder: string
  readonly record: SegmentRecord
}

/** Every task of the stage step. */
export type StageTask = PartitionTask | JudgeTask | ScatterTask | RechainTask

/** Result of each task, by its type. */
export interface StageResults {
  readonly stage: null
  readonly judge: Judgement
  readonly scatter: null
  readonly rechain: SegmentCounts
}

/** Messages of a worker while it stages. The last two are questions. */
export type StageNews =
  | { readonly type: 'segment'; readonly record: SegmentRecord }
  | { readonly type: 'spool'; readonly record: SpoolRecord }
  | { readonly type: 'document'; readonly id: string }
  /** Asks whether another worker could take a batch; the answer is a boolean. */
  | { readonly type: 'may-hand-over' }
  /** A batch for another worker. The answer is its `Judgement`, or undefined if it was lost. */
  | { readonly type: 'hand-over'; readonly batch: Unjudged }

/** The part of the worker pool that the stage step uses. */
export interface StageWorkers {
  readonly size: number
  run(
    task: PartitionTask,
    onNews: (news: StageNews, answer: (value: unknown) => void) => void,
  ): Promise<null>
  run(task: JudgeTask): Promise<Judgement>
  run(task: ScatterTask): Promise<null>
  run(task: RechainTask): Promise<SegmentCounts>
  hasRoomFor(type: StageTask['type']): boolean
}
