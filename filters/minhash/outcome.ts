import { textAt } from '../../src/core/batch.ts'
import type { Alarm, Decision } from '../../src/core/filter.ts'
import { EXACT_REMOVAL_WIDTH } from './candidates.ts'
import { readWords, streamRecords } from './records.ts'
import type { Run } from './run.ts'
import { DECISION_WIDTH } from './verify.ts'

/** Why a document was removed. */
export const REASONS = ['exact-duplicate', 'near-duplicate'] as const

const NONE = 0xffffffff

/** What was found, on the way from ranks back to rows. */
export interface Outcome {
  decisions(): AsyncIterable<Decision>
  /** Documents lost to near-duplicates, by rank of the removed; and to each survivor, for whatever reason. */
  readonly losses: Losses
}

export interface Losses {
  /** Survivor's rank by rank of a near-duplicate; `NONE` for all others. */
  readonly survivorOf: Uint32Array
  isNear(rank: number): boolean
  /** Documents removed in favour of a document, by rank; complete after `decisions` has been read to its end. */
  readonly lostTo: Uint32Array
}

/**
 * Turns removals into decisions about rows. An exact duplicate of a document that was itself removed as a
 * near-duplicate has the same shingles: it goes to the same survivor with the same similarity.
 */
export async function openOutcome(
  run: Run,
  rankPath: string,
  exactPath: string,
  nearPaths: readonly string[],
): Promise<Outcome> {
  const { storage, rows } = run.store
  const survivorOf = new Uint32Array(rows).fill(NONE)
  const similarityOf = new Float32Array(rows)
  for (const path of nearPaths) {
    for await (const words of streamRecords(storage, path, DECISION_WIDTH)) {
      const floats = new Float32Array(words.buffer, words.byteOffset, words.length)
      for (let at = 0; at < words.length; at += DECISION_WIDTH) {
        survivorOf[words[at] ?? 0] = words[at + 1] ?? 0
        similarityOf[words[at] ?? 0] = floats[at + 2] ?? 0
      }
    }
  }
  const rowOf = await invert(run, rankPath)
  const lostTo = new Uint32Array(rows)
  const near = (rank: number, like: number): Decision => {
    const survivor = survivorOf[like] ?? 0
    lostTo[survivor] = (lostTo[survivor] ?? 0) + 1
    return {
      row: rowOf[rank] ?? 0,
      reason: REASONS[1],
      survivor: rowOf[survivor] ?? 0,
      similarity: similarityOf[like] ?? 0,
    }
  }
  const exact = (rank: number, survivor: number): Decision => {
    lostTo[survivor] = (lostTo[survivor] ?? 0) + 1
    return { row: rowOf[rank] ?? 0, reason: REASONS[0], survivor: rowOf[survivor] ?? 0, similarity: 1 }
  }
  return {
    losses: { survivorOf, lostTo, isNear: (rank) => survivorOf[rank] !== NONE },
    async *decisions() {
      for await (const words of streamRecords(storage, exactPath, EXACT_REMOVAL_WIDTH)) {
        for (let at = 0; at < words.length; at += EXACT_REMOVAL_WIDTH) {
          const rank = words[at] ?? 0
          const twin = words[at + 1] ?? 0
          yield survivorOf[twin] === NONE ? exact(rank, twin) : near(rank, twin)
        }
      }
      for (let rank = 0; rank < rows; rank++) if (survivorOf[rank] !== NONE) yield near(rank, rank)
    },
  }
}

async function invert(run: Run, rankPath: string): Promise<Uint32Array> {
  const rankOf = await readWords(run.store.storage, rankPath)
  const rowOf = new Uint32Array(rankOf.length)
  for (let row = 0; row < rankOf.length; row++) rowOf[rankOf[row] ?? 0] = row
  return rowOf
}

/** Losses below this many documents raise no alarm, whatever their share. */
const LEAST_LOSS = 20

/** An alarm, and the row whose id completes the message where one is named. */
export interface RowAlarm {
  readonly code: string
  readonly message: (id: string) => string
  readonly rank?: number
}

/** Sources that lost much to near-duplicates, and survivors that much was lost to. */
export function lossAlarms(run: Run, losses: Losses, documents: readonly number[]): RowAlarm[] {
  const { sources, rows, baseRows } = run.store
  const { alarmSourceShare, alarmSurvivorShare } = run.options
  const alarms: RowAlarm[] = []
  let rank = baseRows
  for (const [index, source] of sources.entries()) {
    const all = documents[sources.length + index] ?? 0
    let lost = 0
    for (const end = rank + all; rank < end; rank++) if (losses.isNear(rank)) lost++
    if (lost < LEAST_LOSS || lost <= alarmSourceShare * all) continue
    const share = percent(lost, all)
    alarms.push({
      code: 'source-loss',
      message: () => `source ${source} lost ${lost} of ${all} documents (${share}) to near-duplicates`,
    })
  }
  const added = rows - baseRows
  for (const [survivor, lost] of losses.lostTo.entries()) {
    if (lost < LEAST_LOSS || lost <= alarmSurvivorShare * added) continue
    const share = percent(lost, added)
    const message = (id: string) => `${lost} of ${added} documents (${share}) were removed in favour of ${id} alone`
    alarms.push({ code: 'single-survivor', message, rank: survivor })
  }
  return alarms
}

const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`

/** Completes alarms with the ids of the documents they name: one scan, and only if there is something to name. */
export async function nameAlarms(run: Run, alarms: readonly RowAlarm[], rankPath: string): Promise<Alarm[]> {
  const wanted = new Map(alarms.flatMap(({ rank }) => (rank === undefined ? [] : [[rank, '']])))
  if (wanted.size > 0) {
    const rankOf = await readWords(run.store.storage, rankPath)
    for await (const { firstRow, rows, id } of run.store.scan()) {
      for (let row = 0; row < rows; row++) {
        const rank = rankOf[firstRow + row] ?? 0
        if (wanted.has(rank)) wanted.set(rank, textAt(id, row))
      }
    }
  }
  return alarms.map(({ code, message, rank }) => ({ code, message: message(wanted.get(rank ?? -1) ?? '') }))
}
