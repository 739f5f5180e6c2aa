import { signatureWidth } from './bands.ts'
import { REQUEST_WIDTH } from './buckets.ts'
import { sharedWords, streamRecords, withWordFiles } from './records.ts'
import type { Run } from './run.ts'
import { packedWords } from './similarity.ts'
import type { WindowFiles } from './windows.ts'

/** Words of a link record before the signature: bucket (two words), rank, shingles. */
export const LINK_HEAD = 4
/** Bytes of requests that a task answers. */
const REQUEST_BYTES = 1 << 17

export interface AttachInput {
  readonly requests: Uint32Array
  /** Signature records by rank, from this rank on. */
  readonly first: number
  readonly signatures: Uint32Array
  readonly lanes: number
}

/** Puts to every request the signature it is for. */
export function attachSignatures({ requests, first, signatures, lanes }: AttachInput): Uint32Array {
  const words = packedWords(lanes)
  const width = LINK_HEAD + words
  const stride = 1 + words
  const records = new Uint32Array((requests.length / REQUEST_WIDTH) * width)
  for (let from = 0, to = 0; from < requests.length; from += REQUEST_WIDTH, to += width) {
    const rank = requests[from + 2] ?? 0
    records[to] = requests[from] ?? 0
    records[to + 1] = requests[from + 1] ?? 0
    records[to + 2] = rank
    const at = (rank - first) * stride
    for (let word = 0; word < stride; word++) records[to + 3 + word] = signatures[at + word] ?? 0
  }
  return records
}

/**
 * Brings signatures and buckets together, one window of ranks after the other. Leaves a file of link records for each
 * window, in order of bucket and rank.
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
  // One table for all windows: what is left in it from another is never asked for.
  const loaded = sharedWords(Math.min(signatures.size, run.store.rows) * (signatureWidth(lanes) - 1))
  for (const [window, path] of paths.entries()) {
    const first = window * signatures.size
    await loadSignatures(run, signatures.paths[window] ?? '', first, loaded)
    const inputs = async function* () {
      for await (const some of streamRecords(storage, requests.paths[window] ?? '', REQUEST_WIDTH, REQUEST_BYTES)) {
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

/** Puts shingles and lanes of one window's documents into a table by rank. */
async function loadSignatures(run: Run, path: string, first: number, table: Uint32Array): Promise<void> {
  const width = signatureWidth(run.options.hashes)
  for await (const words of streamRecords(run.store.storage, path, width)) {
    for (let at = 0; at < words.length; at += width) {
      table.set(words.subarray(at + 1, at + width), ((words[at] ?? 0) - first) * (width - 1))
    }
  }
}
