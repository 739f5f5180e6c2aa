import type { TextColumn } from '../../core/batch.ts'
import { SPLITS, type Split } from '../../core/report.ts'
import { DIGEST_BYTES, rowDigests } from '../../kernels/sha256/sha256.ts'

/** Shares of the splits, in any positive scale. */
export type SplitShares = Readonly<Record<Split, number>>

/** Instead of an index into `SPLITS`: the document was removed by a corpus filter. */
export const REMOVED = 255

/**
 * For every id of a column, a number in [0, 1) from the first 48 bits of SHA-256 over the key, a
 * zero byte and the id. It never changes for an id, whatever else is in the corpus.
 */
export function keyedShares(key: string, ids: TextColumn): Float64Array {
  const digests = rowDigests(Buffer.from(`${key}\0`))(ids)
  const view = new DataView(digests.buffer, digests.byteOffset)
  const shares = new Float64Array(ids.offsets.length - 1)
  for (let row = 0; row < shares.length; row++) {
    const at = row * DIGEST_BYTES
    shares[row] = (view.getUint32(at) * 2 ** 16 + view.getUint16(at + 4)) / 2 ** 48
  }
  return shares
}

/** Share of all documents that the given splits have together. */
export function shareOfSplits(shares: SplitShares, splits: readonly Split[]): number {
  const total = (some: readonly Split[]): number =>
    some.reduce((sum, split) => sum + shares[split], 0)
  return total(splits) / total(SPLITS)
}

/**
 * Splits of the documents with these ids, as indices into `SPLITS`. The shares divide [0, 1) in the
 * order test, eval, train.
 */
export function splitsOf(
  { key, ...shares }: SplitShares & { readonly key: string },
  ids: TextColumn,
): Uint8Array {
  const total = SPLITS.reduce((sum, split) => sum + shares[split], 0)
  const [test, held, train] = (['test', 'eval', 'train'] as const).map((split) =>
    SPLITS.indexOf(split),
  )
  const keyed = keyedShares(key, ids)
  const splits = new Uint8Array(keyed.length)
  for (let row = 0; row < splits.length; row++) {
    const place = (keyed[row] ?? 0) * total
    splits[row] =
      (place < shares.test ? test : place < shares.test + shares.eval ? held : train) ?? 0
  }
  return splits
}
