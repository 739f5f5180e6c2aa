import { columnGatherer } from '../../arrow/column-gatherer.ts'
import type { ColumnSpec, Columns } from '../../arrow/columns.ts'
import { openArrowFile } from '../../arrow/reader.ts'
import { createArrowFile } from '../../arrow/writer.ts'
import { bytesAt, type TextColumn, textColumn } from '../../core/batch.ts'
import { growingMemory } from '../../core/growing-memory.ts'
import type { Storage } from '../../core/storage.ts'
import type { Plan, SourceRun } from '../plan/plan.ts'
import { readRemovals } from '../segments/removals.ts'
import { documentColumns, segmentPaths } from '../segments/segment.ts'
import { isKept, readLedger, rowsOf } from '../segments/segment-reader.ts'
import { type Fate, fateOf, type SegmentRef, sourceOf } from '../segments/segment-ref.ts'
import { keyedShares } from '../segments/split.ts'
import { batchBounds } from './batch-bounds.ts'
import { redactRows } from './redact.ts'
import { SHARD_COLUMNS, shardColumns, textSpec } from './shard-columns.ts'
import type { DroppedTask, FileFacts } from './tasks.ts'

const DROPPED_COLUMNS: readonly ColumnSpec[] = [
  ...SHARD_COLUMNS,
  textSpec('filter'),
  textSpec('reason'),
  textSpec('survivor', true),
  { name: 'similarity', type: 'float32' },
]

/**
 * Writes the removed documents of one source, after redaction: all of them, or the sampled share
 * for each reason.
 */
export async function writeDropped(plan: Plan, task: DroppedTask): Promise<FileFacts> {
  const source = sourceOf(plan, task.source)
  const file = await createArrowFile(plan.storage, task.path, {
    columns: DROPPED_COLUMNS,
    metadata: new Map([
      ['schema', '1'],
      ['manifest', plan.fingerprint],
      ['source', source.name],
    ]),
    compression: 'zstd',
  })
  const gathered = columnGatherer()
  const bounds = batchBounds()
  let removed: Removal[] = []
  const flush = async (): Promise<void> => {
    const { rows: count } = gathered
    if (count === 0) return
    const reached = removed.map((removal) => removal.reached)
    const rows = redactRows(source.steps, rowsOf(source.name, count, gathered.take()), reached)
    await file.write(count, {
      ...shardColumns(source.name, count, documentColumns(rows)),
      filter: textColumn(removed.map(({ fate }) => fate.filter)),
      reason: textColumn(removed.map(({ fate }) => fate.reason)),
      survivor: textColumn(removed.map(({ fate }) => fate.survivor)),
      similarity: Float32Array.from(removed, ({ fate }) => fate.similarity),
    })
    removed = []
  }
  try {
    for (const segment of task.segments) {
      for await (const { columns, row, ...removal } of removedRows(
        plan.storage,
        source,
        segment,
        task,
      )) {
        gathered.append(columns, row, row + 1)
        removed.push(removal)
        if (bounds.add(bytesAt(columns.text as TextColumn, row).length)) await flush()
      }
    }
    await flush()
    return await file.commit()
  } finally {
    await file.abort()
  }
}

/** Why a document was removed, and the index of the last filter that measured it. */
interface Removal {
  readonly fate: Fate
  readonly reached: number
}

/** A removed document to be published: `place` is its position among the rows of its file. */
interface WantedRow extends Removal {
  readonly place: number
}

/** A removed document as a row of columns. Their memory is reused for the next batch. */
interface RemovedRow extends Removal {
  readonly columns: Columns
  readonly row: number
}

/**
 * Reads the removed documents of one segment: first those of row filters, then those of corpus
 * filters.
 */
async function* removedRows(
  storage: Storage,
  source: SourceRun,
  segment: SegmentRef,
  task: DroppedTask,
): AsyncIterable<RemovedRow> {
  const paths = segmentPaths(segment.base)
  const { dropped, kept } = await wantedRows(storage, source, segment, task)
  yield* rowsAt(storage, paths.dropped, dropped)
  yield* rowsAt(storage, paths.kept, kept)
}

/**
 * Finds the removed documents of a segment that are published, in its `dropped` file and in its
 * `kept` file.
 */
async function wantedRows(
  storage: Storage,
  source: SourceRun,
  segment: SegmentRef,
  task: DroppedTask,
) {
  const removals = await readRemovals(storage, task.removals, segment.number)
  const isSampled = Object.keys(task.shares).length > 0
  const wanted = { dropped: [] as WantedRow[], kept: [] as WantedRow[] }
  const places = { dropped: 0, kept: 0 }
  let first = 0
  for await (const ledger of readLedger(storage, segmentPaths(segment.base).ledger)) {
    const orders = isSampled ? keyedShares('dropped', ledger.id) : undefined
    for (let row = 0; row < ledger.rows; row++) {
      const file = isKept(ledger, row) ? 'kept' : 'dropped'
      const place = places[file]++
      const fate = fateOf(source, ledger, row, removals.get(first + row))
      if (!fate.filter || (orders?.[row] ?? 0) >= shareOf(task, fate)) continue
      wanted[file].push({ place, fate, reached: ledger.reached[row] ?? -1 })
    }
    first += ledger.rows
  }
  return wanted
}

/** Published share of the documents removed for this reason. */
function shareOf({ shares }: DroppedTask, { filter, reason }: Fate): number {
  return shares[`${filter}:${reason}`] ?? 1
}

/** Reads the rows at ascending positions of a file. Record batches without any are not read. */
async function* rowsAt(
  storage: Storage,
  path: string,
  wanted: readonly WantedRow[],
): AsyncIterable<RemovedRow> {
  if (wanted.length === 0) return
  const file = await openArrowFile(storage, path, growingMemory())
  try {
    let next = 0
    let first = 0
    for (let index = 0; next < wanted.length && index < file.batchCount; index++) {
      const end = first + (await file.rows(index))
      const from = next
      while ((wanted[next]?.place ?? end) < end) next++
      if (next > from) {
        const { columns } = await file.batch(index)
        for (const { place, ...removal } of wanted.slice(from, next))
          yield { columns, row: place - first, ...removal }
      }
      first = end
    }
  } finally {
    await file.close()
  }
}
