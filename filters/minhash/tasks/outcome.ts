import { recordsOf } from '../files/records.ts'
import { type Scattered, scatterByWindow } from '../files/scatter.ts'
import type { Windows } from '../files/windows.ts'
import { REMOVAL_WIDTH } from './exact.ts'
import { DECISION_WIDTH } from './verify.ts'

/** Why a document was removed. */
export const REASONS = ['exact-duplicate', 'near-duplicate'] as const

const EXACT = 0

const NEAR = 1

/**
 * Words of an outcome: row removed, position in `REASONS`, row of the survivor, similarity as a
 * 32-bit float.
 */
export const OUTCOME_WIDTH = 4

/** Words per rank in a table: rank and row of a near-duplicate's survivor, similarity. */
export const TABLE_WIDTH = 3

export const NONE = 0xffffffff

const ONE = new Uint32Array(Float32Array.of(1).buffer)[0] ?? 0

export interface SettleInput {
  /** Near-duplicates or removals of exact ones, in any order. */
  readonly records: Uint32Array
  /**
   * Survivor of each near-duplicate of the window, by rank from the first on; shared by threads.
   */
  readonly table: Uint32Array
  readonly first: number
  /** Target windows of the ranks of survivors. */
  readonly lostTo: Windows
  /** The end of each source's ranks. */
  readonly ends: Uint32Array
}

/** Outcomes, the ranks of their survivors, and the number of near-duplicates per source. */
export type Settled = readonly [
  decisions: Uint32Array,
  lostTo: Scattered,
  nearBySource: Uint32Array,
]

/** Decides near-duplicates and records them in the table. */
export function settleNear(input: SettleInput): Settled {
  const outcomes = outcomeList(input, input.records.length / DECISION_WIDTH)
  for (const record of recordsOf(input.records, DECISION_WIDTH)) {
    const [rank = 0, row = 0, survivorRank = 0, survivorRow = 0, similarity = 0] = record
    input.table.set(record.subarray(2), (rank - input.first) * TABLE_WIDTH)
    outcomes.add(rank, row, NEAR, survivorRank, survivorRow, similarity)
  }
  return outcomes.finish()
}

/** Decides exact duplicates of the documents in the table. */
export function settleExact(input: SettleInput): Settled {
  const outcomes = outcomeList(input, input.records.length / REMOVAL_WIDTH)
  for (const [twin = 0, twinRow = 0, rank = 0, row = 0] of recordsOf(
    input.records,
    REMOVAL_WIDTH,
  )) {
    const at = (twin - input.first) * TABLE_WIDTH
    const [survivorRank = NONE, survivorRow = 0, similarity = 0] = input.table.subarray(
      at,
      at + TABLE_WIDTH,
    )
    if (survivorRank === NONE) outcomes.add(rank, row, EXACT, twin, twinRow, ONE)
    else outcomes.add(rank, row, NEAR, survivorRank, survivorRow, similarity)
  }
  return outcomes.finish()
}

function outcomeList({ lostTo, ends }: SettleInput, count: number) {
  const decisions = new Uint32Array(count * OUTCOME_WIDTH)
  const lost = new Uint32Array(count)
  const nearBySource = new Uint32Array(ends.length)
  let added = 0
  return {
    add(
      rank: number,
      row: number,
      reason: number,
      survivorRank: number,
      survivorRow: number,
      similarity: number,
    ) {
      decisions.set([row, reason, survivorRow, similarity], added * OUTCOME_WIDTH)
      lost[added++] = survivorRank
      if (reason === EXACT) return
      const source = sourceOf(ends, rank)
      nearBySource[source] = (nearBySource[source] ?? 0) + 1
    },
    finish: (): Settled => [decisions, scatterByWindow(lost, 1, 0, lostTo), nearBySource],
  }
}

/** The source that a rank belongs to. */
export function sourceOf(ends: Uint32Array, rank: number): number {
  let low = 0
  let high = ends.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ends[middle] ?? 0) <= rank) low = middle + 1
    else high = middle
  }
  return low
}
