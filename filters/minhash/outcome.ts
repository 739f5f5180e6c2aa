import type { Alarm, Decision } from '../../src/core/filter.ts'
import { lossAlarms, nameAlarms, type RowAlarm, sourceTally } from './alarms.ts'
import { REMOVAL_WIDTH } from './exact.ts'
import { eachRecord, recordsOf, streamRecords, withWordFiles } from './records.ts'
import type { Run } from './run.ts'
import { DECISION_WIDTH } from './verify.ts'
import { type WindowFiles, windowFiles, windowOf } from './windows.ts'

/** Why a document was removed. */
export const REASONS = ['exact-duplicate', 'near-duplicate'] as const
const EXACT = 0
const NEAR = 1

/** Words of an outcome: row removed, position in `REASONS`, row of the survivor, similarity as a 32-bit float. */
const OUTCOME_WIDTH = 4
/** Words a table has for each rank: rank and row of a near-duplicate's survivor, similarity. */
const TABLE_WIDTH = 3
const NONE = 0xffffffff
const ONE = new Uint32Array(Float32Array.of(1).buffer)[0] ?? 0

/** What the last phase leaves: all decisions, and the alarms. */
export type Outcome = { readonly decisions: string; readonly alarms: readonly { [Key in keyof Alarm]: string }[] }

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
 * Puts exact and near-duplicates together. An exact duplicate of a document that was itself removed as a near-duplicate
 * has the same shingles: it goes to the same survivor with the same similarity.
 */
export async function settleOutcome(run: Run, folder: string, findings: Findings): Promise<Outcome> {
  const { storage, rows } = run.store
  const windows = (name: string, words: number): WindowFiles =>
    windowFiles(`${folder}/${name}`, rows, words * 4, run.taskBytes)
  const near = windows('near', TABLE_WIDTH)
  const exact = windows('exact', TABLE_WIDTH)
  const lostTo = windows('lost-to', 1)
  await scatter(run, findings.near, DECISION_WIDTH, near)
  await scatter(run, [findings.exact], REMOVAL_WIDTH, exact)
  const decisions = `${folder}/decisions`
  const nearBySource = sourceTally(run, findings.documents)
  await withWordFiles(storage, [decisions, ...lostTo.paths], run.taskBytes, async ([file, ...lostFiles]) => {
    const decision = new Uint32Array(OUTCOME_WIDTH)
    const remove: Remove = (rank, row, reason, [survivorRank = 0, survivorRow = 0, similarity = 0]) => {
      decision.set([row, reason, survivorRow, similarity])
      file?.add(decision)
      lostFiles[windowOf(lostTo, survivorRank)]?.add(Uint32Array.of(survivorRank))
      if (reason === NEAR) nearBySource.add(rank)
    }
    const flush = async (): Promise<void> => {
      for (const one of [file, ...lostFiles]) await one?.flush()
    }
    for (const window of near.paths.keys()) await settleWindow(run, near, exact, window, remove, flush)
  })
  const alarms = [...findings.alarms, ...nearBySource.alarms(), ...(await lossAlarms(run, lostTo))]
  for (const path of [...near.paths, ...exact.paths, ...lostTo.paths]) await storage.remove(path)
  return { decisions, alarms: await nameAlarms(run, alarms, findings.byRank) }
}

/** Notes a removal; of the survivor its rank, its row and the bits of the similarity. */
type Remove = (rank: number, row: number, reason: number, survivor: Uint32Array) => void

/** Scatters records over windows by their first word, a rank. */
async function scatter(run: Run, paths: readonly string[], width: number, windows: WindowFiles): Promise<void> {
  const { storage } = run.store
  await withWordFiles(storage, windows.paths, run.taskBytes, async (files) => {
    for (const path of paths) {
      for await (const words of streamRecords(storage, path, width)) {
        for (const record of recordsOf(words, width)) files[windowOf(windows, record[0] ?? 0)]?.add(record)
        for (const file of files) await file.flush()
      }
    }
  })
}

/** Near-duplicates of one window of ranks, then the exact duplicates of its documents. */
async function settleWindow(
  run: Run,
  near: WindowFiles,
  exact: WindowFiles,
  window: number,
  remove: Remove,
  flush: () => Promise<void>,
): Promise<void> {
  const { storage, rows } = run.store
  const first = window * near.size
  const table = new Uint32Array(Math.min(near.size, rows - first) * TABLE_WIDTH).fill(NONE)
  const survivorOf = (rank: number): Uint32Array =>
    table.subarray((rank - first) * TABLE_WIDTH, (rank - first + 1) * TABLE_WIDTH)
  for await (const words of streamRecords(storage, near.paths[window] ?? '', DECISION_WIDTH)) {
    for (const record of recordsOf(words, DECISION_WIDTH)) {
      const survivor = record.subarray(2)
      table.set(survivor, ((record[0] ?? 0) - first) * TABLE_WIDTH)
      remove(record[0] ?? 0, record[1] ?? 0, NEAR, survivor)
    }
    await flush()
  }
  for await (const words of streamRecords(storage, exact.paths[window] ?? '', REMOVAL_WIDTH)) {
    for (const [twin = 0, twinRow = 0, rank = 0, row = 0] of recordsOf(words, REMOVAL_WIDTH)) {
      const survivor = survivorOf(twin)
      if (survivor[0] === NONE) remove(rank, row, EXACT, Uint32Array.of(twin, twinRow, ONE))
      else remove(rank, row, NEAR, survivor)
    }
    await flush()
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
