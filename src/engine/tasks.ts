import type { ContaminationResults, ContaminationTask } from './contamination/tasks.ts'
import type { PublishResults, PublishTask } from './publish/tasks.ts'
import type { StageNews, StageResults, StageTask } from './stage/tasks.ts'

/**
 * Messages between the main process and the workers of a run. Every task is defined beside the step
 * it serves.
 */
export interface RunProtocol {
  readonly setup: WorkerSetup
  readonly task: StageTask | ContaminationTask | PublishTask
  readonly results: StageResults & ContaminationResults & PublishResults
  readonly news: StageNews
}

/** What a worker needs to build the plan: the manifest as parsed JSON, and its path. */
export interface WorkerSetup {
  readonly manifest: unknown
  readonly path: string
}
