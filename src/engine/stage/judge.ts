import { textAt } from '../../core/batch.ts'
import type { CorpusStep, Step } from '../plan/plan.ts'
import { newLedger } from '../segments/ledger.ts'
import { gatherRows, type Rows } from '../segments/rows.ts'
import { type SegmentBatch, segmentBatch } from '../segments/segment.ts'
import { runChain, setEngineDrop } from './chain.ts'

/** Documents that no filter has seen yet. Plain data, because it is sent to other processes. */
export interface Unjudged {
  readonly rows: Rows
  /** Reason for which the engine drops each row before any filter sees it, or undefined. */
  readonly verdicts: readonly (string | undefined)[]
}

/** The judged documents, ready to be written. Plain data too. */
export interface Judgement {
  readonly batch: SegmentBatch
  /** Documents whose measurement failed, for the quarantine file. */
  readonly failures: readonly { readonly id: string; readonly error: string }[]
}

/** The filters of a source, and how they are run. */
export interface JudgeOptions {
  readonly steps: readonly Step[]
  readonly corpusSteps: readonly CorpusStep[]
  /**
   * If given, documents are measured one by one: called with the id before each one, and with `''`
   * after the last.
   */
  readonly beforeDocument?: (id: string) => void
}

/**
 * Runs the filters of a source over a batch. Rows are independent of each other, so the result does
 * not depend on how documents are divided into batches.
 */
export function judge(options: JudgeOptions, { rows, verdicts }: Unjudged): Judgement {
  const { steps, corpusSteps, beforeDocument } = options
  const { source } = rows.batch
  const ledger = newLedger(rows.batch.rows, steps)
  for (const [row, verdict] of verdicts.entries())
    if (verdict !== undefined) setEngineDrop(ledger, row, verdict)
  const places = [...verdicts.keys()]
  const kept: Rows[] = []
  const dropped: Rows[] = []
  const failures: { id: string; error: string }[] = []
  for (const group of beforeDocument ? places.map((row) => [row]) : [places]) {
    const part = beforeDocument ? gatherRows(source, [{ rows, row: group[0] ?? 0 }]) : rows
    beforeDocument?.(textAt(part.batch.id, 0))
    const outcome = runChain(steps, 0, part, ledger, group)
    failures.push(...outcome.failures)
    kept.push(outcome.kept)
    dropped.push(outcome.dropped)
  }
  beforeDocument?.('')
  const batch = segmentBatch(
    {
      kept: joinRows(source, kept),
      dropped: joinRows(source, dropped),
      ledger,
      firstOrdinal: rows.ordinal[0] ?? 0,
    },
    steps,
    corpusSteps,
  )
  return { batch, failures }
}

/** Concatenates parts in order. */
function joinRows(source: string, parts: readonly Rows[]): Rows {
  const [only] = parts
  if (parts.length === 1 && only) return only
  return gatherRows(
    source,
    parts.flatMap((rows) => Array.from({ length: rows.batch.rows }, (_, row) => ({ rows, row }))),
  )
}
