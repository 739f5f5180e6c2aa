import type { Plan } from './plan.ts'
import { type SegmentRef, sourceOf } from './publish-task.ts'
import { readRemovals } from './removals.ts'
import type { RowRef } from './rows.ts'
import { segmentPaths } from './segment.ts'
import { readDocuments } from './segment-reader.ts'

/** The documents of a segment that no filter removed, in reading order. */
export async function* publishedRows(plan: Plan, segment: SegmentRef, removals: string): AsyncIterable<RowRef> {
  const removed = await readRemovals(plan.storage, removals, segment.number)
  const kept = segmentPaths(segment.base).kept
  for await (const rows of readDocuments(plan.storage, kept, sourceOf(plan, segment.source).name)) {
    for (let row = 0; row < rows.batch.rows; row++) {
      if (!removed.has(rows.ordinal[row] ?? 0)) yield { rows, row }
    }
  }
}
