import type { Cursor, Partition } from '../../core/connector.ts'
import type { SegmentCounts } from '../segments/segment.ts'
import type { SegmentRecord } from '../segments/work-folder.ts'
import type { SpoolFile, SpoolRecord } from './grouping.ts'
import type { Judgement, Unjudged } from './judge.ts'
import type { Rechaining } from './rechain.ts'

/** What the stage step asks of workers. `source` is an index into the plan's sources. */

/** Reads, filters and writes a partition from `from` on. */
export interface PartitionTask {
  readonly type: 'stage'
  readonly source: number
  readonly partition: Partition
  readonly folder: string
  readonly firstIndex: number
  readonly from?: Cursor
  /** For the buckets of a grouping source: where their records are. */
  readonly spools?: readonly SpoolFile[]
  readonly quarantined: readonly (readonly [id: string, reason: string])[]
  /** Measure documents one by one and announce each, to find the one that kills the process. */
  readonly careful: boolean
  /** No other worker need be asked to help. */
  readonly alone: boolean
}

/** Judges a batch that another worker has read. */
export interface JudgeTask {
  readonly type: 'judge'
  readonly source: number
  readonly batch: Unjudged
}

/** Scatters the records of a partition over buckets. */
export interface ScatterTask {
  readonly type: 'scatter'
  readonly source: number
  readonly partition: Partition
  readonly folder: string
  readonly buckets: number
}

/** Turns a segment of an earlier filter chain into one of this chain. */
export interface RechainTask extends Rechaining {
  readonly type: 'rechain'
  readonly source: number
  readonly folder: string
  readonly record: SegmentRecord
}

export type StageTask = PartitionTask | JudgeTask | ScatterTask | RechainTask

export interface StageResults {
  readonly stage: null
  readonly judge: Judgement
  readonly scatter: null
  readonly rechain: SegmentCounts
}

/** What a worker says while it stages, the last two as questions. */
export type StageNews =
  | { readonly type: 'segment'; readonly record: SegmentRecord }
  | { readonly type: 'spool'; readonly record: SpoolRecord }
  | { readonly type: 'document'; readonly id: string }
  /** Whether another worker could take a batch; the answer is a boolean. */
  | { readonly type: 'may-hand-over' }
  /** A batch for another worker; the answer is its `Judgement`, or undefined if it was lost. */
  | { readonly type: 'hand-over'; readonly batch: Unjudged }

/** The part of the pool that the stage step uses. */
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
