// Signatures of sets of hashes. The lanes here are the reference; the kernel is ./assembly.ts.

import { mix32 } from '../fold/fold.ts'
import type { Shingler } from '../shingle/shingle.ts'
import type { LaneKernel, SignatureKind } from '../shingle/text-kernel.ts'

/**
 * Computes signatures: two texts agree in a lane with a probability equal to the Jaccard similarity
 * of their shingles.
 */
export interface Signer {
  /**
   * Writes one 16-bit value per lane and returns the number of words in the text. If the text has
   * no shingles, `out` is left unchanged.
   */
  sign(text: Uint8Array, out: Uint16Array): number
}

/** Step between the seeds of rounds and lanes: 2^32 divided by the golden ratio. */
const SEED_STEP = 0x9e3779b9
const TWO_32 = 2 ** 32
/**
 * With more than this many different shingles, no lane is empty after the first round (the
 * probability is 112·e^-36).
 */
const MOST_DISTINCT = 4096

/**
 * A signer that reads through a shingler. After `sign`, the shingler's `digest` is that of the
 * signed text.
 */
export function signer(kind: SignatureKind, count: number, from: Shingler): Signer {
  const lanes = from.kernel.lanes(kind, count)
  return {
    sign(text, out) {
      lanes.reset()
      let chunks = 0
      let length = 0
      let empty = 0
      const words = from.read(text, (hashes) => {
        chunks++
        length = hashes
        empty = lanes.round(hashes, 0)
      })
      if (chunks === 0) return words
      if (empty > 0 && chunks > 1) length = gatherDistinct(text, from)
      for (let round = 1; empty > 0; round++) empty = lanes.round(length, round)
      lanes.finish(out)
      return words
    },
  }
}

/**
 * Puts the first distinct shingles of a long text that repeats itself into the kernel and returns
 * their number.
 */
function gatherDistinct(text: Uint8Array, from: Shingler): number {
  const seen = new Set<number>()
  const { hashes } = from.kernel
  from.read(text, (length) => {
    for (let i = 0; i < length && seen.size < MOST_DISTINCT; i++) seen.add(hashes[i]!)
  })
  hashes.set([...seen])
  return seen.size
}

/** The lanes in plain TypeScript. */
export function referenceLanes(
  kind: SignatureKind,
  count: number,
  hashes: Uint32Array,
): LaneKernel {
  return kind === 'classic' ? classicLanes(count, hashes) : fastSimilarityLanes(count, hashes)
}

/**
 * What a lane keeps of its minimum: 16 mixed bits. Different minima agree by chance once in 65,536.
 */
function laneOf(minimum: number): number {
  return mix32(minimum) >>> 16
}

function fastSimilarityLanes(count: number, hashes: Uint32Array): LaneKernel {
  // Minima as round · 2^32 + value, exact in a double. Later rounds fill only lanes that earlier
  // ones left empty.
  const minima = new Float64Array(count)
  return {
    reset: () => void minima.fill(Number.POSITIVE_INFINITY),
    round(length, round) {
      fillRound(hashes, length, round, minima)
      return minima.reduce(
        (empty, minimum) => empty + (minimum === Number.POSITIVE_INFINITY ? 1 : 0),
        0,
      )
    },
    finish(out) {
      for (let lane = 0; lane < count; lane++) {
        const round = Math.floor(minima[lane]! / TWO_32)
        out[lane] = laneOf(minima[lane]! + Math.imul(round, SEED_STEP))
      }
    },
  }
}

/**
 * One round over all hashes. In the first rounds, as many as there are lanes, each hash selects its
 * lane. In the same number of rounds after that, all hashes compete for one lane per round; then
 * none is empty.
 */
function fillRound(hashes: Uint32Array, length: number, round: number, minima: Float64Array): void {
  const lanes = minima.length
  const base = round * TWO_32
  const seed = Math.imul(round, SEED_STEP)
  for (let i = 0; i < length; i++) {
    const hash = round === 0 ? hashes[i]! : mix32(hashes[i]! ^ seed)
    // The high half of the product is a uniform lane; the low half is a value independent of it.
    const product = hash * lanes
    const lane = round < lanes ? Math.floor(product / TWO_32) : round - lanes
    const value = base + (round < lanes ? product >>> 0 : hash)
    if (value < minima[lane]!) minima[lane] = value
  }
}

/** Multiplier (odd) and addend of the permutation of each lane, alternating. */
export function permutations(lanes: number): Uint32Array {
  const pairs = new Uint32Array(lanes * 2)
  for (let i = 0; i < pairs.length; i++)
    pairs[i] = mix32(Math.imul(i + 1, SEED_STEP)) | (i % 2 === 0 ? 1 : 0)
  return pairs
}

function classicLanes(count: number, hashes: Uint32Array): LaneKernel {
  const pairs = permutations(count)
  const minima = new Uint32Array(count)
  return {
    reset: () => void minima.fill(0xffffffff),
    round(length) {
      for (let lane = 0; lane < count; lane++) {
        let low = minima[lane]!
        for (let i = 0; i < length; i++) {
          const value = (Math.imul(hashes[i]!, pairs[lane * 2]!) + pairs[lane * 2 + 1]!) >>> 0
          if (value < low) low = value
        }
        minima[lane] = low
      }
      return 0
    },
    finish: (out) => {
      for (let lane = 0; lane < count; lane++) out[lane] = laneOf(minima[lane]!)
    },
  }
}
