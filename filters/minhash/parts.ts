import type { Run } from './run.ts'

/** Bytes a task needs for each byte of the records it groups: input, table, output; a quarter to spare. */
const GROUPING_FACTOR = 4
const SPARE = 1.25
/** Files that records are scattered over at most; what does not fit into a task then is sorted instead. */
const MOST_PARTS = 4096
/** Bytes of records for which another file is worth its while. */
const LEAST_PART_BYTES = 4096

/** Names files over which `bytes` of records are scattered by a hash, so that each fits into a task. */
export function partPaths({ pool, taskBytes }: Run, name: string, bytes: number): string[] {
  const wanted = Math.max(pool.size * 2, Math.ceil((bytes * GROUPING_FACTOR * SPARE) / taskBytes))
  const count = Math.max(1, Math.min(MOST_PARTS, wanted, Math.ceil(bytes / LEAST_PART_BYTES)))
  return Array.from({ length: count }, (_, i) => `${name}-${i}`)
}

/** Position of the file for a hash: equal stretches of it, so that inside a file the other words stay uniform. */
export function partOf(parts: number, hash: number): number {
  return Math.floor((hash * parts) / 2 ** 32)
}

/** Words of the largest file that `fitsTask`. */
export function mostWords({ taskBytes }: Run): number {
  return Math.floor(taskBytes / (4 * GROUPING_FACTOR))
}

/** Whether the records of a file can be grouped by one task. Many copies of something make a file larger than others. */
export async function fitsTask(run: Run, path: string): Promise<boolean> {
  return ((await run.store.storage.stat(path))?.size ?? 0) <= 4 * mostWords(run)
}
