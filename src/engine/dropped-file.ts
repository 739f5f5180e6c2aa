import type { ColumnSpec } from '../arrow/columns.ts'
import { createArrowFile } from '../arrow/writer.ts'
import { bytesAt, textColumn } from '../core/batch.ts'
import type { Storage } from '../core/storage.ts'
import type { Plan, SourceRun } from './plan.ts'
import { type Fate, type FileFacts, fateOf, type PublishTask, type SegmentRef, sourceOf } from './publish-task.ts'
import { redactRows } from './redact.ts'
import { readRemovals } from './removals.ts'
import { gatherRows, type RowRef } from './rows.ts'
import { segmentPaths } from './segment.ts'
import { readDocuments, readLedger } from './segment-reader.ts'
import { batchWriter, SHARD_COLUMNS, shardColumns, textSpec } from './shard-file.ts'
import { keyedShare } from './split.ts'

const DROPPED_COLUMNS: readonly ColumnSpec[] = [
  ...SHARD_COLUMNS,
  textSpec('filter'),
  textSpec('reason'),
  textSpec('survivor', true),
  { name: 'similarity', type: 'float32' },
]

/** Writes the removed documents of one source, redacted, all or the sampled share of each reason. */
export async function writeDropped(plan: Plan, task: PublishTask & { type: 'dropped' }): Promise<FileFacts> {
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
  const writer = batchWriter<Removed>(async (name, removed) => {
    const rows = redactRows(
      source.steps,
      gatherRows(name, removed),
      removed.map(({ reached }) => reached),
    )
    await file.write(rows.batch.rows, {
      ...shardColumns(rows),
      filter: textColumn(removed.map(({ fate }) => fate.filter)),
      reason: textColumn(removed.map(({ fate }) => fate.reason)),
      survivor: textColumn(removed.map(({ fate }) => fate.survivor)),
      similarity: Float32Array.from(removed, ({ fate }) => fate.similarity),
    })
  })
  try {
    for (const segment of task.segments) {
      for await (const removed of removedRows(plan.storage, source, segment, task.removals, task.shares)) {
        for (const one of removed) await writer.add(source.name, one)
      }
    }
    await writer.flush()
    return await file.commit()
  } finally {
    await file.abort()
  }
}

/** A removed document, why it is removed, and the last filter that has measured it. */
interface Removed extends RowRef {
  readonly fate: Fate
  readonly reached: number
}

/** Removed documents of one segment: first those of row filters, then those of corpus filters. */
async function* removedRows(
  storage: Storage,
  source: SourceRun,
  segment: SegmentRef,
  removalsFolder: string,
  shares: Readonly<Record<string, number>>,
): AsyncIterable<readonly Removed[]> {
  const removals = await readRemovals(storage, removalsFolder, segment.number)
  const wanted = new Map<number, { fate: Fate; reached: number }>()
  let first = 0
  for await (const ledger of readLedger(storage, segmentPaths(segment.base).ledger)) {
    for (let row = 0; row < ledger.rows; row++) {
      const fate = fateOf(source, ledger, row, removals.get(first + row))
      if (!fate.filter || !isSampled(shares, fate, bytesAt(ledger.id, row))) continue
      wanted.set(first + row, { fate, reached: ledger.reached[row] ?? -1 })
    }
    first += ledger.rows
  }
  if (wanted.size === 0) return
  const paths = segmentPaths(segment.base)
  for (const path of removals.size > 0 ? [paths.dropped, paths.kept] : [paths.dropped]) {
    for await (const rows of readDocuments(storage, path, source.name)) {
      yield [...rows.ordinal].flatMap((ordinal, row) => {
        const entry = wanted.get(ordinal)
        return entry === undefined ? [] : [{ rows, row, ...entry }]
      })
    }
  }
}

function isSampled(shares: Readonly<Record<string, number>>, { filter, reason }: Fate, id: Uint8Array): boolean {
  const share = shares[`${filter}:${reason}`]
  return share === undefined || keyedShare('dropped', id) < share
}
