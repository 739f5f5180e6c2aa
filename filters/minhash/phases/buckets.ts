import { BAND_WIDTH } from '../../../src/kernels/bands/bands.ts'
import { recordsOf, withWordFiles } from '../files/records.ts'
import { addScattered, type Scattered, scatterByWindow } from '../files/scatter.ts'
import { type WindowFiles, type Windows, windowsOf } from '../files/windows.ts'
import type { Run } from '../run.ts'
import { type BucketInput, REQUEST_WIDTH, sameBand } from '../tasks/buckets.ts'
import { partRecords } from './parts.ts'
import { mergeRuns, sortRuns } from './sort-runs.ts'

/**
 * Finds the documents that agree in a whole band. Writes requests for their signatures by windows
 * of ranks, in order of bucket and rank.
 */
export async function findBuckets(
  run: Run,
  folder: string,
  parts: readonly string[],
  signatures: WindowFiles,
): Promise<WindowFiles> {
  const { size } = signatures
  const paths = signatures.paths.map((_, i) => `${folder}/requests-${i}`)
  await withWordFiles(run.store.storage, paths, run.taskBytes, async (files) => {
    for await (const requests of requestsFor(run, folder, parts, windowsOf(signatures))) {
      await addScattered(files, requests)
    }
  })
  return { size, paths }
}

/** Requests of all buckets. Threads group the files; a file too large for a thread is sorted. */
async function* requestsFor(
  run: Run,
  folder: string,
  parts: readonly string[],
  windows: Windows,
): AsyncIterable<Scattered> {
  const large: string[] = []
  let batch = 0
  const inputs = async function* (): AsyncIterable<BucketInput> {
    for await (const { records, baseRows } of partRecords(run, parts, large)) {
      yield { records, baseRows, batch: batch++, windows }
    }
  }
  yield* run.pool.map('bucketRequests', inputs())
  for (const path of large) {
    for await (const requests of sortedRequests(run, folder, path, batch++)) {
      yield scatterByWindow(requests, REQUEST_WIDTH, 2, windows)
    }
  }
}

/** Requests, in pieces, of a file that many similar documents have made too large for a thread. */
async function* sortedRequests(
  run: Run,
  folder: string,
  path: string,
  batch: number,
): AsyncIterable<Uint32Array> {
  const runs = await sortRuns(run, folder, path, BAND_WIDTH)
  const before = new Uint32Array(BAND_WIDTH)
  let bucket = -1
  let alone = false
  for await (const sorted of mergeRuns(run, runs, BAND_WIDTH)) {
    const requests: number[] = []
    for (const record of recordsOf(sorted, BAND_WIDTH)) {
      const isSame = bucket >= 0 && sameBand(record, 0, before, 0)
      if (!isSame) bucket++
      if (isSame && alone) requests.push(batch, bucket, before[2] ?? 0)
      if (isSame) requests.push(batch, bucket, record[2] ?? 0)
      alone = !isSame
      before.set(record)
    }
    yield Uint32Array.from(requests)
  }
  for (const sorted of runs) await run.store.storage.remove(sorted)
}
