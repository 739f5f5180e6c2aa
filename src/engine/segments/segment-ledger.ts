import type { ColumnGatherer } from '../../arrow/column-gatherer.ts'
import type { ColumnSpec, Columns, NumberColumn } from '../../arrow/columns.ts'
import type { ArrowFile } from '../../arrow/writer.ts'
import { type TextColumn, textColumn } from '../../core/batch.ts'
import { wordsOfRows } from '../../kernels/words/words.ts'
import type { Step } from '../plan/plan.ts'
import type { JudgedRows, TableRows } from './judged-rows.ts'
import type { MeasureValues } from './ledger.ts'
import { gatherLanguages, gatherNumbers, gatherText, type RowRef, stretchesOf } from './rows.ts'

const LEDGER_COLUMNS: readonly ColumnSpec[] = [
  { name: 'id', type: 'utf8' },
  { name: 'revised', type: 'utf8' },
  { name: 'license', type: 'utf8' },
  { name: 'lang', type: 'utf8' },
  { name: 'lang_score', type: 'float32' },
  { name: 'kind', type: 'uint8' },
  { name: 'items', type: 'uint32' },
  { name: 'bytes', type: 'uint32' },
  { name: 'words', type: 'uint32' },
  { name: 'step', type: 'int16' },
  { name: 'reached', type: 'int16' },
  { name: 'reason', type: 'utf8' },
]

/** The columns of a segment's ledger. */
export function ledgerSpecs(steps: readonly Step[]): readonly ColumnSpec[] {
  return [...LEDGER_COLUMNS, ...measureColumns(steps)]
}

/** The columns that hold the measures of filters, in the order of the chain. */
export function measureColumns(steps: readonly Step[]): ColumnSpec[] {
  const types = { number: 'float32', count: 'uint32', label: 'utf8' } as const
  return steps.flatMap(({ name, filter }) =>
    Object.entries(filter.measures).map(([measure, { type }]) => ({
      name: `${name}.${measure}`,
      type: types[type],
    })),
  )
}

/** Rows per record batch of the ledger. */
const LEDGER_ROWS = 1 << 15

/**
 * Collects rows into record batches of fixed size before writing them. Ledgers are read repeatedly,
 * column by column, which is faster with few long batches than with one per document batch. The
 * boundaries depend on the rows only, because published ledgers use the same ones.
 */
export function ledgerStretches(file: ArrowFile, stretch: ColumnGatherer) {
  const flush = async (): Promise<void> => {
    if (stretch.rows > 0) await file.write(stretch.rows, stretch.take())
  }
  return {
    async add({ rows, columns }: TableRows): Promise<void> {
      for (let start = 0; start < rows; ) {
        const end = Math.min(rows, start + LEDGER_ROWS - stretch.rows)
        await file.settled()
        stretch.append(columns, start, end)
        start = end
        if (stretch.rows === LEDGER_ROWS) await flush()
      }
    },
    finish: flush,
  }
}

/** Merges kept and dropped rows into reading order and adds what the ledger says about each. */
export function ledgerColumns(
  { kept, dropped, ledger, firstOrdinal }: JudgedRows,
  steps: readonly Step[],
): Columns {
  const refs = new Array<RowRef>(ledger.rows)
  const bytes = new Uint32Array(ledger.rows)
  const words = new Uint32Array(ledger.rows)
  for (const rows of [kept, dropped]) {
    const { offsets } = rows.batch.text
    const counts = wordsOfRows(rows.batch.text)
    for (let row = 0; row < rows.batch.rows; row++) {
      const at = (rows.ordinal[row] ?? 0) - firstOrdinal
      refs[at] = { rows, row }
      bytes[at] = (offsets[row + 1] ?? 0) - (offsets[row] ?? 0)
      words[at] = counts[row] ?? 0
    }
  }
  const stretches = stretchesOf(refs)
  return {
    id: gatherText(stretches, 'id'),
    revised: gatherText(stretches, 'revised'),
    license: gatherText(stretches, 'license'),
    lang: textColumn(gatherLanguages(stretches)),
    lang_score: gatherNumbers(
      stretches,
      new Float32Array(ledger.rows),
      ({ batch }) => batch.langScore,
    ),
    kind: gatherNumbers(stretches, new Uint8Array(ledger.rows), ({ batch }) => batch.kind),
    items: gatherNumbers(stretches, new Uint32Array(ledger.rows), ({ batch }) => batch.items),
    bytes,
    words,
    step: ledger.step,
    reached: ledger.reached,
    reason: textColumn(ledger.reason),
    ...Object.fromEntries(
      measureColumns(steps).map(({ name }) => [name, storedValues(ledger.values.get(name))]),
    ),
  }
}

function storedValues(values: MeasureValues | undefined): TextColumn | NumberColumn {
  if (values === undefined) throw new Error('a measure has no values')
  return Array.isArray(values) ? textColumn(values) : values
}
