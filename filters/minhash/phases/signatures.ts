import { packedWords, signatureWidth } from '../../../src/kernels/bands/bands.ts'
import {
  inputMemory,
  READ_BYTES,
  sharedWords,
  streamRecords,
  withWordFiles,
} from '../files/records.ts'
import type { WindowFiles } from '../files/windows.ts'
import type { Run } from '../run.ts'
import { REQUEST_WIDTH } from './buckets.ts'

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
 * Brings signatures and buckets together, one window of ranks after the other. Leaves a file of
 * link records for each window, in order of bucket and rank.
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

export interface PlaceInput {
  /** Signature records. */
  readonly records: Uint32Array
  readonly first: number
  /** A table by rank, from the first on, that threads share. */
  readonly table: Uint32Array
  readonly lanes: number
}

/** Puts shingles and lanes of some documents of one window into its table. */
export function placeSignatures({ records, first, table, lanes }: PlaceInput): void {
  const width = signatureWidth(lanes)
  for (let at = 0; at < records.length; at += width) {
    const to = ((records[at] ?? 0) - first) * (width - 1)
    for (let word = 1; word < width; word++) table[to + word - 1] = records[at + word] ?? 0
  }
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
