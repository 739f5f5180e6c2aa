import { textAt } from '../../../src/core/batch.ts'
import type { Alarm } from '../../../src/core/filter.ts'
import { readWords, streamRecords } from '../files/records.ts'
import type { WindowFiles } from '../files/windows.ts'
import type { Run } from '../run.ts'
import { BY_RANK_WIDTH } from '../tasks/rank.ts'
import type { Bucket } from './plan.ts'

/** Losses below this many documents raise no alarm, whatever their share. */
const LEAST_LOSS = 20

/** An alarm, and the rank of the document whose id completes its message, if it names one. */
export interface RowAlarm {
  readonly code: string
  readonly message: (id: string) => string
  readonly rank?: number
}

/** Components that were too large to compare each document with each. */
export function oversizeAlarms(buckets: readonly Bucket[], leaders: number): RowAlarm[] {
  return buckets.flatMap(({ documents, root, lastLeader }) => {
    if (root === undefined || lastLeader === undefined) return []
    const message = (id: string) =>
      `${documents} documents resemble each other around ${id}: compared with the first ${leaders} by rank only`
    return [{ code: 'component-cap', message, rank: root }]
  })
}

/** The end of each source's ranks, which are consecutive. */
export function sourceEnds({ store }: Run, documents: readonly number[]): Uint32Array {
  let end = store.baseRows
  return Uint32Array.from(documents, (count) => (end += count))
}

/**
 * Alarms for sources that lost many documents, from the documents of each and its near-duplicates.
 */
export function sourceAlarms(
  { store, options }: Run,
  documents: readonly number[],
  lost: Uint32Array,
): RowAlarm[] {
  return documents.flatMap((all, source) => {
    const near = lost[source] ?? 0
    if (near < LEAST_LOSS || near <= options.alarmSourceShare * all) return []
    const name = store.sources[source]
    const message = () =>
      `source ${name} lost ${near} of ${all} documents (${percent(near, all)}) to near-duplicates`
    return [{ code: 'source-loss', message }]
  })
}

/** Alarms for survivors of many documents, from the survivor's rank for each removed document. */
export async function lossAlarms(
  { store, options }: Run,
  { size, paths }: WindowFiles,
): Promise<RowAlarm[]> {
  const added = store.rows - store.baseRows
  const least = Math.max(LEAST_LOSS, Math.floor(options.alarmSurvivorShare * added) + 1)
  const alarms: RowAlarm[] = []
  for (const [window, path] of paths.entries()) {
    const first = window * size
    const lostTo = new Uint32Array(Math.min(size, store.rows - first))
    for await (const ranks of streamRecords(store.storage, path, 1)) {
      for (const rank of ranks) lostTo[rank - first] = (lostTo[rank - first] ?? 0) + 1
    }
    for (let i = 0; i < lostTo.length; i++) {
      const lost = lostTo[i] ?? 0
      if (lost < least) continue
      const share = percent(lost, added)
      const message = (id: string) =>
        `${lost} of ${added} documents (${share}) were removed in favour of ${id} alone`
      alarms.push({ code: 'single-survivor', message, rank: first + i })
    }
  }
  return alarms
}

const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`

/**
 * Completes alarms with the ids of the documents they name, in one scan, and only if an alarm names
 * one.
 */
export async function nameAlarms(
  { store }: Run,
  alarms: readonly RowAlarm[],
  byRank: string,
): Promise<Alarm[]> {
  const rowOf = new Map<number, number>()
  for (const { rank } of alarms) {
    if (rank === undefined || rowOf.has(rank)) continue
    rowOf.set(rank, (await readWords(store.storage, byRank, rank * BY_RANK_WIDTH, 1))[0] ?? 0)
  }
  const idOf = new Map([...rowOf.values()].map((row) => [row, '']))
  if (idOf.size > 0) {
    for await (const { firstRow, rows, id } of store.scan()) {
      for (let row = 0; row < rows; row++)
        if (idOf.has(firstRow + row)) idOf.set(firstRow + row, textAt(id, row))
    }
  }
  return alarms.map(({ code, message, rank }) => ({
    code,
    message: message(rank === undefined ? '' : (idOf.get(rowOf.get(rank) ?? -1) ?? '')),
  }))
}
