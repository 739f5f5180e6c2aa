import { packedWords } from '../../src/kernels/bands/bands.ts'
import type { Overlap } from '../../src/kernels/shingle/shingle.ts'

/**
 * How far below the threshold an estimate may be and still be verified: about three standard
 * deviations of 112 lanes.
 */
const ESTIMATE_SLACK = 0.12

export type SimilarityKind = 'jaccard' | 'containment'

/** Similarity of a document `b` to a kept document `a`, 0 to 1. */
export function similarityOf({ shared, sizeA, sizeB }: Overlap, kind: SimilarityKind): number {
  const whole = kind === 'jaccard' ? sizeA + sizeB - shared : sizeB
  return whole === 0 ? 0 : shared / whole
}

/**
 * The smallest Jaccard estimate worth verifying. For containment it follows from both sizes: the
 * shingles that `b` shares with `a` at the threshold, divided by their union.
 */
export function leastEstimate(
  threshold: number,
  kind: SimilarityKind,
  sizeA: number,
  sizeB: number,
): number {
  if (kind === 'jaccard') return threshold - ESTIMATE_SLACK
  const shared = threshold * Math.min(sizeA, sizeB)
  return shared / (sizeA + sizeB - shared) - ESTIMATE_SLACK
}

/**
 * Share of equal lanes of two packed signatures, which estimates the Jaccard similarity of their
 * texts.
 */
export function estimate(
  a: Uint32Array,
  atA: number,
  b: Uint32Array,
  atB: number,
  lanes: number,
): number {
  const words = packedWords(lanes)
  let equal = 0
  for (let i = 0; i < words; i++) {
    const difference = (a[atA + i] ?? 0) ^ (b[atB + i] ?? 0)
    if (difference === 0) {
      equal += 4
      continue
    }
    // The top bit of a byte is set if the byte is not zero (Hacker's Delight 6-1); the others are
    // equal lanes.
    const unequal = (((difference & 0x7f7f7f7f) + 0x7f7f7f7f) | difference) & 0x80808080
    equal +=
      4 - ((unequal >>> 7) & 1) - ((unequal >>> 15) & 1) - ((unequal >>> 23) & 1) - (unequal >>> 31)
  }
  return (equal - (words * 4 - lanes)) / lanes
}
