import type { Storage } from '../../core/storage.ts'
import { type CorpusStep, fingerprint, type Step } from '../plan/plan.ts'
import { ENGINE_STEP, gatherLedger, KEPT, type Ledger, newLedger } from '../segments/ledger.ts'
import { gatherRows, type RowRef, type Rows } from '../segments/rows.ts'
import {
  type SegmentCounts,
  segmentBatch,
  segmentOpener,
  segmentPaths,
} from '../segments/segment.ts'
import { readDocuments, readLedger } from '../segments/segment-reader.ts'
import { rowJudge, runChain, setDropped } from './chain.ts'

/** What must be known about a filter chain later, when its filters no longer exist. */
export interface ChainInfo {
  readonly steps: readonly {
    readonly name: string
    readonly measureKey: string
    readonly judgeKey: string
    readonly rewrites: boolean
  }[]
  readonly sketches: readonly { readonly name: string; readonly sketchKey: string }[]
}

/** Describes a chain for the work folder. */
export function chainInfo(steps: readonly Step[], corpusSteps: readonly CorpusStep[]): ChainInfo {
  return {
    steps: steps.map(({ name, filter, measureKey, judgeKey }) => {
      return { name, measureKey, judgeKey, rewrites: filter.rewrites === true }
    }),
    sketches: corpusSteps.map(({ name, sketchKey }) => ({ name, sketchKey })),
  }
}

/** Fingerprint of a chain. Equal chains make equal segments from equal input. */
export function chainKey(info: ChainInfo): string {
  return fingerprint(info).slice(0, 12)
}

/** How segments of an old chain are converted to a new one without reading the source. */
export interface Rechaining {
  /** First filter whose judgement may differ. Drops by earlier filters remain valid. */
  readonly judgeFrom: number
  /** First filter whose stored measures are no longer valid. */
  readonly measureFrom: number
}

/**
 * Plans the conversion of segments from chain `old` to chain `next`. Undefined if it is impossible:
 * some filter measures differently, and it or a later filter of `old` rewrote the text, so the text
 * to be measured is gone.
 */
export function planRechaining(old: ChainInfo, next: ChainInfo): Rechaining | undefined {
  const measureFrom = firstDifference(
    old.steps,
    next.steps,
    (a, b) => a.name === b.name && a.measureKey === b.measureKey,
  )
  const judgeFrom = firstDifference(
    old.steps,
    next.steps,
    (a, b) => a.name === b.name && a.judgeKey === b.judgeKey,
  )
  if (old.steps.slice(measureFrom).some(({ rewrites }) => rewrites)) return undefined
  return { judgeFrom: Math.min(judgeFrom, measureFrom), measureFrom }
}

function firstDifference<T>(
  a: readonly T[],
  b: readonly T[],
  equal: (a: T, b: T) => boolean,
): number {
  const end = Math.min(a.length, b.length)
  for (let index = 0; index < end; index++) {
    const [left, right] = [a[index], b[index]]
    if (left === undefined || right === undefined || !equal(left, right)) return index
  }
  return end
}

/** One segment to be converted. */
export interface RechainTask extends Rechaining {
  readonly storage: Storage
  readonly source: string
  readonly steps: readonly Step[]
  readonly corpusSteps: readonly CorpusStep[]
  /** Common paths of the old and new segment's files, without their suffixes. */
  readonly from: string
  readonly to: string
}

/** Rows converted at a time: about as many as one batch of the stage step holds. */
const WINDOW_ROWS = 8192

/**
 * Converts a segment to a new chain. It judges rows again by their stored measures; rows that now
 * pass continue at the filter that dropped them, and filters measure only what they have not seen.
 * The result is what reading the source again would give.
 */
