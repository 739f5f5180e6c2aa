import { groupRanks, sortRanks } from './group.ts'
import { linkCandidates } from './link.ts'
import { shingleRecords, verifyAgainstLeaders, verifyComponents } from './verify.ts'

/** What can run on any thread: pure, from typed arrays to typed arrays. */
export const TASKS = {
  sortRanks,
  groupRanks,
  linkCandidates,
  shingleRecords,
  verifyComponents,
  verifyAgainstLeaders,
} as const

export type TaskName = keyof typeof TASKS
export type TaskInput<Name extends TaskName> = Parameters<(typeof TASKS)[Name]>[0]
export type TaskOutput<Name extends TaskName> = ReturnType<(typeof TASKS)[Name]>

export interface TaskRequest {
  readonly id: number
  readonly name: TaskName
  readonly input: unknown
}

export interface TaskReply {
  readonly id: number
  readonly output?: unknown
  readonly error?: unknown
}
