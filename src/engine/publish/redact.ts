import type { Step } from '../plan/plan.ts'
import { measureBuffers } from '../segments/ledger.ts'
import { attemptOn, gatherRows, type RowRef, type Rows } from '../segments/rows.ts'

/**
 * Rows as they may be published: a redacting filter that has not reached a row yet is applied to it
 * now. `reached` holds for each row the index of the last filter that measured it. A row that
 * cannot be redacted loses its text, URL, author and metadata.
 */
export function redactRows(steps: readonly Step[], rows: Rows, reached: readonly number[]): Rows {
  let current = rows
  for (const [index, step] of steps.entries()) {
    if (!step.filter.redacts) continue
    const pending = reached.flatMap((last, row) => (last < index ? [row] : []))
    if (pending.length === 0) continue
    const part = gatherRows(
      rows.batch.source,
      pending.map((row) => ({ rows: current, row })),
    )
    const redacted = applyRedaction(step, part)
    const replaced = new Map(
      pending.map((row, position) => [row, { rows: redacted, row: position }]),
    )
    const refs: RowRef[] = reached.map((_, row) => replaced.get(row) ?? { rows: current, row })
    current = gatherRows(rows.batch.source, refs)
  }
  return current
}

function applyRedaction(step: Step, rows: Rows): Rows {
  try {
    const attempt = attemptOn(rows)
    step.filter.measure(attempt.batch, measureBuffers(step.filter, rows.batch.rows).measures)
    return attempt
  } catch (error) {
    if (rows.batch.rows > 1) {
      const parts = Array.from({ length: rows.batch.rows }, (_, row) =>
        applyRedaction(step, gatherRows(rows.batch.source, [{ rows, row }])),
      )
      return gatherRows(
        rows.batch.source,
        parts.map((part) => ({ rows: part, row: 0 })),
      )
    }
    return blankRow(rows, error)
  }
}

/** The row without anything that could hold what should have been redacted. */
function blankRow(rows: Rows, error: unknown): Rows {
  const empty = { bytes: new Uint8Array(0), offsets: new Int32Array(2) }
  const text = new TextEncoder().encode(
    `[not published: redaction failed with ${error instanceof Error ? error.name : 'an error'}]`,
  )
  const blank = {
    url: empty,
    author: empty,
    metadata: empty,
    text: { bytes: text, offsets: Int32Array.of(0, text.length) },
  }
  return { ...rows, batch: { ...rows.batch, ...blank } }
}
