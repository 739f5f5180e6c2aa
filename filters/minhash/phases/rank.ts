import {
  inputMemory,
  READ_BYTES,
  readWords,
  streamRecords,
  withWordFiles,
} from '../files/records.ts'
import { addScattered, type Scattered } from '../files/scatter.ts'
import type { Run } from '../run.ts'
import { EXACT_WIDTH, type RangeInput, type RankInput, rankRange } from '../tasks/rank.ts'
import { DOCUMENT_WIDTH } from '../tasks/scan.ts'
import { sortRecords } from '../tasks/sort.ts'
import { mostPartWords, partPaths } from './parts.ts'
import type { Scanned } from './scan.ts'
import { mergeRuns, sortRuns } from './sort-runs.ts'

/**
 * Files of ranking: row and bytes by rank, and exact records in order of rank, scattered by digest.
 */
export type Ranked = { readonly byRank: string; readonly exact: readonly string[] }

/**
 * Sorts all documents by preference. From here on a document is its rank. Of two documents, the
 * smaller rank is preferred, and nothing depends on the order in which documents arrived.
 */
export async function rankDocuments(run: Run, folder: string, scanned: Scanned): Promise<Ranked> {
  const { storage, rows } = run.store
  const ranges = await cutRanges(run, folder, scanned)
  const byRank = `${folder}/by-rank`
  const exact = partPaths(run, `${folder}/exact`, rows * EXACT_WIDTH * 4)
  await withWordFiles(storage, [byRank, ...exact], run.taskBytes, async ([documents, ...files]) => {
    for await (const [ranked, keys] of rankRanges(run, folder, ranges, exact.length)) {
      documents?.add(ranked)
      await documents?.flush()
      await addScattered(files, keys)
    }
  })
  for (const path of ranges) await storage.remove(path)
  return { byRank, exact }
}

/** Divides the documents into consecutive ranges of their order, each of which fits into a task. */
async function cutRanges(
  run: Run,
  folder: string,
  { records, sample }: Scanned,
): Promise<string[]> {
  const { storage, rows, signal } = run.store
  const paths = partPaths(run, `${folder}/range`, rows * DOCUMENT_WIDTH * 4)
  const sorted = sortRecords({ records: await readWords(storage, sample), width: DOCUMENT_WIDTH })
  const sampled = sorted.length / DOCUMENT_WIDTH
  const starts = new Uint32Array((paths.length - 1) * DOCUMENT_WIDTH)
  for (let range = 1; range < paths.length; range++) {
    const at = Math.floor((range * sampled) / paths.length) * DOCUMENT_WIDTH
    starts.set(sorted.subarray(at, at + DOCUMENT_WIDTH), (range - 1) * DOCUMENT_WIDTH)
  }
  const lend = inputMemory(run.pool, 0)
  const inputs = async function* (): AsyncIterable<RangeInput> {
    for await (const some of streamRecords(storage, records, DOCUMENT_WIDTH, READ_BYTES, lend)) {
      signal.throwIfAborted()
      yield { records: some, starts }
    }
  }
  await withWordFiles(storage, paths, run.taskBytes, async (files) => {
    for await (const scattered of run.pool.map('scatterRanges', inputs()))
      await addScattered(files, scattered)
  })
  return paths
}

/**
 * Ranks one range after another. A range that is too large for a task by chance is sorted in runs.
 */
async function* rankRanges(
  run: Run,
  folder: string,
  paths: readonly string[],
  parts: number,
): AsyncIterable<[byRank: Uint32Array, exact: Scattered]> {
  const { storage, signal } = run.store
  const lend = inputMemory(run.pool, 0)
  let next = 0
  let firstRank = 0
  const fitting = async function* (): AsyncIterable<RankInput> {
    for (; next < paths.length; next++) {
      signal.throwIfAborted()
      const path = paths[next] ?? ''
      const words = ((await storage.stat(path))?.size ?? 0) / 4
      if (words > mostPartWords(run)) return
      yield { records: await readWords(storage, path, 0, words, lend), firstRank, parts }
      firstRank += words / DOCUMENT_WIDTH
    }
  }
  for (; next < paths.length; next++) {
    yield* run.pool.map('rankRange', fitting())
    const large = paths[next]
    if (large === undefined) return
    const runs = await sortRuns(run, folder, large, DOCUMENT_WIDTH)
    for await (const records of mergeRuns(run, runs, DOCUMENT_WIDTH)) {
      yield rankRange({ records, firstRank, parts })
      firstRank += records.length / DOCUMENT_WIDTH
    }
    for (const path of runs) await storage.remove(path)
  }
}
