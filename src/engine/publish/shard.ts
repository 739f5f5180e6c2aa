import { columnGatherer } from '../../arrow/column-gatherer.ts'
import type { Columns } from '../../arrow/columns.ts'
import type { TextColumn } from '../../core/batch.ts'
import { growingMemory } from '../../core/growing-memory.ts'
import { SPLITS } from '../../core/report.ts'
import type { Plan } from '../plan/plan.ts'
import { sourceOf } from '../segments/segment-ref.ts'
import { splitBatches } from '../segments/split-batches.ts'
import { batchBounds } from './batch-bounds.ts'
import { openSegmentSketches, type StagedSketches } from './shard-sketches.ts'
import { openShardFiles } from './shard-writer.ts'
import type { ShardTask, WrittenFile } from './tasks.ts'

/** A worker does one task at a time, so each task reuses the memory of the previous one. */
const gathered = columnGatherer()
const memory = growingMemory()

/** Writes the files of one shard or of a stretch of it: the shard itself, then its sketches. */
export async function writeShard(plan: Plan, task: ShardTask): Promise<WrittenFile[]> {
  const files = await openShardFiles(plan, task)
  const bounds = batchBounds()
  const wanted = SPLITS.indexOf(task.split)
  gathered.take()
  let source = ''
  let left = task.take
  const flush = async (): Promise<void> => {
    const { rows } = gathered
    if (rows > 0) await files.write(source, rows, gathered.take())
  }
  /**
   * Adds the consecutive rows `[start, end)` of a batch of the segment, and ends record batches
   * where they are full.
   */
  const addRun = async (
    columns: Columns,
    sketches: StagedSketches,
    start: number,
    end: number,
  ): Promise<void> => {
    const { offsets } = columns.text as TextColumn
    for (let row = start; row < end; row++) {
      const full = bounds.add((offsets[row + 1] ?? 0) - (offsets[row] ?? 0))
      if (!full && row + 1 < end) continue
      gathered.append(columns, start, row + 1)
      files.addSketches(sketches, start, row + 1)
      if (full) await flush()
      start = row + 1
    }
  }
  try {
    for (const [index, segment] of task.segments.entries()) {
      const from = index === 0 ? task.from : 0
      const { name } = sourceOf(plan, segment.source)
      if (bounds.endsBefore(name)) await flush()
      source = name
      const sketches = await openSegmentSketches(plan, segment)
      try {
        const batches = splitBatches(plan, segment, task.removals, {
          from,
          memory,
          splits: [task.split],
        })
        for await (const { columns, splits, place, fill } of batches) {
          const runs = [...runsOf(splits, wanted, Math.max(0, from - place))]
          if (runs.length > 0) await sketches.read(place, splits.length)
          for (const { start, end } of runs) {
            const taken = Math.min(left, end - start)
            await fill(start, start + taken)
            await addRun(columns, sketches, start, start + taken)
            left -= taken
          }
          if (left === 0) break
        }
      } finally {
        await sketches.close()
      }
    }
    await flush()
    return await files.commit()
  } finally {
    await files.abort()
  }
}

/** The stretches of consecutive rows of a split, starting at row `first`. */
function* runsOf(
  splits: Uint8Array,
  wanted: number,
  first: number,
): Iterable<{ start: number; end: number }> {
  for (let end = first; end < splits.length; ) {
    const start = splits.indexOf(wanted, end)
    if (start < 0) return
    end = start
    while (splits[end] === wanted) end++
    yield { start, end }
  }
}
