import { join } from 'node:path'
import type { Cursor, Partition } from '../core/connector.ts'
import type { Storage } from '../core/storage.ts'
import type { Plan, SourceRun } from './plan.ts'
import { WorkerLost, type WorkerPool } from './pool.ts'
import { chainInfo, chainKey } from './rechain.ts'
import { segmentPaths } from './segment.ts'
import { type SegmentRecord, segmentBase, writeText } from './work-folder.ts'

/**
 * A partition that cannot be divided (one compressed stream) is read by one process while the others judge: the reader
 * writes segments that no filter has seen, each becomes a judged one as soon as a worker is free.
 */

/** Fingerprint of segments that no filter has seen. */
export const BARE_CHAIN = chainKey(chainInfo([], []))

/** Unjudged segments the reader may be ahead. */
const SEGMENTS_AHEAD = 4

const POLL_MS = 20

const stopPath = (folder: string): string => join(folder, 'stop')

export interface SplitReading {
  readonly plan: Plan
  readonly pool: WorkerPool
  readonly source: SourceRun
  readonly folder: string
  readonly partition: Partition
  readonly firstIndex: number
  readonly from: Cursor | undefined
  readonly quarantined: readonly (readonly [id: string, reason: string])[]
  /** Told of every judged segment, in order. */
  onSegment(record: SegmentRecord): void
}

/**
 * Reads and judges side by side. If a worker is lost, it ends early: what was judged in order has been told, and reading
 * goes on behind it the ordinary way, which finds the document that does the harm.
 */
export async function readAndJudge(options: SplitReading): Promise<void> {
  const { plan, pool, source, folder, partition, firstIndex, from } = options
  const { storage } = plan
  await storage.remove(stopPath(folder))
  const chain = chainKey(chainInfo(source.steps, source.corpusSteps))
  const judged = new Map<number, SegmentRecord>()
  let next = firstIndex
  let lost = false
  const judge = async (record: SegmentRecord): Promise<void> => {
    try {
      const task = { type: 'rechain', source: source.index, folder, record, judgeFrom: 0, measureFrom: 0 } as const
      judged.set(record.index, { ...record, chain, counts: await pool.run(task) })
    } catch (error) {
      if (!(error instanceof WorkerLost)) throw error
      lost = true
      await writeText(storage, stopPath(folder), '')
    }
    for (let ready = judged.get(next); ready && !lost; ready = judged.get(++next)) {
      options.onSegment(ready)
      await removeBare(storage, folder, ready.index)
    }
  }
  const judging: Promise<void>[] = []
  try {
    await pool.run(
      {
        type: 'stage',
        source: source.index,
        partition,
        folder,
        firstIndex,
        ...(from === undefined ? {} : { from }),
        quarantined: options.quarantined,
        careful: false,
        bare: true,
      },
      (news) => {
        if (news.type === 'segment') judging.push(judge(news.record))
      },
    )
  } catch (error) {
    if (!(error instanceof WorkerLost)) throw error
  } finally {
    await Promise.all(judging)
    await storage.remove(stopPath(folder))
  }
}

async function removeBare(storage: Storage, folder: string, index: number): Promise<void> {
  const base = segmentBase(folder, index, BARE_CHAIN)
  const { kept, dropped, ledger } = segmentPaths(base)
  for (const path of [`${base}.done.json`, kept, dropped, ledger]) await storage.remove(path)
}

/** In the reading process: waits until judging is close behind; false if reading should end. */
export async function mayReadOn(storage: Storage, folder: string, index: number): Promise<boolean> {
  const earlier = `${segmentBase(folder, index - SEGMENTS_AHEAD, BARE_CHAIN)}.done.json`
  for (;;) {
    if (await storage.stat(stopPath(folder))) return false
    if (!(await storage.stat(earlier))) return true
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}
