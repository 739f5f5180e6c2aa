import type { SegmentRef } from '../segments/segment-ref.ts'
import type { Examined } from './examine.ts'

/** Where a training document is. */
export interface DocumentPlace {
  readonly segment: number
  readonly row: number
}

/** Looks for benchmarks in the training documents of some segments. */
export interface ContaminationTask {
  readonly type: 'contamination'
  readonly segments: readonly SegmentRef[]
  readonly removals: string
  /** File of the held-out documents that train is cleaned of. */
  readonly own: string
}

export interface ContaminationResults {
  readonly contamination: Examined<DocumentPlace>
}

/** The part of the pool that decontamination uses. */
export interface ContaminationWorkers {
  insist(task: ContaminationTask): Promise<Examined<DocumentPlace>>
}
