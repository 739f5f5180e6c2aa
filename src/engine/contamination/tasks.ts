import type { SegmentRef } from '../segments/segment-ref.ts'
import type { Examined } from './examine.ts'

/** Place of a training document. */
export interface DocumentPlace {
  readonly segment: number
  readonly row: number
}

/** Searches the training documents of some segments for benchmarks. */
export interface ContaminationTask {
  readonly type: 'contamination'
  readonly segments: readonly SegmentRef[]
  /** Folder of the removals decided before. */
  readonly removals: string
  /** File of the protected eval and test documents. */
  readonly own: string
}

/** Result of each task, by its type. */
export interface ContaminationResults {
  readonly contamination: Examined<DocumentPlace>
}

/** The part of the worker pool that decontamination uses. */
export interface ContaminationWorkers {
  insist(task: ContaminationTask): Promise<Examined<DocumentPlace>>
}
