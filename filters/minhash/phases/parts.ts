import { inputMemory, readWords } from '../files/records.ts'
import type { Run } from '../run.ts'

/**
 * Bytes a task needs for each byte of the records it groups: input, table, output; a quarter to
 * spare.
 */
const GROUPING_FACTOR = 4
const SPARE = 1.25
/**
 * Most bytes of a task as long as more files are allowed. Small tables are faster and take less
 * memory.
 */
const USUAL_TASK_BYTES = 16 << 20
/**
 * Most files to scatter records over. A file that then does not fit into a task is sorted instead.
 */
const MOST_PARTS = 4096
/** Bytes of records that justify another file. */
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

/** Most words of records that a task groups. */
export function mostPartWords({ taskBytes }: Run): number {
  return Math.floor(taskBytes / (4 * GROUPING_FACTOR))
}

/**
 * Reads the records of files that each fit into a task. Adds the paths of the others, which many
 * copies have made large, to `large`.
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
