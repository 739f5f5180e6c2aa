import { packedWords, packLanes } from '../../../src/kernels/bands/bands.ts'
import { textKernel } from '../../../src/kernels/minhash/kernel.ts'
import { signer } from '../../../src/kernels/minhash/minhash.ts'
import {
  overlap,
  type ShingleSet,
  shingler,
  shingleSet,
} from '../../../src/kernels/shingle/shingle.ts'
import type { SignatureKind } from '../../../src/kernels/shingle/text-kernel.ts'
import type { Scattered } from '../files/scatter.ts'
import { estimate, leastEstimate, type SimilarityKind, similarityOf } from '../similarity.ts'

// A shingle record is a list: length, rank, row, root of its component, bound of the set, packed
// signature, hashes.
const RANK = 1
const ROW = 2
const ROOT = 3
const LIMIT = 4
const SIGNATURE = 5

/** Most words to reserve for the shingles of some texts at first. */
const FIRST_WORDS = 1 << 18

export interface ShingleInput {
  /** Texts one after the other. */
  readonly bytes: Uint8Array
  /** End of each text in `bytes`. */
  readonly ends: readonly number[]
  readonly rows: readonly number[]
  readonly ranks: readonly number[]
  readonly roots: readonly number[]
  /** File each record goes to, and how many files there are. */
  readonly buckets: readonly number[]
  readonly bucketCount: number
  readonly shingleWords: number
  readonly signature: SignatureKind
  readonly hashes: number
}

/** Shingle records of some texts, in order of bucket. */
export function shingleRecords(input: ShingleInput): Scattered {
  const words = shingler(input.shingleWords, textKernel())
  const { sign } = signer(input.signature, input.hashes, words)
  const lanes = new Uint16Array(input.hashes)
  const head = SIGNATURE + packedWords(input.hashes)
  const lengths = new Uint32Array(input.bucketCount)
  const order = Array.from(input.ranks.keys()).sort(
    (a, b) => (input.buckets[a] ?? 0) - (input.buckets[b] ?? 0),
  )
  let records = new Uint32Array(
    order.length * head + Math.min(FIRST_WORDS, input.bytes.length >>> 2),
  )
  let filled = 0
  for (const i of order) {
    const text = input.bytes.subarray(input.ends[i - 1] ?? 0, input.ends[i])
    sign(text, lanes)
    const { hashes, limit } = shingleSet(text, words)
    const length = head + hashes.length
    if (filled + length > records.length) {
      const wide = new Uint32Array(2 * (filled + length))
      wide.set(records.subarray(0, filled))
      records = wide
    }
    records.set(
      [length - 1, input.ranks[i] ?? 0, input.rows[i] ?? 0, input.roots[i] ?? 0, limit],
      filled,
    )
    packLanes(lanes, records, filled + SIGNATURE)
    records.set(hashes, filled + head)
    filled += length
    const bucket = input.buckets[i] ?? 0
    lengths[bucket] = (lengths[bucket] ?? 0) + length
  }
  return [records.subarray(0, filled), lengths]
}

/** How documents are compared. */
export interface VerifyOptions {
  readonly threshold: number
  readonly similarity: SimilarityKind
  readonly hashes: number
  /** Ranks below this belong to base corpora and are never removed. */
  readonly baseRows: number
}

/**
 * Words of a decision: rank and row removed, rank and row of the survivor, bits of the similarity
 * as a 32-bit float.
 */
export const DECISION_WIDTH = 5

interface Candidate {
  readonly rank: number
  readonly row: number
  readonly root: number
  readonly set: ShingleSet
  readonly record: Uint32Array
}

export interface VerifyInput extends VerifyOptions {
  /** Shingle records of whole components, in any order. */
  readonly records: Uint32Array
}

/**
 * Visits every component by rank. A document is removed if it reaches the threshold with a document
 * kept before it, so no chain of similar documents removes one that is not itself similar to a
 * survivor.
 */
