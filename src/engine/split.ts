import { createHash } from 'node:crypto'
import type { TextColumn } from '../core/batch.ts'
import { SPLITS, type Split } from '../core/report.ts'
import { DIGEST_BYTES, rowDigests } from '../kernels/sha256.ts'

/** Shares of the splits, any positive scale. */
export type SplitShares = Readonly<Record<Split, number>>

/**
 * A number in [0, 1) from the first 48 bits of SHA-256 over the key, a zero byte and the id: the same for an id for
 * ever, whatever else is in the corpus.
 */
export function keyedShare(key: string, id: Uint8Array): number {
  const digest = createHash('sha256').update(key).update('\0').update(id).digest()
  return digest.readUIntBE(0, 6) / 2 ** 48
}

/** The split of a document: shares laid end to end in the order test, eval, train. */
export function splitOf(key: string, shares: SplitShares, id: Uint8Array): Split {
  return splitAt(keyedShare(key, id), shares)
}

function splitAt(share: number, shares: SplitShares): Split {
  const total = SPLITS.reduce((sum, split) => sum + shares[split], 0)
  const place = share * total
  if (place < shares.test) return 'test'
  return place < shares.test + shares.eval ? 'eval' : 'train'
}

/** The `keyedShare` of every id of a column. */
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

/** The splits of the documents with these ids, as places in `SPLITS`. */
export function splitsOf({ key, ...shares }: SplitShares & { readonly key: string }, ids: TextColumn): Uint8Array {
  return Uint8Array.from(keyedShares(key, ids), (share) => SPLITS.indexOf(splitAt(share, shares)))
}
