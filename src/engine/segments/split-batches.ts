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

/** A record batch of the documents that row filters kept in a segment. */
export interface SplitBatch {
  readonly rows: number
  /** Gone once the next batch is read. */
  readonly columns: Columns
  /** Of every row, its split as a place in `SPLITS`, or `REMOVED`. */
  readonly splits: Uint8Array
  /** Place of the first row among all that were kept. */
  readonly place: number
  /**
   * Where few rows are wanted: reads the texts of the rows `[start, end)`, which are not there
   * before.
   */
  fill(start: number, end: number): Promise<void>
}

/** Which batches of a segment are read, and how. */
export interface BatchOptions {
  /** Batches before this place are not read. */
  readonly from?: number
  readonly memory?: GrowingMemory
  /** What texts are wanted of. Those of splits that are few in all are read by `fill`. */
  readonly splits?: readonly Split[]
}

/** Share of the documents up to which texts are read one by one. */
const FEW = 0.25

const nothing = async (): Promise<void> => undefined

/** The record batches of the documents that row filters kept in a segment. */
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
