import { bitAt, setBit } from './group.ts'
import { createWords, readWords, sharedWords, streamLists, streamRecords } from './records.ts'
import type { Run } from './run.ts'
import { BAND_WIDTH, EXACT_WIDTH } from './shuffle.ts'

/** Words of an exact removal: rank removed, rank of the survivor. */
export const EXACT_REMOVAL_WIDTH = 2

/** Finds exact duplicates: of each group the first by rank stays. Leaves the removals. */
export async function findExact(run: Run, folder: string, parts: readonly string[], rankPath: string): Promise<string> {
  const { storage, baseRows } = run.store
  const rankOf = await readWords(storage, rankPath)
  const removals = await createWords(storage, `${folder}/removals`)
  const inputs = async function* () {
    for (const path of parts) {
      run.store.signal.throwIfAborted()
      yield { records: await readWords(storage, path), width: EXACT_WIDTH, rankOf, baseRows }
    }
  }
  const removal = new Uint32Array(EXACT_REMOVAL_WIDTH)
  for await (const lists of run.pool.map('groupRanks', inputs())) {
    for (const list of listsIn(lists)) {
      removal[1] = list[0] ?? 0
      for (const rank of list.subarray(1)) {
        if (rank < baseRows) continue
        removal[0] = rank
        removals.add(removal)
        await removals.flush()
      }
    }
  }
  await removals.commit()
  return removals.path
}

/** Finds the documents that agree in a whole band, exact duplicates left out. Leaves files of buckets of ranks. */
export async function findBuckets(
  run: Run,
  folder: string,
  parts: readonly string[],
  rankPath: string,
  exactPath: string,
): Promise<string[]> {
  const { storage, baseRows } = run.store
  const rankOf = await readWords(storage, rankPath)
  const removed = await exactlyRemoved(run, exactPath)
  const inputs = async function* () {
    for (const path of parts) {
      run.store.signal.throwIfAborted()
      yield { records: await readWords(storage, path), width: BAND_WIDTH, rankOf, removed, baseRows }
    }
  }
  const paths: string[] = []
  for await (const lists of run.pool.map('groupRanks', inputs())) {
    const file = await createWords(storage, `${folder}/buckets-${paths.length}`)
    file.add(lists)
    await file.commit()
    paths.push(file.path)
  }
  return paths
}

/** One bit a rank for the exact duplicates. */
async function exactlyRemoved(run: Run, exactPath: string): Promise<Uint32Array> {
  const bits = sharedWords(Math.ceil(run.store.rows / 32))
  for await (const removals of streamRecords(run.store.storage, exactPath, EXACT_REMOVAL_WIDTH)) {
    for (let at = 0; at < removals.length; at += EXACT_REMOVAL_WIDTH) setBit(bits, removals[at] ?? 0)
  }
  return bits
}

/** The documents found in buckets, numbered in order of rank. */
export interface Candidates {
  readonly count: number
  /** Candidates of earlier corpora; they come first. */
  readonly baseCount: number
  /** Number of a candidate by its rank; `NOT_CANDIDATE` for others. */
  readonly numberOf: Uint32Array
}

export const NOT_CANDIDATE = 0xffffffff

/** Numbers everything that is in a bucket. */
export async function numberCandidates(run: Run, bucketPaths: readonly string[]): Promise<Candidates> {
  const { rows, baseRows, storage } = run.store
  const found = new Uint32Array(Math.ceil(rows / 32))
  for (const path of bucketPaths) {
    for await (const lists of streamLists(storage, path)) {
      for (const list of listsIn(lists)) for (const rank of list) setBit(found, rank)
    }
  }
  const numberOf = sharedWords(rows).fill(NOT_CANDIDATE)
  let count = 0
  let baseCount = 0
  for (let rank = 0; rank < rows; rank++) {
    if (!bitAt(found, rank)) continue
    numberOf[rank] = count++
    if (rank < baseRows) baseCount = count
  }
  return { count, baseCount, numberOf }
}

/** The lists of words packed one after the other, as views. */
export function* listsIn(words: Uint32Array): Iterable<Uint32Array> {
  for (let at = 0; at < words.length; at += (words[at] ?? 0) + 1)
    yield words.subarray(at + 1, at + 1 + (words[at] ?? 0))
}
