import { estimate, leastEstimate, packedWords, type SimilarityKind } from './similarity.ts'

/** In a bucket, every document is compared with this many of the first by rank. */
const BUCKET_LEADERS = 64

/** Signatures of the candidates numbered `[first, first + count)`, one packed row each. */
export interface SignatureBlock {
  readonly first: number
  readonly count: number
  readonly packed: Uint32Array
  /** Shingles per candidate, repeats counted. */
  readonly shingles: Uint32Array
}

export interface LinkInput {
  /** Buckets as lists of candidate numbers in order of rank. */
  readonly lists: Uint32Array
  readonly a: SignatureBlock
  /** The same as `a`, or a later block: then only pairs across the two are compared. */
  readonly b: SignatureBlock
  readonly lanes: number
  /** Disjoint sets so far, shared and growing: reading an old state only costs a comparison that was not needed. */
  readonly parent: Uint32Array
  readonly threshold: number
  readonly similarity: SimilarityKind
  /** Candidates below this are of earlier corpora, never compared among themselves. */
  readonly baseCandidates: number
}

/**
 * Pairs of candidates of one bucket whose signatures agree well enough to be verified, flat; pairs that others already
 * connect are left out.
 */
export function linkCandidates(input: LinkInput): Uint32Array {
  const { lists } = input
  const pairs: number[] = []
  for (let at = 0; at < lists.length; at += (lists[at] ?? 0) + 1) {
    linkBucket(lists.subarray(at + 1, at + 1 + (lists[at] ?? 0)), input, pairs)
  }
  return Uint32Array.from(pairs)
}

function linkBucket(bucket: Uint32Array, input: LinkInput, pairs: number[]): void {
  const { parent, baseCandidates } = input
  const inside = Uint32Array.from(bucket, (_, position) => position)
  for (let later = 1; later < bucket.length; later++) {
    const b = bucket[later] ?? 0
    if (b < baseCandidates) continue
    for (let earlier = 0; earlier < Math.min(later, BUCKET_LEADERS); earlier++) {
      const a = bucket[earlier] ?? 0
      if (rootOf(inside, earlier) === rootOf(inside, later) || rootOf(parent, a) === rootOf(parent, b)) continue
      if (!resemble(input, a, b)) continue
      pairs.push(a, b)
      join(inside, earlier, later)
    }
  }
}

/** Whether two candidates, one in each block (or both in the one), may reach the threshold. */
function resemble({ a, b, lanes, threshold, similarity }: LinkInput, left: number, right: number): boolean {
  const blockOfLeft = blockWith(left, a, b)
  const blockOfRight = blockWith(right, a, b)
  if (!blockOfLeft || !blockOfRight || (a.first !== b.first && blockOfLeft === blockOfRight)) return false
  const i = left - blockOfLeft.first
  const j = right - blockOfRight.first
  const words = packedWords(lanes)
  const least = leastEstimate(threshold, similarity, blockOfLeft.shingles[i] ?? 0, blockOfRight.shingles[j] ?? 0)
  return estimate(blockOfLeft.packed, i * words, blockOfRight.packed, j * words, lanes) >= least
}

function blockWith(candidate: number, a: SignatureBlock, b: SignatureBlock): SignatureBlock | undefined {
  if (candidate >= a.first && candidate < a.first + a.count) return a
  return candidate >= b.first && candidate < b.first + b.count ? b : undefined
}

/** The smallest member known of a candidate's set. */
export function rootOf(parent: Uint32Array, candidate: number): number {
  let root = candidate
  for (let up = parent[root] ?? root; up !== root; up = parent[root] ?? root) root = up
  return root
}

/** Joins two sets; the smaller root stays root, so that a set is named by its first by rank. */
export function join(parent: Uint32Array, a: number, b: number): void {
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
}
