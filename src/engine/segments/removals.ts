import { join } from 'node:path'
import type { Storage } from '../../core/storage.ts'
import { readJson } from './work-folder.ts'

/** The removal of a document that had passed every row filter. */
export interface Removal {
  /** Row in the ledger of its segment. */
  readonly row: number
  /** Name of the corpus filter, or `engine`. */
  readonly filter: string
  readonly reason: string
  /** Id of the document kept instead; `''` where there is none. */
  readonly survivor: string
  readonly similarity: number
}

/** Path of the removals of the segment with this number in the run; no file means none. */
export function removalsPath(folder: string, segment: number): string {
  return join(folder, `${String(segment).padStart(7, '0')}.removals.json`)
}

/** The removals of one segment by ledger row. */
export async function readRemovals(
  storage: Storage,
  folder: string,
  segment: number,
): Promise<Map<number, Removal>> {
  const removals = await readJson<Removal[]>(storage, removalsPath(folder, segment))
  return new Map((removals ?? []).map((removal) => [removal.row, removal]))
}
