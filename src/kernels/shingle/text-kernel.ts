import { type FoldedWords, WORD_SLACK } from '../fold/fold.ts'

/** Folds, shingles and signs through arrays that are allocated once. One text at a time. */
export interface TextKernel {
  readonly folded: FoldedWords
  /** The hashes from the last call of `shingle`. */
  readonly hashes: Uint32Array
  /** Makes `text[start, end)` the stretch that `fold` reads. */
  load(text: Uint8Array, start: number, end: number): void
  /**
   * Folds from a position of the text until the arrays are full or the stretch ends. Returns the
   * position reached.
   */
  fold(position: number): number
  /** Hashes all runs of `size` words into `hashes` and returns their number. */
  shingle(size: number): number
  /** Lanes that read from `hashes`. */
  lanes(kind: SignatureKind, count: number): LaneKernel
}

/** Words that are folded before they are shingled. */
const CHUNK_WORDS = 1 << 16

/** Entries of each array: one chunk, the slack of folding, and what kernels write past the end. */
export const CAPACITY = CHUNK_WORDS + WORD_SLACK + 64

/**
 * How a signature is computed from a set of hashes. `fast-similarity` is Fast Similarity Sketching
 * (Dahlgaard, Knudsen, Thorup, FOCS 2017): it takes one hash per shingle and round and has a lower
 * variance than independent minima, above all for short texts. `classic` takes one minimum per lane
 * over a random linear permutation (Broder 1997).
 */
export type SignatureKind = 'fast-similarity' | 'classic'

/** The lanes of a signature under construction. The caller puts the hashes in place. */
export interface LaneKernel {
  reset(): void
  /** Adds the first `length` hashes in round `round` and returns how many lanes are still empty. */
  round(length: number, round: number): number
  /** Writes one 16-bit value per lane. */
  finish(out: Uint16Array): void
}
