import type { Columns, NumberColumn } from '../arrow/columns.ts'
import { batchMemory, openArrowFile } from '../arrow/reader.ts'
import type { TextColumn } from '../core/batch.ts'
import type { Plan } from './plan.ts'
import type { SegmentRef } from './publish-task.ts'
import { readRemovals } from './removals.ts'
import { segmentPaths } from './segment.ts'
import { REMOVED, splitsOf } from './split.ts'

/** A record batch of the documents that row filters kept in a segment. */
export interface SplitBatch {
  readonly rows: number
  /** Gone once the next batch is read. */
  readonly columns: Columns
  /** Of every row, its split as a place in `SPLITS`, or `REMOVED`. */
  readonly splits: Uint8Array
  /** Place of the first row among all that were kept. */
  readonly place: number
}

/** The record batches of a segment that reach beyond a place; those before it are not read. */
export async function* splitBatches(
  { storage, manifest }: Plan,
  segment: SegmentRef,
  removals: string,
  from = 0,
  memory = batchMemory(),
): AsyncIterable<SplitBatch> {
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
      const { rows, columns } = await file.batch(index)
      const splits = splitsOf(manifest.split, columns.id as TextColumn)
      const ordinals = columns.ordinal as NumberColumn
      if (removed.size > 0) {
        for (let row = 0; row < rows; row++) if (removed.has(ordinals[row] ?? 0)) splits[row] = REMOVED
      }
      yield { rows, columns, splits, place }
      place += rows
    }
  } finally {
    await file.close()
  }
}