export function verifyComponents(input: VerifyInput): Uint32Array {
  const candidates = parse(input.records, input.hashes).sort(
    (a, b) => a.root - b.root || a.rank - b.rank,
  )
  const found: Match[] = []
  let kept: Candidate[] = []
  let root = -1
  for (const candidate of candidates) {
    if (candidate.root !== root) kept = []
    root = candidate.root
    const match = candidate.rank < input.baseRows ? undefined : firstMatch(kept, candidate, input)
    if (match) found.push(match)
    else kept.push(candidate)
  }
  return pack(found)
}

export interface LeaderInput extends VerifyInput {
  /** Shingle records of the kept leaders of an oversized component, in order of rank. */
  readonly leaders: Uint32Array
  /** Documents up to this rank are leaders themselves. */
  readonly lastLeader: number
}

/**
 * Compares documents of an oversized component only with its kept leaders, in any order and in any
 * pieces.
 */
export function verifyAgainstLeaders(input: LeaderInput): Uint32Array {
  const leaders = parse(input.leaders, input.hashes)
  const found: Match[] = []
  for (const candidate of parse(input.records, input.hashes)) {
    if (candidate.rank <= input.lastLeader || candidate.rank < input.baseRows) continue
    const match = firstMatch(leaders, candidate, input)
    if (match) found.push(match)
  }
  return pack(found)
}

interface Match {
  readonly removed: Candidate
  readonly survivor: Candidate
  readonly similarity: number
}

function firstMatch(
  kept: readonly Candidate[],
  candidate: Candidate,
  options: VerifyOptions,
): Match | undefined {
  const { threshold, similarity: kind, hashes } = options
  for (const other of kept) {
    const least = leastEstimate(
      threshold,
      kind,
      other.set.hashes.length,
      candidate.set.hashes.length,
    )
    if (estimate(other.record, SIGNATURE, candidate.record, SIGNATURE, hashes) < least) continue
    const similarity = similarityOf(overlap(other.set, candidate.set), kind)
    if (similarity >= threshold) return { removed: candidate, survivor: other, similarity }
  }
  return undefined
}

/** Shingle records without the removed ones, packed into memory that threads share. */
export function withoutRemoved(
  records: readonly Uint32Array[],
  decisions: Uint32Array,
): Uint32Array {
  const removed = new Set<number>()
  for (let at = 0; at < decisions.length; at += DECISION_WIDTH) removed.add(decisions[at] ?? 0)
  return packRecords(records.filter((record) => !removed.has(rankOfRecord(record))))
}

/** Joins shingle records in order of rank, in memory that threads share. */
export function packRecords(records: readonly Uint32Array[]): Uint32Array {
  const ordered = [...records].sort((a, b) => rankOfRecord(a) - rankOfRecord(b))
  const words = new Uint32Array(
    new SharedArrayBuffer(4 * ordered.reduce((sum, record) => sum + record.length, 0)),
  )
  let at = 0
  for (const record of ordered) {
    words.set(record, at)
    at += record.length
  }
  return words
}

/** Rank of the document of a shingle record. */
export function rankOfRecord(record: Uint32Array): number {
  return record[RANK] ?? 0
}

function parse(records: Uint32Array, hashes: number): Candidate[] {
  const candidates: Candidate[] = []
  const head = SIGNATURE + packedWords(hashes)
  for (let at = 0; at < records.length; at += (records[at] ?? 0) + 1) {
    const record = records.subarray(at, at + (records[at] ?? 0) + 1)
    candidates.push({
      rank: record[RANK] ?? 0,
      row: record[ROW] ?? 0,
      root: record[ROOT] ?? 0,
      set: { hashes: record.subarray(head), limit: record[LIMIT] ?? 0 },
      record,
    })
  }
  return candidates
}

function pack(found: readonly Match[]): Uint32Array {
  const words = new Uint32Array(found.length * DECISION_WIDTH)
  const floats = new Float32Array(words.buffer)
  for (const [i, { removed, survivor, similarity }] of found.entries()) {
    const at = i * DECISION_WIDTH
    words.set([removed.rank, removed.row, survivor.rank, survivor.row], at)
    floats[at + 4] = similarity
  }
  return words
}
