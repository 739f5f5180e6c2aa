import { compareWords, sortWords } from '../../../src/kernels/word-records/word-records.ts'
import { scratchWords } from '../files/records.ts'
import { type Scattered, scatterByWindow, scatterRecords } from '../files/scatter.ts'
import { hashWindows } from '../files/windows.ts'
import { DIGEST_WORDS } from '../sketch.ts'
import { BYTES_AT, DIGEST_AT, DOCUMENT_WIDTH, ROW_AT } from './scan.ts'

/** Words of an exact record: digest, rank, row. */
export const EXACT_WIDTH = DIGEST_WORDS + 2

/** Words for each rank in the file by rank: row, bytes of text. */
export const BY_RANK_WIDTH = 2

export interface RangeInput {
  /** Document records. */
  readonly records: Uint32Array
  /** Sorted document records that start all ranges except the first. */
  readonly starts: Uint32Array
}

/** Scatters documents over ranges of their order. */
export function scatterRanges({ records, starts }: RangeInput): Scattered {
  const ranges = starts.length / DOCUMENT_WIDTH
  return scatterRecords(records, DOCUMENT_WIDTH, ranges + 1, (at) => {
    let low = 0
    let high = ranges
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compareWords(records, at, starts, middle * DOCUMENT_WIDTH, DOCUMENT_WIDTH) < 0)
        high = middle
      else low = middle + 1
    }
    return low
  })
}

export interface RankInput {
  /** Document records of one range. */
  readonly records: Uint32Array
  /** Rank of the range's first document. */
  readonly firstRank: number
  /** Target files of exact records. */
  readonly parts: number
}

const sortedMemory = scratchWords()

const byRankMemory = scratchWords()

const exactMemory = scratchWords()

const scatteredMemory = scratchWords()

/** Row and bytes by rank, and exact records in order of rank, scattered by digest. */
export function rankRange({
  records,
  firstRank,
  parts,
}: RankInput): [byRank: Uint32Array, exact: Scattered] {
  const sorted = sortedMemory(records.length)
  sortWords(records, DOCUMENT_WIDTH, sorted)
  const count = sorted.length / DOCUMENT_WIDTH
  const byRank = byRankMemory(count * BY_RANK_WIDTH)
  const exact = exactMemory(count * EXACT_WIDTH)
  for (let i = 0; i < count; i++) {
    const at = i * DOCUMENT_WIDTH
    byRank[i * BY_RANK_WIDTH] = sorted[at + ROW_AT] ?? 0
    byRank[i * BY_RANK_WIDTH + 1] = ~(sorted[at + BYTES_AT] ?? 0)
    const to = i * EXACT_WIDTH
    for (let word = 0; word < DIGEST_WORDS; word++)
      exact[to + word] = sorted[at + DIGEST_AT + word] ?? 0
    exact[to + DIGEST_WORDS] = firstRank + i
    exact[to + DIGEST_WORDS + 1] = sorted[at + ROW_AT] ?? 0
  }
  return [byRank, scatterByWindow(exact, EXACT_WIDTH, 0, hashWindows(parts), scatteredMemory)]
}
