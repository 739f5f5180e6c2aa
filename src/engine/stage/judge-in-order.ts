import { type Judgement, judge } from './judge.ts'
import type { ReadBatch, StageTask } from './read-batches.ts'

/** Bytes of batches that may queue up while another worker still judges the first of them. */
const AHEAD_BYTES = 16 << 20

/** Approximate bytes per row besides its text. */
const ROW_BYTES = 256

interface JudgedBatch extends ReadBatch {
  readonly judgement?: Judgement
}

interface Waiting extends ReadBatch {
  /** Approximate memory, in bytes. */
  readonly size: number
  /** Undefined while unknown, or if it was lost. */
  judgement?: Judgement
  /** Settles once the judgement is known or lost. */
  readonly outcome: Promise<void>
  settled: boolean
}

/** Judges batches, several at a time if other workers help, and yields them in order. */
export async function* judgeInOrder(
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
 * Hands a batch over, or judges it here. A batch that another worker lost is judged here too, when
 * its turn comes.
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
