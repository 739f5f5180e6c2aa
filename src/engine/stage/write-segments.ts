import type { Item } from '../../core/connector.ts'
import { type SegmentWriter, segmentOpener } from '../segments/segment.ts'
import type { StagedSegment } from '../segments/work-folder.ts'
import { judgeInOrder } from './judge-in-order.ts'
import { type ReadBatch, readBatches, type StageTask } from './read-batches.ts'

/**
 * Reading, judging and writing one partition. This worker reads and writes batches in order. It
 * judges them itself or lets idle workers judge them while it reads on.
 */

/**
 * Bytes of text after which a worker collects garbage explicitly, if Node was started with
 * `--expose-gc`. The buffers of a batch are old objects by then. V8 sees little of their memory and
 * would wait more than twice as long.
 */
const COLLECT_BYTES = 48 << 20

/**
 * Reads items, filters them and writes segments, one after the other. `durable` is called for each
 * segment once its files are durable, in order. Meanwhile the next segment is read and judged.
 * `written` is called when everything is written and only flushing to disk remains.
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
      committing.catch(() => undefined) // awaited when the next segment ends
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
