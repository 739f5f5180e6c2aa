import { packedWords } from '../../../src/kernels/bands/bands.ts'
import { inputMemory, recordsOf, withWordFiles } from '../files/records.ts'
import { addScattered, type Scattered, scatterByWindow } from '../files/scatter.ts'
import { type WindowFiles, type Windows, windowFiles, windowsOf } from '../files/windows.ts'
import type { Run } from '../run.ts'
import { estimate, leastEstimate, type SimilarityKind } from '../similarity.ts'
import { LINK_HEAD } from './signatures.ts'
import { mergeRuns } from './sort-runs.ts'

/** In a bucket, every document is compared with this many of the first by rank. */
const BUCKET_LEADERS = 64
/** Link records given to a task, about. */
const PIECE_RECORDS = 1 << 14

/** Words of an edge: the smaller rank, the larger. */
export const EDGE_WIDTH = 2

export interface LinkInput {
  /**
   * Link records of whole buckets in order of bucket and rank, or of a bucket's leaders and some of
   * its others.
   */
  readonly records: Uint32Array
  readonly lanes: number
  readonly threshold: number
  readonly similarity: SimilarityKind
  /** Ranks below this are of earlier corpora, never compared among themselves. */
  readonly baseRows: number
  readonly windows: Windows
}

/**
 * Pairs of one bucket whose signatures agree well enough to be verified, scattered by the larger
 * rank; what others already connect is left out.
 */
export function linkRecords(input: LinkInput): Scattered {
  const { records } = input
  const width = LINK_HEAD + packedWords(input.lanes)
  const edges: number[] = []
  for (let start = 0; start < records.length; ) {
    let end = start + width
    while (end < records.length && sameBucket(records, start, end)) end += width
    linkBucket(input, start, end, width, edges)
    start = end
  }
  return scatterByWindow(Uint32Array.from(edges), EDGE_WIDTH, 1, input.windows)
}

function sameBucket(records: Uint32Array, a: number, b: number): boolean {
  return records[a] === records[b] && records[a + 1] === records[b + 1]
}

function linkBucket(
  input: LinkInput,
  start: number,
  end: number,
  width: number,
  edges: number[],
): void {
  const { records, baseRows } = input
  const inside = Uint32Array.from({ length: (end - start) / width }, (_, position) => position)
  for (let later = 1; later < inside.length; later++) {
    const b = start + later * width
    if ((records[b + 2] ?? 0) < baseRows) continue
    for (let earlier = 0; earlier < Math.min(later, BUCKET_LEADERS); earlier++) {
      if (rootOf(inside, earlier) === rootOf(inside, later)) continue
      const a = start + earlier * width
      if (!resemble(input, a, b)) continue
      edges.push(records[a + 2] ?? 0, records[b + 2] ?? 0)
      join(inside, earlier, later)
    }
  }
}

/** Whether the documents of two records may reach the threshold. */
function resemble(
  { records, lanes, threshold, similarity }: LinkInput,
  a: number,
  b: number,
): boolean {
  const least = leastEstimate(threshold, similarity, records[a + 3] ?? 0, records[b + 3] ?? 0)
  return estimate(records, a + LINK_HEAD, records, b + LINK_HEAD, lanes) >= least
}

/** The smallest member known of a member's set. */
export function rootOf(parent: Uint32Array, member: number): number {
  let root = member
  for (let up = parent[root] ?? root; up !== root; up = parent[root] ?? root) root = up
  return root
}

/**
 * Joins two sets and answers the root: the smaller one, so that a set is named by its first by
 * rank.
 */
export function join(parent: Uint32Array, a: number, b: number): number {
  const rootA = rootOf(parent, a)
  const rootB = rootOf(parent, b)
  const root = Math.min(rootA, rootB)
  for (const start of [a, b]) {
    for (let at = start; at !== root; ) {
      const up = parent[at] ?? root
      parent[at] = root
      at = up
    }
  }
  parent[Math.max(rootA, rootB)] = root
  return root
}

/**
 * Compares the documents of every bucket. Leaves the edges between those that agree, by windows of
 * the larger rank.
 */
export async function linkBuckets(
  run: Run,
  folder: string,
  links: readonly string[],
): Promise<WindowFiles> {
  const { storage, rows, baseRows } = run.store
  const { hashes: lanes, threshold, similarity } = run.options
  // The search for components has two words for each rank.
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
 * Link records of all windows in order of bucket and rank, cut between buckets; a large one is cut
 * after its leaders.
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
