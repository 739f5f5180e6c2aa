import { textAt } from '../core/batch.ts'
import type { Cursor, Item } from '../core/connector.ts'
import { isEtlError } from '../core/errors.ts'
import type { SkipReport } from '../core/report.ts'
import type { Storage } from '../core/storage.ts'
import { type BatchBuilder, batchBuilder } from './batch-builder.ts'
import { runChain, setEngineDrop } from './chain.ts'
import { newLedger } from './ledger.ts'
import type { CorpusStep, Step } from './plan.ts'
import { quarantine } from './quarantine.ts'
import { gatherRows, type Rows } from './rows.ts'
import { type SegmentCounts, type SegmentWriter, segmentWriter } from './segment.ts'
import { skipCounter } from './skips.ts'

/** Text bytes that filters see at once. Part of no output: rows do not depend on each other. */
const BATCH_BYTES = 4 << 20

/** Documents a batch may hold, so that many tiny ones do not pile up. */
const BATCH_ROWS = 8192

/** Items after which a cursor is recorded even if they gave no text. */
const SEGMENT_ITEMS = 1_000_000

/** What is recorded of a segment once its files are durable. */
export interface StagedSegment {
  /** Number of the segment inside its partition, from 0. */
  readonly index: number
  /** Where reading goes on after it. */
  readonly cursor: Cursor
  /** Whether the partition ends here. */
  readonly last: boolean
  readonly counts: SegmentCounts
  readonly skipped: readonly SkipReport[]
  /** Why the partition ended early, if it did. */
  readonly problem?: string
}

export interface StageTask {
  readonly storage: Storage
  readonly source: string
  readonly steps: readonly Step[]
  readonly corpusSteps: readonly CorpusStep[]
  readonly maxDocumentBytes: number
  readonly segmentBytes: number
  /** Path of segment `index` without its endings. */
  base(index: number): string
  readonly firstIndex: number
  /** Where reading starts; the partition's beginning if undefined. */
  readonly from: Cursor | undefined
  /** Ids of documents that must not be measured, with the reason they are dropped for. */
  readonly quarantined: ReadonlyMap<string, string>
  /** Called before each document is measured, if every document is to be measured alone; with `''` after the last. */
  readonly beforeDocument?: (id: string) => void
}

/** Reads items, filters them and writes segments, one after the other; yields each once it is durable. */
export async function* stageItems(task: StageTask, items: AsyncIterable<Item>): AsyncIterable<StagedSegment> {
  let index = task.firstIndex
  let segment = await openSegment(task, index)
  let cursor: Cursor = task.from ?? null
  let problem: string | undefined
  const commit = async (last: boolean): Promise<StagedSegment> => {
    const { counts, skipped } = await segment.commit()
    return { index: index++, cursor, last, counts, skipped, ...(problem ? { problem } : {}) }
  }
  try {
    const iterator = items[Symbol.asyncIterator]()
    try {
      for (;;) {
        const next = await nextItem(iterator)
        if ('problem' in next) {
          problem = next.problem
          segment.skip({ skipped: 'input-corrupt', where: next.problem })
          break
        }
        if (next.done) break
        await segment.add(next.item)
        cursor = next.item.cursor
        if (!segment.full()) continue
        yield await commit(false)
        segment = await openSegment(task, index)
      }
    } finally {
      await iterator.return?.()
    }
    yield await commit(true)
  } finally {
    await segment.abort()
  }
}

type Next = { done: true } | { done: false; item: Item } | { problem: string }

/** The next item; a damaged input ends the partition with what could be read, every other error stops the run. */
async function nextItem(iterator: AsyncIterator<Item>): Promise<Next | { done: false; item: Item }> {
  try {
    const { done, value } = await iterator.next()
    return done ? { done: true } : { done: false, item: value }
  } catch (error) {
    if (isEtlError(error) && error.code === 'input-corrupt') return { problem: error.message }
    throw error
  }
}

interface OpenSegment {
  add(item: Item): Promise<void>
  skip(item: { skipped: string; where: string; raw?: Uint8Array }): void
  full(): boolean
  commit(): Promise<{ counts: SegmentCounts; skipped: readonly SkipReport[] }>
  abort(): Promise<void>
}

async function openSegment(task: StageTask, index: number): Promise<OpenSegment> {
  const writer = await segmentWriter(task.storage, task.base(index), task.steps, task.corpusSteps)
  const skips = skipCounter()
  const aside = quarantine(task.storage, `${task.base(index)}.quarantine.jsonl`)
  const newBuilder = (first: number): BatchBuilder => batchBuilder(task.source, first, task.maxDocumentBytes)
  let builder = newBuilder(0)
  let ordinal = 0
  let bytes = 0
  let items = 0
  const flush = async (): Promise<void> => {
    if (builder.rows === 0) return
    bytes += builder.bytes
    await judgeBatch(task, builder, ordinal, writer, aside.addFailures)
    ordinal += builder.rows
    builder = newBuilder(ordinal)
  }
  const skip: OpenSegment['skip'] = (item) => {
    skips.add(item)
    if (item.raw) aside.addRaw(item.skipped, item.where, item.raw)
  }
  return {
    async add(item) {
      items++
      if ('skipped' in item) skip(item)
      else if ('record' in item) throw new Error(`source "${task.source}" yields records but does not group them`)
      else if ('document' in item) builder.add(item.document)
      if (builder.bytes >= BATCH_BYTES || builder.rows >= BATCH_ROWS) await flush()
    },
    skip,
    full: () => bytes + builder.bytes >= task.segmentBytes || items >= SEGMENT_ITEMS,
    async commit() {
      await flush()
      const counts = await writer.commit()
      await aside.commit()
      return { counts, skipped: skips.list() }
    },
    abort: () => writer.abort(),
  }
}

async function judgeBatch(
  task: StageTask,
  builder: BatchBuilder,
  firstOrdinal: number,
  writer: SegmentWriter,
  setAside: (failures: readonly { id: string; error: string }[]) => void,
): Promise<void> {
  const { rows, reasons } = builder.finish()
  const ledger = newLedger(rows.batch.rows, task.steps)
  for (const [row, reason] of reasons.entries()) {
    const verdict = reason ?? task.quarantined.get(textAt(rows.batch.id, row))
    if (verdict !== undefined) setEngineDrop(ledger, row, verdict)
  }
  const places = [...reasons.keys()]
  const groups = task.beforeDocument ? places.map((row) => [row]) : [places]
  const kept: Rows[] = []
  const dropped: Rows[] = []
  for (const group of groups) {
    const part = groups.length === 1 ? rows : gatherRows(task.source, [{ rows, row: group[0] ?? 0 }])
    if (task.beforeDocument) task.beforeDocument(textAt(part.batch.id, 0))
    const judged = runChain(task.steps, 0, part, ledger, group)
    setAside(judged.failures)
    kept.push(judged.kept)
    dropped.push(judged.dropped)
  }
  task.beforeDocument?.('')
  await writer.write(joinRows(task.source, kept), joinRows(task.source, dropped), ledger, firstOrdinal)
}

/** Several parts as one, in order. */
function joinRows(source: string, parts: readonly Rows[]): Rows {
  const [only] = parts
  if (parts.length === 1 && only) return only
  return gatherRows(
    source,
    parts.flatMap((rows) => Array.from({ length: rows.batch.rows }, (_, row) => ({ rows, row }))),
  )
}
