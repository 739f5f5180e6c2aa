import { bandRecords } from './bands.ts'
import { bucketRequests } from './buckets.ts'
import { firstOfEach } from './exact.ts'
import { linkRecords } from './link.ts'
import { settleExact, settleNear } from './outcome.ts'
import { rankRange, scatterRanges } from './rank.ts'
import { documentRecords } from './scan.ts'
import { attachSignatures, placeSignatures } from './signatures.ts'
import { sortRecords } from './sort.ts'
import { shingleRecords, verifyAgainstLeaders, verifyComponents } from './verify.ts'

/**
 * Everything that can run on any thread: from typed arrays to typed arrays, with no effect except
 * on a table in the input.
 */
export const TASKS = {
  documentRecords,
  scatterRanges,
  rankRange,
  sortRecords,
  firstOfEach,
  bandRecords,
  bucketRequests,
  placeSignatures,
  attachSignatures,
  linkRecords,
  shingleRecords,
  verifyComponents,
  verifyAgainstLeaders,
  settleNear,
  settleExact,
} as const

export type TaskName = keyof typeof TASKS
export type TaskInput<Name extends TaskName> = Parameters<(typeof TASKS)[Name]>[0]
export type TaskOutput<Name extends TaskName> = ReturnType<(typeof TASKS)[Name]>

/** Protocol of the deduplication threads. */
export interface DedupProtocol {
  readonly setup: undefined
  readonly task: { readonly type: TaskName; readonly input: unknown }
  readonly results: { readonly [Name in TaskName]: TaskOutput<Name> }
  readonly news: never
}
