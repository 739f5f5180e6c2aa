import type { ColumnSpec, Columns } from '../../arrow/columns.ts'
import { createArrowFile } from '../../arrow/writer.ts'
import { type TextColumn, textColumn } from '../../core/batch.ts'
import { KINDS } from '../../core/document.ts'
import { SPLITS } from '../../core/report.ts'
import type { Plan, SourceRun } from '../plan/plan.ts'
import { lastMeasured } from '../segments/ledger.ts'
import { type Removal, readRemovals } from '../segments/removals.ts'
import type { Rows } from '../segments/rows.ts'
import { segmentPaths } from '../segments/segment.ts'
import { measureColumns } from '../segments/segment-ledger.ts'
import { type LedgerRows, readLedger } from '../segments/segment-reader.ts'
import { type Fate, fateOf, sourceOf } from '../segments/segment-ref.ts'
import { splitsOf } from '../segments/split.ts'
import { redactRows } from './redact.ts'
import { labelColumn, textSpec } from './shard-columns.ts'
import type { FileFacts, LedgerTask } from './tasks.ts'

const LEDGER_COLUMNS: readonly ColumnSpec[] = [
  textSpec('id'),
  textSpec('split', true),
  textSpec('filter', true),
  textSpec('reason', true),
  textSpec('survivor', true),
  { name: 'similarity', type: 'float32' },
  textSpec('lang', true),
  textSpec('kind'),
  { name: 'items', type: 'uint32' },
  { name: 'bytes', type: 'uint32' },
]

/**
 * Writes the published ledger of some segments of one source, with the same record batches as the
 * segments' ledgers.
 */
export async function writeLedger(plan: Plan, task: LedgerTask): Promise<FileFacts> {
  const source = sourceOf(plan, task.source)
  const measures = measureColumns(source.steps).map((column) => ({ ...column, optional: true }))
  const file = await createArrowFile(plan.storage, task.path, {
    columns: [...LEDGER_COLUMNS, ...measures],
    metadata: new Map([
      ['schema', '1'],
      ['manifest', plan.fingerprint],
      ['source', source.name],
    ]),
    compression: 'zstd',
  })
  try {
    for (const segment of task.segments) {
      const removals = await readRemovals(plan.storage, task.removals, segment.number)
      let first = 0
      for await (const ledger of readLedger(plan.storage, segmentPaths(segment.base).ledger)) {
        await file.write(
          ledger.rows,
          ledgerColumns(plan, source, ledger, removals, first, measures),
        )
        first += ledger.rows
      }
    }
    return await file.commit()
  } finally {
    await file.abort()
  }
}

function ledgerColumns(
  plan: Plan,
  source: SourceRun,
  ledger: LedgerRows,
  removals: ReadonlyMap<number, Removal>,
  first: number,
  measures: readonly ColumnSpec[],
): Columns {
  const ids = redactedIds(source, ledger)
  const fates: Fate[] = []
  for (let row = 0; row < ledger.rows; row++)
    fates.push(fateOf(source, ledger, row, removals.get(first + row)))
  return {
    id: ids,
    split: labelColumn(
      ['', ...SPLITS],
      splitsOf(plan.manifest.split, ids).map((code, row) => (fates[row]?.filter ? 0 : code + 1)),
    ),
    filter: textColumn(fates.map(({ filter }) => filter)),
    reason: textColumn(fates.map(({ reason }) => reason)),
    survivor: textColumn(fates.map(({ survivor }) => survivor)),
    similarity: Float32Array.from(fates, ({ similarity }) => similarity),
    lang: ledger.lang,
    kind: labelColumn(KINDS, ledger.kind),
    items: ledger.items,
    bytes: ledger.bytes,
    ...Object.fromEntries(
      measures.map(({ name }) => [name, publishedMeasure(source, ledger, name)]),
    ),
  }
}

/**
 * Values of one measure; 0 or `''` for rows that an earlier filter dropped. Floats are rounded to
 * 12 bits of mantissa, that is three significant digits, which takes a third of the space.
 */
function publishedMeasure(
  source: SourceRun,
  ledger: LedgerRows,
  name: string,
): TextColumn | Uint32Array | Float32Array {
  const values = ledger.values.get(name)
  if (values === undefined) throw new Error(`no measure ${name}`)
  const index = source.steps.findIndex((step) => name.startsWith(`${step.name}.`))
  const counts = (row: number): boolean => lastMeasured(ledger, row) >= index
  if (Array.isArray(values))
    return textColumn(values.map((value, row) => (counts(row) ? value : '')))
  const masked = values.slice()
  for (let row = 0; row < masked.length; row++) if (!counts(row)) masked[row] = 0
  if (masked instanceof Uint32Array) return masked
  const bits = new Uint32Array(masked.buffer)
  for (let row = 0; row < bits.length; row++) bits[row] = ((bits[row] ?? 0) + 0x400) & 0xfffff800
  return masked
}

/**
 * Ids as they may be published. Those of rows that a redacting filter did not reach are redacted
 * here.
 */
function redactedIds(source: SourceRun, ledger: LedgerRows): TextColumn {
  const empty = { bytes: new Uint8Array(0), offsets: new Int32Array(ledger.rows + 1) }
  const rows: Rows = {
    batch: {
      source: source.name,
      rows: ledger.rows,
      kind: ledger.kind,
      items: ledger.items,
      id: ledger.id,
      text: empty,
      url: empty,
      license: empty,
      author: empty,
      created: empty,
      revised: empty,
      metadata: empty,
      lang: new Array<string>(ledger.rows).fill(''),
      langScore: ledger.langScore,
    },
    ordinal: new Uint32Array(ledger.rows),
  }
  return redactRows(source.steps, rows, [...ledger.reached]).batch.id
}
