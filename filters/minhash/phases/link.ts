import { packedWords } from '../../../src/kernels/bands/bands.ts'
import { inputMemory, recordsOf, withWordFiles } from '../files/records.ts'
import { addScattered } from '../files/scatter.ts'
import { type WindowFiles, windowFiles, windowsOf } from '../files/windows.ts'
import type { Run } from '../run.ts'
import { BUCKET_LEADERS, type LinkInput } from '../tasks/link.ts'
import { LINK_HEAD } from '../tasks/signatures.ts'
import { mergeRuns } from './sort-runs.ts'

/** Approximate number of link records in a task. */
const PIECE_RECORDS = 1 << 14

/**
 * Compares the documents of every bucket. Writes the edges between those that agree, by windows of
 * the larger rank.
 */
export async function linkBuckets(
  run: Run,
  folder: string,
  links: readonly string[],
): Promise<WindowFiles> {
  const { storage, rows, baseRows } = run.store
  const { hashes: lanes, threshold, similarity } = run.options
  // The search for components keeps two words per rank.
  const edges = windowFiles(`${folder}/edges`, rows, 8, run.taskBytes)
  const options = { lanes, threshold, similarity, baseRows, windows: windowsOf(edges) }
  const inputs = async function* (): AsyncIterable<LinkInput> {
    for await (const records of bucketPieces(run, links)) yield { records, ...options }
  }
  await withWordFiles(storage, edges.paths, run.taskBytes, async (files) => {
    for await (const found of run.pool.map('linkRecords', inputs()))
      await addScattered(files, found)
  })
  return edges
}

/**
 * Link records of all windows in order of bucket and rank, divided between buckets; a large bucket
 * is divided after its leaders.
 */
async function* bucketPieces(run: Run, links: readonly string[]): AsyncIterable<Uint32Array> {
  const width = LINK_HEAD + packedWords(run.options.hashes)
  const most = Math.max(1, Math.min(PIECE_RECORDS, Math.floor(run.taskBytes / (8 * width))))
  const pieceWords = (most + 2 * BUCKET_LEADERS) * width
  const lend = inputMemory(run.pool, pieceWords)
  const leaders = new Uint32Array(BUCKET_LEADERS * width)
  let piece = lend(pieceWords)
  let filled = 0
  let inBucket = 0
  for await (const sorted of mergeRuns(run, links, width)) {
    for (const record of recordsOf(sorted, width)) {
      const goesOn = inBucket > 0 && record[0] === leaders[0] && record[1] === leaders[1]
      if (!goesOn) inBucket = 0
      if (filled >= most * width && (!goesOn || inBucket >= BUCKET_LEADERS)) {
        yield piece.subarray(0, filled)
        piece = lend(pieceWords)
        filled = 0
        if (goesOn) {
          piece.set(leaders)
          filled = leaders.length
        }
      }
      if (inBucket < BUCKET_LEADERS) leaders.set(record, inBucket * width)
      inBucket++
      piece.set(record, filled)
      filled += width
    }
  }
  if (filled > 0) yield piece.subarray(0, filled)
}
