import { inputMemory, readWords } from '../files/records.ts'
import type { Run } from '../run.ts'

/**
 * Bytes a task needs for each byte of the records it groups: input, table, output; a quarter to
 * spare.
 */
const GROUPING_FACTOR = 4
const SPARE = 1.25
/**
 * What a task takes at most while there may be more files: small tables are faster, and take less
 * memory.
 */
const USUAL_TASK_BYTES = 16 << 20
/**
 * Files that records are scattered over at most; what does not fit into a task then is sorted
 * instead.
 */
const MOST_PARTS = 4096
/** Bytes of records for which another file is worth its while. */
const LEAST_PART_BYTES = 4096

/**
 * Names files over which `bytes` of records are scattered by a hash, so that each fits into a task.
 */
export function partPaths({ pool, taskBytes }: Run, name: string, bytes: number): string[] {
  const each = Math.min(taskBytes, USUAL_TASK_BYTES)
  const wanted = Math.max(pool.size * 2, Math.ceil((bytes * GROUPING_FACTOR * SPARE) / each))
  const count = Math.max(1, Math.min(MOST_PARTS, wanted, Math.ceil(bytes / LEAST_PART_BYTES)))
  return Array.from({ length: count }, (_, i) => `${name}-${i}`)
}

/** Words of records that a task groups at most. */
export function mostPartWords({ taskBytes }: Run): number {
  return Math.floor(taskBytes / (4 * GROUPING_FACTOR))
}

/**
 * The records of files that each fit into a task; the paths of the others, made large by many
 * copies, go into `large`.
 */
export async function* partRecords(
  run: Run,
  paths: readonly string[],
  large: string[],
): AsyncIterable<{ readonly records: Uint32Array; readonly baseRows: number }> {
  const { storage, baseRows, signal } = run.store
  const mostWords = mostPartWords(run)
  const lend = inputMemory(run.pool, 0)
  for (const path of paths) {
    signal.throwIfAborted()
    const bytes = (await storage.stat(path))?.size ?? 0
    if (bytes > 4 * mostWords) large.push(path)
    else yield { records: await readWords(storage, path, 0, undefined, lend), baseRows }
  }
}
