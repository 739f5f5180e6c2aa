import type { Alarm, Decision } from '../../../src/core/filter.ts'
import {
  eachRecord,
  inputMemory,
  READ_BYTES,
  recordsOf,
  sharedWords,
  streamRecords,
  withWordFiles,
} from '../files/records.ts'
import { addScattered, type Scattered, scatterByWindow } from '../files/scatter.ts'
import { type WindowFiles, type Windows, windowFiles, windowsOf } from '../files/windows.ts'
import type { Run } from '../run.ts'
import { DECISION_WIDTH } from '../tasks/verify.ts'
import {
  lossAlarms,
  nameAlarms,
  type RowAlarm,
  sourceAlarms,
  sourceEnds,
  sourceOf,
} from './alarms.ts'
import { REMOVAL_WIDTH } from './exact.ts'

/** Why a document was removed. */
export const REASONS = ['exact-duplicate', 'near-duplicate'] as const
const EXACT = 0
const NEAR = 1

/**
 * Words of an outcome: row removed, position in `REASONS`, row of the survivor, similarity as a
 * 32-bit float.
 */
const OUTCOME_WIDTH = 4
/** Words a table has for each rank: rank and row of a near-duplicate's survivor, similarity. */
const TABLE_WIDTH = 3
const NONE = 0xffffffff
const ONE = new Uint32Array(Float32Array.of(1).buffer)[0] ?? 0

/** What the last phase leaves: all decisions, and the alarms. */
export type Outcome = {
  readonly decisions: string
  readonly alarms: readonly { [Key in keyof Alarm]: string }[]
}

/** Removals of earlier phases, and what goes with them. */
export interface Findings {
  readonly exact: string
  readonly near: readonly string[]
  readonly byRank: string
  /** Documents per source. */
  readonly documents: readonly number[]
  readonly alarms: readonly RowAlarm[]
}

/**
 * Puts exact and near-duplicates together. An exact duplicate of a document that was itself removed
 * as a near-duplicate has the same shingles: it goes to the same survivor with the same similarity.
 */
export async function settleOutcome(
  run: Run,
  folder: string,
  findings: Findings,
): Promise<Outcome> {
  const { storage, rows } = run.store
  const windows = (name: string, words: number): WindowFiles =>
    windowFiles(`${folder}/${name}`, rows, words * 4, run.taskBytes)
  const near = windows('near', TABLE_WIDTH)
  const exact = windows('exact', TABLE_WIDTH)
  const lostTo = windows('lost-to', 1)
  await scatter(run, findings.near, DECISION_WIDTH, near)
  await scatter(run, [findings.exact], REMOVAL_WIDTH, exact)
  const decisions = `${folder}/decisions`
  const ends = sourceEnds(run, findings.documents)
  const nearBySource = new Uint32Array(ends.length)
  const table = sharedWords(Math.min(near.size, rows) * TABLE_WIDTH)
  await withWordFiles(
    storage,
    [decisions, ...lostTo.paths],
    run.taskBytes,
    async ([file, ...lostFiles]) => {
      for (const window of near.paths.keys()) {
        table.fill(NONE)
        const shared = { first: window * near.size, table, lostTo: windowsOf(lostTo), ends }
        for await (const [decided, lost, bySource] of settleWindow(
          run,
          near,
          exact,
          window,
          shared,
        )) {
          file?.add(decided)
          await file?.flush()
          await addScattered(lostFiles, lost)
          for (const [source, count] of bySource.entries())
            nearBySource[source] = (nearBySource[source] ?? 0) + count
        }
      }
    },
  )
  const losses = [
    ...sourceAlarms(run, findings.documents, nearBySource),
    ...(await lossAlarms(run, lostTo)),
  ]
  for (const path of [...near.paths, ...exact.paths, ...lostTo.paths]) await storage.remove(path)
  return {
    decisions,
    alarms: await nameAlarms(run, [...findings.alarms, ...losses], findings.byRank),
  }
}

/** Scatters records over windows by their first word, a rank. */
async function scatter(
  run: Run,
  paths: readonly string[],
  width: number,
  windows: WindowFiles,
): Promise<void> {
  const { storage } = run.store
  await withWordFiles(storage, windows.paths, run.taskBytes, async (files) => {
    for (const path of paths) {
      for await (const words of streamRecords(storage, path, width)) {
        await addScattered(files, scatterByWindow(words, width, 0, windowsOf(windows)))
      }
    }
  })
}

/**
 * Near-duplicates of one window of ranks, and when all are in the table, the exact duplicates of
 * its documents.
 */
async function* settleWindow(
  run: Run,
  near: WindowFiles,
  exact: WindowFiles,
  window: number,
  shared: Omit<SettleInput, 'records'>,
): AsyncIterable<Settled> {
  const inputs = async function* (
    path: string | undefined,
    width: number,
  ): AsyncIterable<SettleInput> {
    const lend = inputMemory(run.pool, 0)
    for await (const records of streamRecords(
      run.store.storage,
      path ?? '',
      width,
      READ_BYTES,
      lend,
    )) {
      run.store.signal.throwIfAborted()
      yield { records, ...shared }
    }
  }
  yield* run.pool.map('settleNear', inputs(near.paths[window], DECISION_WIDTH))
  yield* run.pool.map('settleExact', inputs(exact.paths[window], REMOVAL_WIDTH))
}

export interface SettleInput {
  /** Near-duplicates or removals of exact ones, in any order. */
  readonly records: Uint32Array
  /**
   * Of each rank of the window, from the first on, the survivor it was lost to as a near-duplicate;
   * shared by threads.
   */
  readonly table: Uint32Array
  readonly first: number
  /** What the ranks of survivors go to. */
  readonly lostTo: Windows
  /** The rank after the last of each source. */
  readonly ends: Uint32Array
}

/** Outcomes, the ranks of their survivors, and how many near-duplicates each source lost. */
type Settled = readonly [decisions: Uint32Array, lostTo: Scattered, nearBySource: Uint32Array]

/** Decides near-duplicates, and notes them in the table. */
export function settleNear(input: SettleInput): Settled {
  const outcomes = outcomeList(input, input.records.length / DECISION_WIDTH)
  for (const record of recordsOf(input.records, DECISION_WIDTH)) {
    const [rank = 0, row = 0, survivorRank = 0, survivorRow = 0, similarity = 0] = record
    input.table.set(record.subarray(2), (rank - input.first) * TABLE_WIDTH)
    outcomes.add(rank, row, NEAR, survivorRank, survivorRow, similarity)
  }
  return outcomes.finish()
}

/** Decides exact duplicates of the documents that the table is about. */
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

/** The decisions as they were left. */
export async function* decisionsIn(run: Run, { decisions }: Outcome): AsyncIterable<Decision> {
  const similarity = new Float32Array(1)
  const bits = new Uint32Array(similarity.buffer)
  for await (const [row = 0, reason = 0, survivor = 0, alike = 0] of eachRecord(
    run.store.storage,
    decisions,
    OUTCOME_WIDTH,
  )) {
    bits[0] = alike
    yield { row, reason: REASONS[reason] ?? '', survivor, similarity: similarity[0] ?? 0 }
  }
}
