import { join } from 'node:path'
import type { Storage } from '../../core/storage.ts'
import type { Plan } from '../plan/plan.ts'
import { readJson, writeJson } from './work-folder.ts'

/** The removal of a document that passed every row filter. */
export interface Removal {
  /** Row in the ledger of the document's segment. */
  readonly row: number
  /** Name of the corpus filter, or `engine`. */
  readonly filter: string
  readonly reason: string
  /** Id of the document kept instead; `''` if there is none. */
  readonly survivor: string
  readonly similarity: number
}

/**
 * Path of the removals of the segment with this number in the run. A segment without removals has
 * no such file.
 */
export function removalsPath(folder: string, segment: number): string {
  return join(folder, `${String(segment).padStart(7, '0')}.removals.json`)
}

/** Reads the removals of one segment, by ledger row. */
export async function readRemovals(
  storage: Storage,
  folder: string,
  segment: number,
): Promise<Map<number, Removal>> {
  const removals = await readJson<Removal[]>(storage, removalsPath(folder, segment))
  return new Map((removals ?? []).map((removal) => [removal.row, removal]))
}

export async function addRemovals(
  plan: Plan,
  folder: string,
  segment: number,
  removals: readonly Removal[],
): Promise<void> {
  if (removals.length === 0) return
  const merged = await readRemovals(plan.storage, folder, segment)
  for (const removal of removals) merged.set(removal.row, removal)
  const rows = [...merged.values()].sort((a, b) => a.row - b.row)
  await writeJson(plan.storage, removalsPath(folder, segment), rows)
}
