import type { Cursor, Partition } from '../../core/connector.ts'
import type { ErrorCode } from '../../core/error-codes.ts'
import type { Examined } from '../contamination/examine.ts'
import type { ContaminationTask, DocumentPlace } from '../contamination/find.ts'
import type { PublishResult, PublishTask } from '../publish/tasks.ts'
import type { SegmentCounts } from '../segments/segment.ts'
import type { SegmentRecord } from '../segments/work-folder.ts'
import type { SpoolFile, SpoolRecord } from '../stage/grouping.ts'
import type { Judgement, Unjudged } from '../stage/judge.ts'
import type { Rechaining } from '../stage/rechain.ts'

/** How a worker process is told what to build. */
export interface WorkerSetup {
  readonly manifest: unknown
  readonly path: string
}

/** One piece of work for a worker process. `source` is an index into the plan's sources. */
export type WorkerTask =
  | {
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
  | {
      /** A batch that another worker has read. */
      readonly type: 'judge'
      readonly source: number
      readonly batch: Unjudged
    }
  | {
      readonly type: 'scatter'
      readonly source: number
      readonly partition: Partition
      readonly folder: string
      readonly buckets: number
    }
  | ({
      readonly type: 'rechain'
      readonly source: number
      readonly folder: string
      readonly record: SegmentRecord
    } & Rechaining)
  | ContaminationTask
  | PublishTask

/** What each kind of task gives in the end. */
export interface TaskResults {
  readonly stage: null
  readonly judge: Judgement
  readonly scatter: null
  readonly rechain: SegmentCounts
  readonly contamination: Examined<DocumentPlace>
  readonly survey: PublishResult['survey']
  readonly shard: PublishResult['shard']
  readonly ledger: PublishResult['ledger']
  readonly dropped: PublishResult['dropped']
}

/** What a worker says while it works on a task. */
export type WorkerNews =
  | { readonly type: 'segment'; readonly record: SegmentRecord }
  | { readonly type: 'spool'; readonly record: SpoolRecord }
  | { readonly type: 'document'; readonly id: string }
  | WorkerQuestion

/** What a worker wants to be answered before it goes on; `number` tells its questions apart. */
export type WorkerQuestion = { readonly number: number } & (
  | { /** Whether another worker could take a batch: boolean. */ readonly type: 'may-hand-over' }
  | {
      /** A batch for another worker: its `Judgement`, or undefined if it was lost. */ readonly type: 'hand-over'
      readonly batch: Unjudged
    }
)

/** The parent's answer to a question. */
export interface WorkerAnswer {
  readonly type: 'answer'
  readonly number: number
  readonly value: boolean | Judgement | undefined
}

/** A task on its way to a worker; `id` tells the tasks of that worker apart. */
export type NumberedTask = WorkerTask & { readonly id: number }

/** What a worker says of one of its tasks. */
export type TaskMessage =
  | WorkerNews
  | {
      /** Only the disk is waited for: the worker may be given another task. */ readonly type: 'free'
    }
  | { readonly type: 'result'; readonly value: unknown }
  | { readonly type: 'failed'; readonly error: SerializedError }

/** Messages from a worker to its parent. */
export type WorkerMessage =
  | (TaskMessage & { readonly task: number })
  | { readonly type: 'ready' }
  | { readonly type: 'alive' }
  | { readonly type: 'warning'; readonly source: string; readonly message: string }

/** An error on its way between processes. */
export interface SerializedError {
  readonly code?: ErrorCode
  readonly where?: string
  readonly what: string
  readonly hint?: string
  readonly stack?: string
}