export async function rechainSegment(task: RechainTask): Promise<SegmentCounts> {
  const paths = segmentPaths(task.from)
  const kept = documentQueue(readDocuments(task.storage, paths.kept, task.source))
  const dropped = documentQueue(readDocuments(task.storage, paths.dropped, task.source))
  const writer = await segmentOpener(task.storage, task.steps, task.corpusSteps)(task.to)
  let ordinal = 0
  try {
    for await (const old of readLedger(task.storage, paths.ledger)) {
      for (let start = 0; start < old.rows; start += WINDOW_ROWS) {
        const size = Math.min(WINDOW_ROWS, old.rows - start)
        const refs: RowRef[] = []
        for (let row = start; row < start + size; row++) {
          refs.push(await (old.step[row] === KEPT ? kept : dropped).take())
        }
        const ledger = adoptLedger(old, start, size, task)
        const judged = rejudge(task, gatherRows(task.source, refs), ledger)
        await writer.write(
          segmentBatch({ ...judged, ledger, firstOrdinal: ordinal }, task.steps, task.corpusSteps),
        )
        ordinal += size
      }
    }
    const counts = await writer.finish()
    await writer.commit()
    return counts
  } finally {
    await writer.abort()
  }
}

/** Takes rows one by one from a stream of batches. */
function documentQueue(batches: AsyncIterable<Rows>) {
  const iterator = batches[Symbol.asyncIterator]()
  let rows: Rows | undefined
  let row = 0
  return {
    async take(): Promise<RowRef> {
      while (rows === undefined || row >= rows.batch.rows) {
        const next = await iterator.next()
        if (next.done) throw new Error('a segment has more ledger rows than documents')
        rows = next.value
        row = 0
      }
      return { rows, row: row++ }
    },
  }
}

/** The part of an old ledger that is still valid, with room for the measures of the new chain. */
function adoptLedger(
  old: Ledger,
  start: number,
  size: number,
  { steps, judgeFrom, measureFrom }: RechainTask,
): Ledger {
  const part = gatherLedger(
    Array.from({ length: size }, (_, index) => ({ ledger: old, row: start + index })),
  )
  const ledger = newLedger(size, steps)
  const usable = new Set(steps.slice(0, measureFrom).map(({ name }) => name))
  for (const [name, values] of part.values) {
    if (usable.has(name.slice(0, name.lastIndexOf('.')))) ledger.values.set(name, values)
  }
  for (let row = 0; row < size; row++) {
    const step = part.step[row] ?? KEPT
    const stands =
      step === ENGINE_STEP ||
      (step !== KEPT && step < judgeFrom) ||
      part.reason[row]?.startsWith('error:')
    if (stands) setDropped(ledger, row, step, part.reason[row] ?? '')
    ledger.reached[row] = Math.min(part.reached[row] ?? -1, measureFrom - 1)
  }
  return ledger
}

/** Judges rows by their stored measures, then runs the rest of the chain on those that pass. */
function rejudge(task: RechainTask, rows: Rows, ledger: Ledger): { kept: Rows; dropped: Rows } {
  const byReached = new Map<number, number[]>()
  const judges = task.steps.map((step) => rowJudge(step, ledger))
  for (let row = 0; row < ledger.rows; row++) {
    const reached = ledger.reached[row] ?? -1
    for (let index = task.judgeFrom; index <= reached && ledger.step[row] === KEPT; index++) {
      const reason = judges[index]?.(rows, row, row)
      if (reason !== undefined) setDropped(ledger, row, index, reason)
    }
    byReached.set(reached, [...(byReached.get(reached) ?? []), row])
  }
  const kept: RowRef[] = []
  const dropped: RowRef[] = []
  for (const [reached, places] of byReached) {
    const group = gatherRows(
      task.source,
      places.map((row) => ({ rows, row })),
    )
    const judged = runChain(task.steps, reached + 1, group, ledger, places)
    for (const [part, target] of [
      [judged.kept, kept],
      [judged.dropped, dropped],
    ] as const) {
      for (let row = 0; row < part.batch.rows; row++) target.push({ rows: part, row })
    }
  }
  const inOrder = (refs: RowRef[]) =>
    gatherRows(
      task.source,
      refs.sort((a, b) => (a.rows.ordinal[a.row] ?? 0) - (b.rows.ordinal[b.row] ?? 0)),
    )
  return { kept: inOrder(kept), dropped: inOrder(dropped) }
}
