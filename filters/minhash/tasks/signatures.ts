import { packedWords, signatureWidth } from '../../../src/kernels/bands/bands.ts'
import { REQUEST_WIDTH } from './buckets.ts'

/** Words of a link record before the signature: bucket (two words), rank, shingles. */
export const LINK_HEAD = 4

/** Adds the requested signature to every request. */
export function attachSignatures({ requests, first, signatures, lanes }: AttachInput): Uint32Array {
  const words = packedWords(lanes)
  const width = LINK_HEAD + words
  const stride = 1 + words
  const records = new Uint32Array((requests.length / REQUEST_WIDTH) * width)
  for (let from = 0, to = 0; from < requests.length; from += REQUEST_WIDTH, to += width) {
    const rank = requests[from + 2] ?? 0
    records[to] = requests[from] ?? 0
    records[to + 1] = requests[from + 1] ?? 0
    records[to + 2] = rank
    const at = (rank - first) * stride
    for (let word = 0; word < stride; word++) records[to + 3 + word] = signatures[at + word] ?? 0
  }
  return records
}

export interface PlaceInput {
  /** Signature records. */
  readonly records: Uint32Array
  readonly first: number
  /** A table by rank, from the first on, that threads share. */
  readonly table: Uint32Array
  readonly lanes: number
}

/** Writes the shingles and lanes of some documents of a window into its table. */
export function placeSignatures({ records, first, table, lanes }: PlaceInput): void {
  const width = signatureWidth(lanes)
  for (let at = 0; at < records.length; at += width) {
    const to = ((records[at] ?? 0) - first) * (width - 1)
    for (let word = 1; word < width; word++) table[to + word - 1] = records[at + word] ?? 0
  }
}

export interface AttachInput {
  readonly requests: Uint32Array
  /** Signature records by rank, from this rank on. */
  readonly first: number
  readonly signatures: Uint32Array
  readonly lanes: number
}
