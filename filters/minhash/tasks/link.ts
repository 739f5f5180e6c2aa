import { packedWords } from '../../../src/kernels/bands/bands.ts'
import { type Scattered, scatterByWindow } from '../files/scatter.ts'
import type { Windows } from '../files/windows.ts'
import { estimate, leastEstimate, type SimilarityKind } from '../similarity.ts'
import { LINK_HEAD } from './signatures.ts'

/** Every document of a bucket is compared with at most this many of its first by rank. */
export const BUCKET_LEADERS = 64

/**
 * Pairs of one bucket whose signatures agree well enough to be verified, scattered by the larger
 * rank. Pairs that other pairs already connect are left out.
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

/** The smallest known member of a set. */
export function rootOf(parent: Uint32Array, member: number): number {
  let root = member
  for (let up = parent[root] ?? root; up !== root; up = parent[root] ?? root) root = up
  return root
}

/**
 * Joins two sets and returns the root: the smaller one, so that a set is named after its first by
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
  /** Ranks below this belong to base corpora and are never compared with each other. */
  readonly baseRows: number
  readonly windows: Windows
}
