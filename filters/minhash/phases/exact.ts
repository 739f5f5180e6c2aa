import { NO_RANK } from '../../../src/kernels/bands/bands.ts'
import { streamRecords, type WordFile, withWordFiles } from '../files/records.ts'
import { addScattered } from '../files/scatter.ts'
import { type WindowFiles, windowFiles, windowsOf } from '../files/windows.ts'
import type { Run } from '../run.ts'
import { digestTable, type FirstInput, type Firsts, KEPT_WIDTH } from '../tasks/exact.ts'
import { EXACT_WIDTH } from '../tasks/rank.ts'
import { partRecords } from './parts.ts'

/**
 * Result of the search for exact duplicates: the removals, and the rank of every row, `NO_RANK` for
 * removed rows.
 */
export type Exact = { readonly removals: string; readonly rankOfRow: string }

/** Finds exact duplicates. The first by rank of each group is kept. */
export async function findExact(
  run: Run,
  folder: string,
  parts: readonly string[],
): Promise<Exact> {
  const { storage, rows } = run.store
  const removals = `${folder}/removals`
  const kept = windowFiles(`${folder}/kept`, rows, 4, run.taskBytes)
  await withWordFiles(
    storage,
    [removals, ...kept.paths],
    run.taskBytes,
    async ([removalFile, ...files]) => {
      for await (const [staying, removed] of takeFirsts(run, parts, kept)) {
        removalFile?.add(removed)
        await removalFile?.flush()
        await addScattered(files, staying)
      }
    },
  )
  const rankOfRow = `${folder}/rank-of-row`
  await withWordFiles(storage, [rankOfRow], run.taskBytes, async ([file]) => {
    if (file) await writeRanks(run, kept, file)
  })
  for (const path of kept.paths) await storage.remove(path)
  return { removals, rankOfRow }
}

/**
 * Threads process the files that fit. A file that many copies have made too large is read here,
 * piece by piece.
 */
async function* takeFirsts(
  run: Run,
  parts: readonly string[],
  kept: WindowFiles,
): AsyncIterable<Firsts> {
  const { storage, baseRows, signal } = run.store
  const windows = windowsOf(kept)
  const large: string[] = []
  const inputs = async function* (): AsyncIterable<FirstInput> {
    for await (const { records } of partRecords(run, parts, large))
      yield { records, baseRows, windows }
  }
  yield* run.pool.map('firstOfEach', inputs())
  for (const path of large) {
    const table = digestTable(baseRows, 1 << 10, windows)
    for await (const records of streamRecords(storage, path, EXACT_WIDTH)) {
      signal.throwIfAborted()
      yield table.take(records)
    }
  }
}

async function writeRanks(run: Run, { size, paths }: WindowFiles, file: WordFile): Promise<void> {
  for (const [window, path] of paths.entries()) {
    const first = window * size
    const ranks = new Uint32Array(Math.min(size, run.store.rows - first)).fill(NO_RANK)
    for await (const words of streamRecords(run.store.storage, path, KEPT_WIDTH)) {
      for (let at = 0; at < words.length; at += KEPT_WIDTH)
        ranks[(words[at + 1] ?? 0) - first] = words[at] ?? 0
    }
    for (let at = 0; at < ranks.length; at += 1 << 16) {
      file.add(ranks.subarray(at, at + (1 << 16)))
      await file.flush()
    }
  }
}
