import type { FoldedWords } from '../fold/fold.ts'
import { WORD_SLACK } from '../fold/fold.ts'

/** Folds, shingles and signs through arrays that stay where they are. One text at a time. */
export interface TextKernel {
  readonly folded: FoldedWords
  /** What `shingle` made last. */
  readonly hashes: Uint32Array
  /** Makes `text[start, end)` the stretch that `fold` reads. */
  load(text: Uint8Array, start: number, end: number): void
  /**
   * Folds on from a position of the text until the arrays are full or the stretch ends; answers the
   * position reached.
   */
  fold(position: number): number
  /** Hashes all runs of `size` words into `hashes`; answers how many. */
  shingle(size: number): number
  /** Lanes fed from `hashes`. */
  lanes(kind: SignatureKind, count: number): LaneKernel
}

/** Words folded before they are shingled. */
const CHUNK_WORDS = 1 << 16

export const CAPACITY = CHUNK_WORDS + WORD_SLACK + 64

/**
 * How a signature is made of a set of hashes. `fast-similarity` is Fast Similarity Sketching
 * (Dahlgaard, Knudsen, Thorup, FOCS 2017): one hash a shingle and round, lower variance than
 * independent minima, most of all for short texts. `classic` is a minimum per lane over a random
 * linear permutation (Broder 1997).
 */
export type SignatureKind = 'fast-similarity' | 'classic'

/** Lanes of one signature in the making, fed with hashes that somebody else puts in place. */
export interface LaneKernel {
  reset(): void
  /** Takes the first `length` hashes into round `round`; answers how many lanes are still empty. */
  round(length: number, round: number): number
  /** Writes one 16-bit value a lane. */
  finish(out: Uint16Array): void
}
