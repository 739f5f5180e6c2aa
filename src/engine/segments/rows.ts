import { type Batch, META_COLUMNS, type TextColumn } from '../../core/batch.ts'
import { giveBack, takeMemory } from '../../core/text-memory.ts'

/** A batch, and the position of each of its rows in the segment. */
export interface Rows {
  readonly batch: Batch
  /** Position in reading order inside the segment. */
  readonly ordinal: Uint32Array
}

const TEXT_COLUMNS = [...META_COLUMNS, 'text'] as const
type TextColumnName = (typeof TEXT_COLUMNS)[number]

/** Reference to one row. */
export interface RowRef {
  readonly rows: Rows
  readonly row: number
}

/** Consecutive rows `[start, end)`, which are copied in one go. */
export interface Stretch {
  readonly rows: Rows
  readonly start: number
  readonly end: number
}

/** Groups the given rows into as few stretches as possible, keeping their order. */
export function stretchesOf(refs: readonly RowRef[]): Stretch[] {
  const stretches: { rows: Rows; start: number; end: number }[] = []
  for (const { rows, row } of refs) {
    const last = stretches.at(-1)
    if (last?.rows === rows && last.end === row) last.end++
    else stretches.push({ rows, start: row, end: row + 1 })
  }
  return stretches
}

/** Copies the given rows, in the given order, into a new batch. */
export function gatherRows(source: string, refs: readonly RowRef[]): Rows {
  const stretches = stretchesOf(refs)
  const columns = Object.fromEntries(
    TEXT_COLUMNS.map((name) => [name, gatherText(stretches, name)]),
  ) as Record<TextColumnName, TextColumn>
  return {
    batch: {
      source,
      rows: refs.length,
      kind: gatherNumbers(stretches, new Uint8Array(refs.length), ({ batch }) => batch.kind),
      items: gatherNumbers(stretches, new Uint32Array(refs.length), ({ batch }) => batch.items),
      ...columns,
      lang: gatherLanguages(stretches),
      langScore: gatherNumbers(
        stretches,
        new Float32Array(refs.length),
        ({ batch }) => batch.langScore,
      ),
    },
    ordinal: gatherNumbers(stretches, new Uint32Array(refs.length), ({ ordinal }) => ordinal),
  }
}

/**
 * Selects the rows at the given ascending positions. Returns `rows` itself, uncopied, if they are
 * all selected.
 */
export function selectRows(rows: Rows, positions: readonly number[]): Rows {
  if (positions.length === rows.batch.rows) return rows
  return gatherRows(
    rows.batch.source,
    positions.map((row) => ({ rows, row })),
  )
}

/** The same rows, with a copy of everything that a filter may modify in place. */
export function attemptOn(rows: Rows): Rows {
  const { batch } = rows
  return { ...rows, batch: { ...batch, lang: [...batch.lang], langScore: batch.langScore.slice() } }
}

/** Frees rows that are no longer needed. Memory shared with rows in `needed` stays. */
export function recycleRows(rows: readonly Rows[], needed: readonly Rows[]): void {
  const inUse = new Set(
    needed.flatMap(({ batch }) => TEXT_COLUMNS.map((name) => batch[name].bytes.buffer)),
  )
  for (const { batch } of rows) {
    for (const name of TEXT_COLUMNS) {
      const { bytes } = batch[name]
      if (!inUse.has(bytes.buffer)) giveBack(bytes)
    }
  }
}

/**
 * Concatenates a text column of the stretches into a new column, whose bytes come from the text
 * memory.
 */
export function gatherText(stretches: readonly Stretch[], name: TextColumnName): TextColumn {
  let count = 0
  let size = 0
  for (const { rows, start, end } of stretches) {
    const { offsets } = rows.batch[name]
    count += end - start
    size += (offsets[end] ?? 0) - (offsets[start] ?? 0)
  }
  const bytes = takeMemory(size).subarray(0, size)
  const offsets = new Int32Array(count + 1)
  let row = 0
  let length = 0
  for (const { rows, start, end } of stretches) {
    const from = rows.batch[name]
    const first = from.offsets[start] ?? 0
    const last = from.offsets[end] ?? 0
    bytes.set(from.bytes.subarray(first, last), length)
    for (let next = start + 1; next <= end; next++)
      offsets[++row] = (from.offsets[next] ?? 0) - first + length
    length += last - first
  }
  return { bytes, offsets }
}

/** Concatenates a column of numbers of the stretches into `out`, which it returns. */
export function gatherNumbers<Values extends Uint8Array | Uint32Array | Float32Array>(
  stretches: readonly Stretch[],
  out: Values,
  columnOf: (rows: Rows) => Values,
): Values {
  let row = 0
  for (const { rows, start, end } of stretches) {
    out.set(columnOf(rows).subarray(start, end), row)
    row += end - start
  }
  return out
}

/** Concatenates the languages of the stretches. */
export function gatherLanguages(stretches: readonly Stretch[]): string[] {
  return stretches.flatMap(({ rows, start, end }) => rows.batch.lang.slice(start, end))
}
