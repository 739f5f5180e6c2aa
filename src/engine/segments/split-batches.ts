import type { Columns, NumberColumn } from '../../arrow/columns.ts'
import { openArrowFile } from '../../arrow/reader.ts'
import type { TextColumn } from '../../core/batch.ts'
import { type GrowingMemory, growingMemory } from '../../core/growing-memory.ts'
import { SPLITS, type Split } from '../../core/report.ts'
import type { Plan } from '../plan/plan.ts'
import { readRemovals } from './removals.ts'
import { segmentPaths } from './segment.ts'
import type { SegmentRef } from './segment-ref.ts'
import { REMOVED, shareOfSplits, splitsOf } from './split.ts'

/** A record batch of the documents that the row filters kept in a segment. */
export interface SplitBatch {
  readonly rows: number
  /** Valid until the next batch is read. */
  readonly columns: Columns
  /** The split of every row, as an index into `SPLITS`, or `REMOVED`. */
  readonly splits: Uint8Array
  /** Position of the first row among all kept rows of the segment. */
  readonly place: number
  /**
   * Reads the texts of the rows `[start, end)`. If few rows are wanted, texts are missing until
   * this is called; otherwise it does nothing.
   */
  fill(start: number, end: number): Promise<void>
}

/** Which batches of a segment are read, and how. */
export interface BatchOptions {
  /** Batches that end at or before this position among the kept rows are not read. */
  readonly from?: number
  readonly memory?: GrowingMemory
  /**
   * Splits whose texts are wanted; all by default. Texts of a small part of the documents are read
   * by `fill`.
   */
  readonly splits?: readonly Split[]
}

/** Up to this share of the documents, texts are read one by one. */
const FEW = 0.25

const nothing = async (): Promise<void> => undefined

/** Reads the record batches of the documents that the row filters kept in a segment. */
export async function* splitBatches(
  { storage, manifest }: Plan,
  segment: SegmentRef,
  removals: string,
  { from = 0, memory = growingMemory(), splits: wanted = SPLITS }: BatchOptions = {},
): AsyncIterable<SplitBatch> {
  const sparse = shareOfSplits(manifest.split, wanted) <= FEW
  const removed = await readRemovals(storage, removals, segment.number)
  const file = await openArrowFile(storage, segmentPaths(segment.base).kept, memory)
  try {
    let place = 0
    for (let index = 0; index < file.batchCount; index++) {
      const skipped = place < from ? await file.rows(index) : 0
      if (skipped > 0 && place + skipped <= from) {
        place += skipped
        continue
      }
      const batch = sparse
        ? await file.sparseBatch(index, 'text')
        : { ...(await file.batch(index)), fill: nothing }
      const { rows, columns, fill } = batch
      const splits = splitsOf(manifest.split, columns.id as TextColumn)
      const ordinals = columns.ordinal as NumberColumn
      if (removed.size > 0) {
        for (let row = 0; row < rows; row++)
          if (removed.has(ordinals[row] ?? 0)) splits[row] = REMOVED
      }
      yield { rows, columns, splits, place, fill }
      place += rows
    }
  } finally {
    await file.close()
  }
}
