import type { Plan, SourceRun } from '../plan/plan.ts'
import { ENGINE_STEP, KEPT } from './ledger.ts'
import type { Removal } from './removals.ts'
import type { LedgerRows } from './segment-reader.ts'

/** A finished segment, as deduplication and publishing see it. */
export interface SegmentRef {
  /** Number in the run, in reading order. */
  readonly number: number
  /** Index of its source in the plan. */
  readonly source: number
  /** Common path of its files, without their suffixes. */
  readonly base: string
  /** Number of documents that the row filters kept. */
  readonly kept: number
}

/** What became of a document. `filter` and `reason` are empty if it is published. */
export interface Fate {
  readonly filter: string
  readonly reason: string
  readonly survivor: string
  readonly similarity: number
}

const PUBLISHED: Fate = { filter: '', reason: '', survivor: '', similarity: 0 }

/** What became of one row of a segment's ledger. */
export function fateOf(
  source: SourceRun,
  ledger: LedgerRows,
  row: number,
  removal: Removal | undefined,
): Fate {
  const step = ledger.step[row] ?? KEPT
  if (step === KEPT) return removal ?? PUBLISHED
  const filter = step === ENGINE_STEP ? 'engine' : (source.steps[step]?.name ?? 'engine')
  return { ...PUBLISHED, filter, reason: ledger.reason[row] ?? '' }
}

/** The source with this index; throws `RangeError` if there is none. */
export function sourceOf(plan: Plan, index: number): SourceRun {
  const source = plan.sources[index]
  if (source === undefined) throw new RangeError(`no source ${index}`)
  return source
}
