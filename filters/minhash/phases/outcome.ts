import type { Alarm, Decision } from '../../../src/core/filter.ts'
import {
  eachRecord,
  inputMemory,
  READ_BYTES,
  sharedWords,
  streamRecords,
  withWordFiles,
} from '../files/records.ts'
import { addScattered, scatterByWindow } from '../files/scatter.ts'
import { type WindowFiles, windowFiles, windowsOf } from '../files/windows.ts'
import type { Run } from '../run.ts'
import { REMOVAL_WIDTH } from '../tasks/exact.ts'
import {
  NONE,
  OUTCOME_WIDTH,
  REASONS,
  type Settled,
  type SettleInput,
  TABLE_WIDTH,
} from '../tasks/outcome.ts'
import { DECISION_WIDTH } from '../tasks/verify.ts'
import { lossAlarms, nameAlarms, type RowAlarm, sourceAlarms, sourceEnds } from './alarms.ts'

/** Result of the last phase: all decisions and the alarms. */
export type Outcome = {
  readonly decisions: string
  readonly alarms: readonly { [Key in keyof Alarm]: string }[]
}

/** Results of earlier phases that the decisions are made of. */
export interface Findings {
  readonly exact: string
  readonly near: readonly string[]
  readonly byRank: string
  /** Documents per source. */
  readonly documents: readonly number[]
  readonly alarms: readonly RowAlarm[]
}

/**
 * Joins exact and near-duplicates. An exact duplicate of a document that was itself removed as a
 * near-duplicate has the same shingles, so it gets the same survivor and similarity.
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
 * Decides the near-duplicates of one window of ranks. When all are in the table, decides the exact
 * duplicates of its documents.
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

/** Reads the decisions that the last phase wrote. */
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
