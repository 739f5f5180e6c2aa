import { mix32 } from './fold.ts'
import type { Shingler } from './shingle.ts'

/**
 * How a signature is made of a set of hashes. `fast-similarity` is Fast Similarity Sketching (Dahlgaard, Knudsen,
 * Thorup, FOCS 2017): one hash a shingle and round, lower variance than independent minima, most of all for short
 * texts. `classic` is a minimum per lane over a random linear permutation (Broder 1997).
 */
export type SignatureKind = 'fast-similarity' | 'classic'

/** Step between the seeds of rounds and lanes: 2^32 divided by the golden ratio. */
export const SEED_STEP = 0x9e3779b9
const TWO_32 = 2 ** 32
/** Above this many different shingles no lane is empty after the first round (probability 112·e^-36). */
const MOST_DISTINCT = 4096

/** Makes signatures: two texts agree in a lane with a probability equal to the Jaccard similarity of their shingles. */
export interface Signer {
  /** Writes one 16-bit value a lane; answers the text's words. Without any shingle `out` is left as it is. */
  sign(text: Uint8Array, out: Uint16Array): number
}

/** A signer over a shingler, whose `digest` afterwards belongs to the signed text. */
export function signer(kind: SignatureKind, lanes: number, from: Shingler): Signer {
  return kind === 'classic' ? classicSigner(lanes, from) : fastSimilaritySigner(lanes, from)
}

/** What a lane keeps of its minimum: 16 mixed bits. Different minima agree by chance once in 65,536. */
function laneOf(minimum: number): number {
  return mix32(minimum) >>> 16
}

function fastSimilaritySigner(lanes: number, from: Shingler): Signer {
  // Minima as round · 2^32 + value, exact in a double; later rounds fill only what earlier ones left empty.
  const minima = new Float64Array(lanes)
  return {
    sign(text, out) {
      minima.fill(Number.POSITIVE_INFINITY)
      let chunks = 0
      let last: Uint32Array = new Uint32Array(0)
      const words = from.read(text, (hashes) => {
        fillRound(hashes, 0, minima)
        last = chunks++ === 0 ? hashes : last
      })
      if (chunks === 0) return words
      const repeated = minima.includes(Number.POSITIVE_INFINITY) && chunks > 1 ? someDistinct(text, from) : last
      for (let round = 1; minima.includes(Number.POSITIVE_INFINITY); round++) fillRound(repeated, round, minima)
      for (let lane = 0; lane < lanes; lane++) {
        const round = Math.floor(minima[lane]! / TWO_32)
        out[lane] = laneOf(minima[lane]! + Math.imul(round, SEED_STEP))
      }
      return words
    },
  }
}

/**
 * One round over all hashes. In the first `lanes` rounds a hash chooses its lane, in the next `lanes` every hash
 * competes for lane round − lanes: then none is empty.
 */
function fillRound(hashes: Uint32Array, round: number, minima: Float64Array): void {
  const lanes = minima.length
  const base = round * TWO_32
  const seed = Math.imul(round, SEED_STEP)
  for (let i = 0; i < hashes.length; i++) {
    const hash = round === 0 ? hashes[i]! : mix32(hashes[i]! ^ seed)
    // The high half of the product is a uniform lane, the low half a value independent of it.
    const product = hash * lanes
    const lane = round < lanes ? Math.floor(product / TWO_32) : round - lanes
    const value = base + (round < lanes ? product >>> 0 : hash)
    if (value < minima[lane]!) minima[lane] = value
  }
}

/** The first different shingles of a long text that repeats itself. */
function someDistinct(text: Uint8Array, from: Shingler): Uint32Array {
  const seen = new Set<number>()
  from.read(text, (hashes) => {
    for (let i = 0; i < hashes.length && seen.size < MOST_DISTINCT; i++) seen.add(hashes[i]!)
  })
  return Uint32Array.from(seen)
}

/** Multiplier (odd) and addend of the permutation behind each lane. */
export function permutations(lanes: number): Uint32Array {
  const pairs = new Uint32Array(lanes * 2)
  for (let i = 0; i < pairs.length; i++) pairs[i] = mix32(Math.imul(i + 1, SEED_STEP)) | (i % 2 === 0 ? 1 : 0)
  return pairs
}

function classicSigner(lanes: number, from: Shingler): Signer {
  const pairs = permutations(lanes)
  const minima = new Uint32Array(lanes)
  return {
    sign(text, out) {
      minima.fill(0xffffffff)
      let any = false
      const words = from.read(text, (hashes) => {
        any = true
        for (let lane = 0; lane < lanes; lane++) {
          minima[lane] = lowest(hashes, pairs[lane * 2]!, pairs[lane * 2 + 1]!, minima[lane]!)
        }
      })
      for (let lane = 0; any && lane < lanes; lane++) out[lane] = laneOf(minima[lane]!)
      return words
    },
  }
}

function lowest(hashes: Uint32Array, multiplier: number, addend: number, start: number): number {
  let low = start
  for (let i = 0; i < hashes.length; i++) {
    const value = (Math.imul(hashes[i]!, multiplier) + addend) >>> 0
    if (value < low) low = value
  }
  return low
}
