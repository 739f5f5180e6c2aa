import { textAt } from '../../core/batch.ts'
import type { Cursor, Item } from '../../core/connector.ts'
import { isEtlError } from '../../core/errors.ts'
import type { Storage } from '../../core/storage.ts'
import type { StagedSegment } from '../segments/work-folder.ts'
import { BATCH_BYTES, type BatchBuilder, batchBuilder } from './batch-builder.ts'
import type { Judgement, JudgeOptions, Unjudged } from './judge.ts'
import { quarantine } from './quarantine.ts'
import { skipCounter } from './skips.ts'

/** Most documents per batch, so that many tiny ones do not accumulate. */
const BATCH_ROWS = 8192

/**
 * A segment ends after this many items even if they yield no text, so that a cursor is recorded.
 */
const SEGMENT_ITEMS = 1_000_000

/**
 * Offers a batch to other workers. Resolves to undefined if none wants it. Otherwise `outcome`
 * follows, which is undefined if the batch was lost on the way; it never rejects.
 */
export type HandOver = (
  batch: Unjudged,
) => Promise<{ readonly outcome: Promise<Judgement | undefined> } | undefined>

/** Everything that staging the items of a partition needs. */
export interface StageTask extends JudgeOptions {
  readonly storage: Storage
  readonly source: string
  readonly maxDocumentBytes: number
  readonly segmentBytes: number
  /** Common path of the files of segment `index`, without their suffixes. */
  base(index: number): string
  readonly firstIndex: number
  /** Where reading starts; undefined for the beginning of the partition. */
  readonly from: Cursor | undefined
  /** Ids of documents that must not be measured, and the reasons they are dropped for. */
  readonly quarantined: ReadonlyMap<string, string>
  readonly handOver?: HandOver
}

/** Documents of one segment. `end` is present in its last batch. */
export interface ReadBatch {
  readonly segment: { readonly index: number; readonly aside: ReturnType<typeof quarantine> }
  readonly unjudged?: Unjudged
  readonly end?: Omit<StagedSegment, 'index' | 'counts'>
}

/** Packs items into batches. Where segments end depends only on the items. */
export async function* readBatches(
  task: StageTask,
  items: AsyncIterable<Item>,
): AsyncIterable<ReadBatch> {
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
 * Reads the next item. A damaged input ends the partition after what could be read; every other
 * error stops the run.
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
   * Created for the first document of a batch, because an empty builder would hold memory that
   * others could use.
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
