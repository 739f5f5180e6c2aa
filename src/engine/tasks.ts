import type { ContaminationResults, ContaminationTask } from './contamination/tasks.ts'
import type { PublishResults, PublishTask } from './publish/tasks.ts'
import type { StageNews, StageResults, StageTask } from './stage/tasks.ts'

/** What the worker processes of a run understand: every task is defined beside the step it serves. */
export interface RunProtocol {
  readonly setup: WorkerSetup
  readonly task: StageTask | ContaminationTask | PublishTask
  readonly results: StageResults & ContaminationResults & PublishResults
  readonly news: StageNews
}

/** How a worker process is told what to build. */
export interface WorkerSetup {
  readonly manifest: unknown
  readonly path: string
}
