import { signatureWidth } from '../../../src/kernels/bands/bands.ts'
import {
  inputMemory,
  READ_BYTES,
  sharedWords,
  streamRecords,
  withWordFiles,
} from '../files/records.ts'
import type { WindowFiles } from '../files/windows.ts'
import type { Run } from '../run.ts'
import { REQUEST_WIDTH } from '../tasks/buckets.ts'
import type { PlaceInput } from '../tasks/signatures.ts'

/** Bytes of requests per task. */
const REQUEST_BYTES = 1 << 17

/**
 * Joins signatures and buckets, one window of ranks after another. Writes a file of link records
 * per window, in order of bucket and rank.
 */
export async function answerRequests(
  run: Run,
  folder: string,
  signatures: WindowFiles,
  requests: WindowFiles,
): Promise<string[]> {
  const { storage, signal } = run.store
  const lanes = run.options.hashes
  const paths = requests.paths.map((_, i) => `${folder}/links-${i}`)
  // One table serves all windows: entries left from another window are never requested.
  const loaded = sharedWords(
    Math.min(signatures.size, run.store.rows) * (signatureWidth(lanes) - 1),
  )
  for (const [window, path] of paths.entries()) {
    const first = window * signatures.size
    await loadSignatures(run, signatures.paths[window] ?? '', first, loaded)
    const inputs = async function* () {
      for await (const some of streamRecords(
        storage,
        requests.paths[window] ?? '',
        REQUEST_WIDTH,
        REQUEST_BYTES,
      )) {
        signal.throwIfAborted()
        yield { requests: some, first, signatures: loaded, lanes }
      }
    }
    await withWordFiles(storage, [path], run.taskBytes, async ([file]) => {
      for await (const records of run.pool.map('attachSignatures', inputs())) {
        file?.add(records)
        await file?.flush()
      }
    })
  }
  return paths
}

async function loadSignatures(
  run: Run,
  path: string,
  first: number,
  table: Uint32Array,
): Promise<void> {
  const { storage, signal } = run.store
  const lanes = run.options.hashes
  const lend = inputMemory(run.pool, 0)
  const inputs = async function* (): AsyncIterable<PlaceInput> {
    for await (const records of streamRecords(
      storage,
      path,
      signatureWidth(lanes),
      READ_BYTES,
      lend,
    )) {
      signal.throwIfAborted()
      yield { records, first, table, lanes }
    }
  }
  for await (const _ of run.pool.map('placeSignatures', inputs()));
}
