import { textAt } from '../../core/batch.ts'
import type { Cursor, Item } from '../../core/connector.ts'
import { isEtlError } from '../../core/errors.ts'
import type { Storage } from '../../core/storage.ts'
import { type SegmentWriter, segmentOpener } from '../segments/segment.ts'
import type { StagedSegment } from '../segments/work-folder.ts'
import { BATCH_BYTES, type BatchBuilder, batchBuilder } from './batch-builder.ts'
import { type Judgement, type JudgeOptions, judge, type Unjudged } from './judge.ts'
import { quarantine } from './quarantine.ts'
import { skipCounter } from './skips.ts'

/**
 * Reading, judging and writing one partition. Batches are read and written in order by this
 * process; they are judged here too or, while it reads on, by whoever has nothing better to do.
 */

/** Documents a batch may hold, so that many tiny ones do not pile up. */
const BATCH_ROWS = 8192

/** Bytes of batches that may wait for one that a helper has not given back. */
const AHEAD_BYTES = 16 << 20

/** What a row takes besides its text, roughly. */
const ROW_BYTES = 256

/** Items after which a cursor is recorded even if they gave no text. */
const SEGMENT_ITEMS = 1_000_000

/**
 * Text bytes after which a process collects its garbage, if it is started so that it can: what a
 * batch leaves behind is old by then, and V8, which sees little of it, waits more than twice as
 * long.
 */
const COLLECT_BYTES = 48 << 20

/**
 * Offers a batch to somebody else. Nobody may want it: undefined. Otherwise the outcome follows,
 * which is undefined again if it was lost on the way; it never rejects.
 */
export type HandOver = (
  batch: Unjudged,
) => Promise<{ readonly outcome: Promise<Judgement | undefined> } | undefined>

export interface StageTask extends JudgeOptions {
  readonly storage: Storage
  readonly source: string
  readonly maxDocumentBytes: number
  readonly segmentBytes: number
  /** Path of segment `index` without its endings. */
  base(index: number): string
  readonly firstIndex: number
  /** Where reading starts; the partition's beginning if undefined. */
  readonly from: Cursor | undefined
  /** Ids of documents that must not be measured, with the reason they are dropped for. */
  readonly quarantined: ReadonlyMap<string, string>
  readonly handOver?: HandOver
}

/**
 * Reads items, filters them and writes segments, one after the other. Each is told once it is
 * durable, in order; while it becomes so the next one is read and judged. `written` is called when
 * only the disk is waited for.
 */
export async function stageItems(
  task: StageTask,
  items: AsyncIterable<Item>,
  durable: (segment: StagedSegment) => Promise<void>,
  written: () => Promise<void> = async () => undefined,
): Promise<void> {
  const open = segmentOpener(task.storage, task.steps, task.corpusSteps)
  let writer: SegmentWriter | undefined
  let committing = Promise.resolve()
  let bytes = 0
  try {
    for await (const { segment, judgement, end } of judgeInOrder(task, readBatches(task, items))) {
      writer ??= await open(task.base(segment.index))
      if (judgement) {
        segment.aside.addFailures(judgement.failures)
        await writer.write(judgement.batch)
      }
      if (!end) continue
      const counts = await writer.finish()
      await committing
      committing = commitSegment(writer, segment).then(() =>
        durable({ index: segment.index, counts, ...end }),
      )
      committing.catch(() => undefined) // told when the next segment ends
      writer = undefined
      bytes += counts.bytes
      if (bytes >= COLLECT_BYTES) {
        bytes = 0
        globalThis.gc?.()
      }
    }
    await written()
    await committing
  } finally {
    await writer?.abort()
    await committing.catch(() => undefined)
  }
}

async function commitSegment(
  writer: SegmentWriter,
  { aside }: ReadBatch['segment'],
): Promise<void> {
  try {
    await writer.commit()
    await aside.commit()
  } finally {
    await writer.abort()
  }
}

/** Documents of one segment; with `end`, the last of it. */
interface ReadBatch {
  readonly segment: { readonly index: number; readonly aside: ReturnType<typeof quarantine> }
  readonly unjudged?: Unjudged
  readonly end?: Omit<StagedSegment, 'index' | 'counts'>
}

interface JudgedBatch extends ReadBatch {
  readonly judgement?: Judgement
}

interface Waiting extends ReadBatch {
  /** About what it takes in memory, in bytes. */
  readonly size: number
  /** As far as it is known. */
  judgement?: Judgement
  /** Settled once it is known, or will never be. */
  readonly outcome: Promise<void>
  settled: boolean
}

