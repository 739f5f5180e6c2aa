import { kindAt } from '../../core/batch.ts'
import { isEtlError } from '../../core/errors.ts'
import type { Step } from '../plan/plan.ts'
import {
  ENGINE_STEP,
  KEPT,
  type Ledger,
  measureBuffers,
  measureReader,
} from '../segments/ledger.ts'
import {
  attemptOn,
  gatherRows,
  type RowRef,
  type Rows,
  recycleRows,
  selectRows,
} from '../segments/rows.ts'

/**
 * Rows after the filters. Each has the text it had when it was dropped, or after the last filter.
 */
export interface Judged {
  readonly kept: Rows
  readonly dropped: Rows
  /** Documents whose measurement failed, for the quarantine file. */
  readonly failures: readonly { readonly id: string; readonly error: string }[]
}

/**
 * Runs the filters from index `from` on over rows that no earlier filter dropped. `ledgerRow[i]` is
 * the ledger row of row i. Rows that the ledger marks as dropped are skipped. `input` is consumed:
 * the memory of its columns goes to the result or is reused.
 */
export function runChain(
  steps: readonly Step[],
  from: number,
  input: Rows,
  ledger: Ledger,
  ledgerRow: readonly number[],
): Judged {
  const dropped: RowRef[] = []
  const failures: { id: string; error: string }[] = []
  let rows = input
  let place = ledgerRow
  const stages = [input]
  const sift = (): void => {
    const alive: number[] = []
    for (let row = 0; row < place.length; row++) {
      if (ledger.step[place[row] ?? 0] === KEPT) alive.push(row)
      else dropped.push({ rows, row })
    }
    if (alive.length === place.length) return
    rows = selectRows(rows, alive)
    stages.push(rows)
    place = alive.map((row) => place[row] ?? 0)
  }

  sift()
  for (let index = from; index < steps.length && place.length > 0; index++) {
    const step = steps[index]
    if (step === undefined) break
    rows = measureStep(step, index, rows, ledger, place, failures)
    stages.push(rows)
    const reasonOf = rowJudge(step, ledger)
    for (let row = 0; row < place.length; row++) {
      const target = place[row] ?? 0
      if (ledger.step[target] !== KEPT) continue
      const reason = reasonOf(rows, row, target)
      if (reason !== undefined) setDropped(ledger, target, index, reason)
    }
    sift()
  }
  dropped.sort((a, b) => ordinalOf(a) - ordinalOf(b))
  const judged = { kept: rows, dropped: gatherRows(input.batch.source, dropped), failures }
  recycleRows(stages, [judged.kept, judged.dropped])
  return judged
}

/**
 * Returns a function that judges a measured row with one filter: `row` of the batch, which is row
 * `target` of the ledger. It returns the reason to drop the row, or undefined.
 */
export function rowJudge(
  step: Step,
  ledger: Ledger,
): (rows: Rows, row: number, target: number) => string | undefined {
  const measuresOf = measureReader(ledger, step)
  return ({ batch }, row, target) =>
    step.filter.judge({
      kind: kindAt(batch, row),
      lang: batch.lang[row] ?? '',
      values: measuresOf(target),
    })
}

/** Marks a row as dropped by a filter, or by the engine. */
export function setDropped(ledger: Ledger, row: number, step: number, reason: string): void {
  ledger.step[row] = step
  ledger.reason[row] = reason
}

/** Marks a row as dropped before the first filter. */
export function setEngineDrop(ledger: Ledger, row: number, reason: string): void {
  setDropped(ledger, row, ENGINE_STEP, reason)
}

/**
 * Measures all rows at once. If that fails, measures them one by one, so that a bad document drops
 * only itself.
 */
function measureStep(
  step: Step,
  index: number,
  rows: Rows,
  ledger: Ledger,
  place: readonly number[],
  failures: { id: string; error: string }[],
): Rows {
  try {
    return measureRows(step, index, rows, ledger, place)
  } catch (error) {
    // A broken installation is not the document's fault.
    if (isEtlError(error) && error.code === 'kernel-unavailable') throw error
    if (place.length > 1) {
      const parts = place.map((target, row) =>
        measureStep(
          step,
          index,
          gatherRows(rows.batch.source, [{ rows, row }]),
          ledger,
          [target],
          failures,
        ),
      )
      return gatherRows(
        rows.batch.source,
        parts.map((part) => ({ rows: part, row: 0 })),
      )
    }
    const target = place[0] ?? 0
    const code = isEtlError(error)
      ? error.code
      : error instanceof Error
        ? error.name.toLowerCase()
        : 'unknown'
    setDropped(ledger, target, index, `error:${code}`)
    failures.push({ id: new TextDecoder().decode(rows.batch.id.bytes), error: String(error) })
    return rows
  }
}

function measureRows(
  step: Step,
  index: number,
  rows: Rows,
  ledger: Ledger,
  place: readonly number[],
): Rows {
  const attempt = attemptOn(rows)
  const { measures, arrays } = measureBuffers(step.filter, rows.batch.rows)
  step.filter.measure(attempt.batch, measures)
  for (const [measure, array] of arrays) {
    const target = ledger.values.get(`${step.name}.${measure}`)
    if (target === undefined) throw new Error(`the ledger has no room for ${step.name}.${measure}`)
    for (let row = 0; row < place.length; row++) target[place[row] ?? 0] = array[row] ?? 0
  }
  for (const target of place) ledger.reached[target] = index
  return attempt
}

function ordinalOf({ rows, row }: RowRef): number {
  return rows.ordinal[row] ?? 0
}
