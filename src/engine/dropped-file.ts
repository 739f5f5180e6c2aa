import { columnGatherer } from '../arrow/column-gatherer.ts'
import type { ColumnSpec, Columns, NumberColumn } from '../arrow/columns.ts'
import { batchMemory, openArrowFile } from '../arrow/reader.ts'
import { createArrowFile } from '../arrow/writer.ts'
import { bytesAt, type TextColumn, textColumn } from '../core/batch.ts'
import type { Storage } from '../core/storage.ts'
import { batchBounds } from './batch-bounds.ts'
import type { Plan, SourceRun } from './plan.ts'
import { type DroppedTask, type Fate, type FileFacts, fateOf, type SegmentRef, sourceOf } from './publish-task.ts'
import { redactRows } from './redact.ts'
import { readRemovals } from './removals.ts'
import { documentColumns, segmentPaths } from './segment.ts'
import { readLedger, rowsOf } from './segment-reader.ts'
import { SHARD_COLUMNS, shardColumns, textSpec } from './shard-columns.ts'
import { keyedShares } from './split.ts'

const DROPPED_COLUMNS: readonly ColumnSpec[] = [
  ...SHARD_COLUMNS,
  textSpec('filter'),
  textSpec('reason'),
  textSpec('survivor', true),
  { name: 'similarity', type: 'float32' },
]

/** Writes the removed documents of one source, redacted, all or the sampled share of each reason. */
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
      for await (const { columns, row, ...removal } of removedRows(plan.storage, source, segment, task)) {
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

/** Why a document is removed, and the last filter that has measured it. */
interface Removal {
  readonly fate: Fate
  readonly reached: number
}

/** A removed document, as a row of columns that are read into the memory of those before. */
interface RemovedRow extends Removal {
  readonly columns: Columns
  readonly row: number
}

/** Removed documents of one segment: first those of row filters, then those of corpus filters. */
async function* removedRows(
  storage: Storage,
  source: SourceRun,
  segment: SegmentRef,
  task: DroppedTask,
): AsyncIterable<RemovedRow> {
  const removals = await readRemovals(storage, task.removals, segment.number)
  const wanted = new Map<number, Removal>()
  let first = 0
  for await (const ledger of readLedger(storage, segmentPaths(segment.base).ledger)) {
    const orders = keyedShares('dropped', ledger.id)
    for (let row = 0; row < ledger.rows; row++) {
      const fate = fateOf(source, ledger, row, removals.get(first + row))
      if (!fate.filter || !isSampled(task.shares, fate, orders[row] ?? 0)) continue
      wanted.set(first + row, { fate, reached: ledger.reached[row] ?? -1 })
    }
    first += ledger.rows
  }
  if (wanted.size === 0) return
  const paths = segmentPaths(segment.base)
  const memory = batchMemory()
  for (const path of removals.size > 0 ? [paths.dropped, paths.kept] : [paths.dropped]) {
    const file = await openArrowFile(storage, path, memory)
    try {
      for (let index = 0; index < file.batchCount; index++) {
        const { rows, columns } = await file.batch(index)
        const ordinals = columns.ordinal as NumberColumn
        for (let row = 0; row < rows; row++) {
          const removal = wanted.get(ordinals[row] ?? 0)
          if (removal) yield { columns, row, ...removal }
        }
      }
    } finally {
      await file.close()
    }
  }
}

function isSampled(shares: Readonly<Record<string, number>>, { filter, reason }: Fate, order: number): boolean {
  const share = shares[`${filter}:${reason}`]
  return share === undefined || order < share
}
