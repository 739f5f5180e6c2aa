import { BAND_WIDTH } from '../../../src/kernels/bands/bands.ts'
import { listsIn, scratchWords } from '../files/records.ts'
import { type Scattered, scatterByWindow } from '../files/scatter.ts'
import type { Windows } from '../files/windows.ts'

/** Words of a request for a signature: bucket (two words), rank. */
export const REQUEST_WIDTH = 3

export interface BucketInput {
  /** Band records. */
  readonly records: Uint32Array
  /** Ranks below this belong to base corpora; a group of only those is ignored. */
  readonly baseRows: number
  /** First word of the buckets found. */
  readonly batch: number
  readonly windows: Windows
}

/**
 * Requests for the signatures in all buckets of two or more documents, in order of bucket,
 * scattered by rank.
 */
export function bucketRequests({ records, baseRows, batch, windows }: BucketInput): Scattered {
  return scatterByWindow(
    requestsOf(groupRanks(records, baseRows), batch),
    REQUEST_WIDTH,
    2,
    windows,
  )
}

/**
 * Lists (length, then ranks ascending) of all groups of two or more band records with the same
 * hash.
 */
function groupRanks(records: Uint32Array, baseRows: number): Uint32Array {
  const chains = chainRecords(records)
  if (chains.grouped === 0) return new Uint32Array(0)
  const lists = new Uint32Array(chains.grouped * 3)
  return lists.subarray(0, listChains(records, chains, baseRows, lists))
}

/**
 * Records with the same hash: the last one of each table slot, and for each record the previous
 * one, or -1.
 */
interface Chains {
  readonly heads: Int32Array
  readonly before: Int32Array
  /** Number of records with a previous one. */
  readonly grouped: number
}

const headMemory = scratchWords()

const beforeMemory = scratchWords()

/** An array of unknown positions. */
function noPositions(memory: (words: number) => Uint32Array, count: number): Int32Array {
  const { buffer, byteOffset } = memory(count)
  return new Int32Array(buffer, byteOffset, count).fill(-1)
}

/**
 * Chains band records in a hash table of positions. A function of its own, so that V8 optimises it
 * once.
 */
function chainRecords(records: Uint32Array): Chains {
  const count = records.length / BAND_WIDTH
  const mask = 2 ** Math.ceil(Math.log2(Math.max(16, count * 1.6))) - 1
  const heads = noPositions(headMemory, mask + 1)
  const before = noPositions(beforeMemory, count)
  let grouped = 0
  for (let record = 0; record < count; record++) {
    const at = record * BAND_WIDTH
    // Files are divided by the first word, so the second is still uniform within a file.
    let slot = (records[at + 1] ?? 0) & mask
    let head = heads[slot] ?? -1
    while (head >= 0 && !sameBand(records, head * BAND_WIDTH, records, at)) {
      slot = (slot + 1) & mask
      head = heads[slot] ?? -1
    }
    if (head >= 0) grouped++
    before[record] = head
    heads[slot] = record
  }
  return { heads, before, grouped }
}

/**
 * Writes the ranks of each chain of two or more that is not only of base corpora. Returns the
 * number of words.
 */
function listChains(
  records: Uint32Array,
  { heads, before }: Chains,
  baseRows: number,
  lists: Uint32Array,
): number {
  let filled = 0
  for (let slot = 0; slot < heads.length; slot++) {
    const head = heads[slot] ?? -1
    if (head < 0 || (before[head] ?? -1) < 0) continue
    const start = filled + 1
    let end = start
    for (let record = head; record >= 0; record = before[record] ?? -1) {
      lists[end++] = records[record * BAND_WIDTH + BAND_WIDTH - 1] ?? 0
    }
    const ranks = lists.subarray(start, end).sort()
    if ((ranks.at(-1) ?? 0) < baseRows) continue
    lists[filled] = end - start
    filled = end
  }
  return filled
}

export function sameBand(a: Uint32Array, atA: number, b: Uint32Array, atB: number): boolean {
  return a[atA] === b[atB] && a[atA + 1] === b[atB + 1]
}

function requestsOf(lists: Uint32Array, batch: number): Uint32Array {
  let length = 0
  for (const ranks of listsIn(lists)) length += ranks.length
  const requests = new Uint32Array(length * REQUEST_WIDTH)
  let filled = 0
  let bucket = 0
  for (const ranks of listsIn(lists)) {
    for (let i = 0; i < ranks.length; i++) {
      requests[filled++] = batch
      requests[filled++] = bucket
      requests[filled++] = ranks[i] ?? 0
    }
    bucket++
  }
  return requests
}
