import { join } from 'node:path'
import { bytesAt } from '../../core/batch.ts'
import type { Decision } from '../../core/filter.ts'
import type { CorpusStep, Plan } from '../plan/plan.ts'
import { addRemovals, type Removal } from '../segments/removals.ts'
import type { SegmentSketches } from './sketch-store.ts'
import { type SpillFiles, spillFiles } from './spill.ts'
import type { PlaceSet } from './superseded.ts'

/** Rows per block, as a power of two: decisions are joined with rows one block at a time. */
export const BLOCK_BITS = 18

const DECISION_BYTES = 16

export function decisionSpill({ storage }: Plan, folder: string, rows: number): SpillFiles {
  return spillFiles(storage, folder, (rows >> BLOCK_BITS) + 1)
}

export function checkDecision(
  { name, filter }: CorpusStep,
  { row, survivor, reason }: Decision,
  rows: number,
): void {
  if (row < rows && survivor < rows && row !== survivor && filter.reasons.includes(reason)) return
  throw new Error(`${name} decided ${JSON.stringify({ row, survivor, reason })} over ${rows} rows`)
}

export function encodeDecision(
  { filter }: CorpusStep,
  { row, survivor, similarity, reason }: Decision,
): Uint8Array {
  const bytes = new Uint8Array(DECISION_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, row, true)
  view.setUint32(4, survivor, true)
  view.setFloat32(8, similarity, true)
  view.setUint32(12, filter.reasons.indexOf(reason), true)
  return bytes
}

/**
 * First pass: adds the id of the survivor to every decision. Second pass: records the decision with
 * the row it removes.
 */
export async function recordDecisions(
  plan: Plan,
  folder: string,
  step: CorpusStep,
  sketches: SegmentSketches,
  bySurvivor: SpillFiles,
  removed: PlaceSet,
): Promise<void> {
  const byRow = decisionSpill(plan, join(folder, 'by-row'), sketches.store.rows)
  let block = -1
  let waiting = new Map<number, DataView[]>()
  for await (const { firstRow, places, id } of sketches.places()) {
    for (const position of places.keys()) {
      const row = firstRow + position
      if (row >> BLOCK_BITS !== block) {
        block = row >> BLOCK_BITS
        waiting = groupBy(fixedRecords(await bySurvivor.take(block)), (record) =>
          record.getUint32(4, true),
        )
      }
      for (const record of waiting.get(row) ?? []) {
        await byRow.add(
          record.getUint32(0, true) >> BLOCK_BITS,
          withSurvivor(record, bytesAt(id, position)),
        )
      }
    }
  }
  block = -1
  let removals = new Map<number, Omit<Removal, 'row'>>()
  let pending: Removal[] = []
  let segment = -1
  const flush = async (): Promise<void> => {
    if (pending.length > 0) await addRemovals(plan, folder, segment, pending)
    pending = []
  }
  for await (const { firstRow, places } of sketches.places()) {
    for (const [position, place] of places.entries()) {
      const row = firstRow + position
      if (row >> BLOCK_BITS !== block) {
        block = row >> BLOCK_BITS
        removals = decodeRemovals(await byRow.take(block), step)
      }
      const removal = removals.get(row)
      if (!removal) continue
      if (place.segment !== segment) await flush()
      segment = place.segment
      pending.push({ row: place.row, ...removal })
      removed.add(place.segment, place.row)
    }
  }
  await flush()
}

function fixedRecords(bytes: Uint8Array): DataView[] {
  const records: DataView[] = []
  for (let start = 0; start < bytes.length; start += DECISION_BYTES) {
    records.push(new DataView(bytes.buffer, bytes.byteOffset + start, DECISION_BYTES))
  }
  return records
}

function groupBy<T>(values: readonly T[], keyOf: (value: T) => number): Map<number, T[]> {
  const groups = new Map<number, T[]>()
  for (const value of values) {
    const group = groups.get(keyOf(value))
    if (group) group.push(value)
    else groups.set(keyOf(value), [value])
  }
  return groups
}

/** The decision, followed by the length and the bytes of the survivor's id. */
function withSurvivor(decision: DataView, id: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(DECISION_BYTES + 4 + id.length)
  bytes.set(new Uint8Array(decision.buffer, decision.byteOffset, DECISION_BYTES))
  new DataView(bytes.buffer).setUint32(DECISION_BYTES, id.length, true)
  bytes.set(id, DECISION_BYTES + 4)
  return bytes
}

function decodeRemovals(
  bytes: Uint8Array,
  { name, filter }: CorpusStep,
): Map<number, Omit<Removal, 'row'>> {
  const removals = new Map<number, Omit<Removal, 'row'>>()
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let start = 0; start < bytes.length; ) {
    const length = view.getUint32(start + DECISION_BYTES, true)
    const idStart = start + DECISION_BYTES + 4
    removals.set(view.getUint32(start, true), {
      filter: name,
      reason: filter.reasons[view.getUint32(start + 12, true)] ?? '',
      survivor: new TextDecoder().decode(bytes.subarray(idStart, idStart + length)),
      similarity: view.getFloat32(start + 8, true),
    })
    start = idStart + length
  }
  return removals
}
