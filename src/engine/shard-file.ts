import { columnGatherer } from '../arrow/column-gatherer.ts'
import type { Columns } from '../arrow/columns.ts'
import type { TextColumn } from '../core/batch.ts'
import { SPLITS, type Split } from '../core/report.ts'
import { batchBounds } from './batch-bounds.ts'
import type { Plan } from './plan.ts'
import { type SegmentRef, type ShardTask, sourceOf, type WrittenFile } from './publish-task.ts'
import { openShardFiles, sketchesOfSegment } from './shard-files.ts'
import { splitBatches } from './split-batches.ts'

/** Writes the files of one shard, or those of a stretch of it: the shard itself, then its sketches. */
export async function writeShard(plan: Plan, task: ShardTask): Promise<WrittenFile[]> {
  const files = await openShardFiles(plan, task)
  const gathered = columnGatherer()
  const bounds = batchBounds()
  let source = ''
  const flush = async (): Promise<void> => {
    const { rows } = gathered
    if (rows > 0) await files.write(source, rows, gathered.take())
  }
  let left = task.take
  try {
    for (const [index, segment] of task.segments.entries()) {
      const { name } = sourceOf(plan, segment.source)
      if (bounds.endsBefore(name)) await flush()
      source = name
      const sketches = await sketchesOfSegment(plan, segment)
      for await (const run of splitRuns(plan, segment, task, index === 0 ? task.from : 0)) {
        const { offsets } = run.columns.text as TextColumn
        const end = Math.min(run.end, run.start + left)
        const append = (start: number, end: number): void => {
          gathered.append(run.columns, start, end)
          files.addSketches(sketches, run.place + start, run.place + end)
        }
        let start = run.start
        for (let row = start; row < end; row++) {
          if (!bounds.add((offsets[row + 1] ?? 0) - (offsets[row] ?? 0))) continue
          append(start, row + 1)
          await flush()
          start = row + 1
        }
        append(start, end)
        left -= end - run.start
        if (left === 0) break
      }
    }
    await flush()
    return await files.commit()
  } finally {
    await files.abort()
  }
}

/** Rows `[start, end)` of a record batch of a segment, whose first row has this place among the kept ones. */
interface Run {
  readonly columns: Columns
  readonly start: number
  readonly end: number
  readonly place: number
}

/** The documents of a split in a segment, from a place among those that row filters kept, by runs of rows that follow each other. */
async function* splitRuns(
  plan: Plan,
  segment: SegmentRef,
  { removals, split }: { readonly removals: string; readonly split: Split },
  from: number,
): AsyncIterable<Run> {
  const wanted = SPLITS.indexOf(split)
  for await (const { rows, columns, splits, place } of splitBatches(plan, segment, removals, from)) {
    let start = -1
    for (let row = Math.max(0, from - place); row <= rows; row++) {
      const isWanted = row < rows && splits[row] === wanted
      if (isWanted && start < 0) start = row
      if (isWanted || start < 0) continue
      yield { columns, start, end: row, place }
      start = -1
    }
  }
}