/** Judges batches, several at a time if there are helpers, and gives them back in order. */
async function* judgeInOrder(
  task: StageTask,
  batches: AsyncIterable<ReadBatch>,
): AsyncIterable<JudgedBatch> {
  const waiting: Waiting[] = []
  let size = 0
  const take = async (first: Waiting): Promise<JudgedBatch> => {
    await first.outcome
    waiting.shift()
    size -= first.size
    const { segment, unjudged, end, judgement = unjudged && judge(task, unjudged) } = first
    return { segment, ...(judgement ? { judgement } : {}), ...(end ? { end } : {}) }
  }
  for await (const batch of batches) {
    const next = await startJudging(task, batch)
    waiting.push(next)
    size += next.size
    for (let [first] = waiting; first && (first.settled || size > AHEAD_BYTES); [first] = waiting)
      yield take(first)
  }
  for (let [first] = waiting; first; [first] = waiting) yield take(first)
}

/**
 * Hands a batch over, or judges it here. What a helper lost is judged here too, once it is wanted.
 */
async function startJudging(task: StageTask, batch: ReadBatch): Promise<Waiting> {
  const { unjudged } = batch
  const size = unjudged
    ? unjudged.rows.batch.text.bytes.length + unjudged.rows.batch.rows * ROW_BYTES
    : 0
  const taken = unjudged && (await task.handOver?.(unjudged))
  if (!taken) {
    const judgement = unjudged && judge(task, unjudged)
    return {
      ...batch,
      size,
      ...(judgement ? { judgement } : {}),
      outcome: Promise.resolve(),
      settled: true,
    }
  }
  const waiting: Waiting = {
    ...batch,
    size,
    outcome: taken.outcome.then((judgement) => {
      if (judgement) waiting.judgement = judgement
      waiting.settled = true
    }),
    settled: false,
  }
  return waiting
}

/** Packs items into batches. Where segments end depends on the items only. */
async function* readBatches(task: StageTask, items: AsyncIterable<Item>): AsyncIterable<ReadBatch> {
  let index = task.firstIndex
  let reading = openSegment(task, index)
  let cursor: Cursor = task.from ?? null
  let problem: string | undefined
  const iterator = items[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await nextItem(iterator)
      if ('problem' in next) {
        problem = next.problem
        reading.skip({ skipped: 'input-corrupt', where: next.problem })
        break
      }
      if (next.done) break
      reading.add(next.item)
      cursor = next.item.cursor
      if (reading.segmentIsFull()) {
        yield reading.end({ cursor, last: false })
        reading = openSegment(task, ++index)
      } else if (reading.batchIsFull()) yield reading.batch()
    }
  } finally {
    await iterator.return?.()
  }
  yield reading.end({ cursor, last: true, ...(problem ? { problem } : {}) })
}

type Next = { done: true } | { done: false; item: Item } | { problem: string }

/**
 * The next item; a damaged input ends the partition with what could be read, every other error
 * stops the run.
 */
async function nextItem(iterator: AsyncIterator<Item>): Promise<Next> {
  try {
    const { done, value } = await iterator.next()
    return done ? { done: true } : { done: false, item: value }
  } catch (error) {
    if (isEtlError(error) && error.code === 'input-corrupt') return { problem: error.message }
    throw error
  }
}

/** A segment being read. */
function openSegment(task: StageTask, index: number) {
  const aside = quarantine(task.storage, `${task.base(index)}.quarantine.jsonl`)
  const segment = { index, aside }
  const skips = skipCounter()
  /**
   * Made for the first document of a batch: one that holds nothing would keep its memory from
   * others.
   */
  let builder: BatchBuilder | undefined
  let ordinal = 0
  let bytes = 0
  let items = 0
  const skip = (item: { skipped: string; where: string; raw?: Uint8Array }): void => {
    skips.add(item)
    if (item.raw) aside.addRaw(item.skipped, item.where, item.raw)
  }
  const batch = (): ReadBatch => {
    if (!builder) return { segment }
    bytes += builder.bytes
    ordinal += builder.rows
    const { rows, reasons } = builder.finish()
    builder = undefined
    const verdicts = reasons.map(
      (reason, row) => reason ?? task.quarantined.get(textAt(rows.batch.id, row)),
    )
    return { segment, unjudged: { rows, verdicts } }
  }
  return {
    add(item: Item): void {
      items++
      if ('skipped' in item) skip(item)
      else if ('record' in item)
        throw new Error(`source "${task.source}" yields records but does not group them`)
      else if ('document' in item) {
        builder ??= batchBuilder(task.source, ordinal, task.maxDocumentBytes)
        builder.add(item.document)
      }
    },
    skip,
    batchIsFull: () =>
      builder !== undefined && (builder.bytes >= BATCH_BYTES || builder.rows >= BATCH_ROWS),
    segmentIsFull: () =>
      bytes + (builder?.bytes ?? 0) >= task.segmentBytes || items >= SEGMENT_ITEMS,
    batch,
    end: (head: Omit<StagedSegment, 'index' | 'counts' | 'skipped'>): ReadBatch => ({
      ...batch(),
      end: { ...head, skipped: skips.list() },
    }),
  }
}
