import { bandRecords } from './bands.ts'
import { groupRanks } from './buckets.ts'
import { firstOfEach } from './exact.ts'
import { linkRecords } from './link.ts'
import { attachSignatures } from './signatures.ts'
import { sortRecords } from './sort.ts'
import { shingleRecords, verifyAgainstLeaders, verifyComponents } from './verify.ts'

/** What can run on any thread: pure, from typed arrays to typed arrays. */
export const TASKS = {
  sortRecords,
  firstOfEach,
  bandRecords,
  groupRanks,
  attachSignatures,
  linkRecords,
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
