import { type ColumnSpec, type Columns, isText, type NumberColumn } from '../arrow/columns.ts'
import { readArrowFile } from '../arrow/reader.ts'
import { createArrowFile } from '../arrow/writer.ts'
import type { Batch, TextColumn } from '../core/batch.ts'
import { bytesAt, META_COLUMNS, textAt, textColumn } from '../core/batch.ts'
import type { Storage, WriteHandle } from '../core/storage.ts'
import { countWords } from '../kernels/words.ts'
import { KEPT, type Ledger, type MeasureValues } from './ledger.ts'
import type { CorpusStep, Step } from './plan.ts'
import { gatherText, type Rows } from './rows.ts'

/**
 * A segment is the durable output of the stage step for a stretch of one partition, in files beside each other:
 * `kept` and `dropped` hold texts and metadata, `ledger` a row for every document in reading order, and one sketch
 * file per corpus filter holds a fixed-width sketch for every kept row. File names end in the fingerprint of the
 * chain that made them.
 */
export interface SegmentPaths {
  readonly kept: string
  readonly dropped: string
  readonly ledger: string
  sketch(name: string): string
}

/** The files of the segment whose name starts with `base`. */
export function segmentPaths(base: string): SegmentPaths {
  return {
    kept: `${base}.kept.arrow`,
    dropped: `${base}.dropped.arrow`,
    ledger: `${base}.ledger.arrow`,
    sketch: (name) => `${base}.${name.replace('#', '-')}.sketch`,
  }
}

const DOCUMENT_COLUMNS: readonly ColumnSpec[] = [
  ...META_COLUMNS.map((name) => ({ name, type: 'utf8' }) as const),
  { name: 'text', type: 'utf8' },
  { name: 'kind', type: 'uint8' },
  { name: 'items', type: 'uint32' },
  { name: 'lang', type: 'utf8' },
  { name: 'lang_score', type: 'float32' },
  { name: 'ordinal', type: 'uint32' },
]

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

/** How many rows and bytes a segment holds. */
export interface SegmentCounts {
  readonly documents: number
  readonly kept: number
  readonly bytes: number
}

/** Rows of one file of a segment. */
interface TableRows {
  readonly rows: number
  readonly columns: Columns
}

/** What a batch adds to the files of a segment. */
export interface SegmentBatch {
  readonly kept: TableRows
  readonly dropped: TableRows
  readonly ledger: TableRows
  /** One a corpus filter. */
  readonly sketches: readonly Uint8Array[]
}

/** Judged documents; the ledger covers kept and dropped ones together, indexed by ordinal − `firstOrdinal`. */
export interface JudgedRows {
  readonly kept: Rows
  readonly dropped: Rows
  readonly ledger: Ledger
  readonly firstOrdinal: number
}

/** Lays judged documents out in the columns of a segment and makes the sketches of the kept ones. */
export function segmentBatch(
  judged: JudgedRows,
  steps: readonly Step[],
  corpusSteps: readonly CorpusStep[],
): SegmentBatch {
  const { kept, dropped, ledger } = judged
  const table = (rows: Rows): TableRows => ({ rows: rows.batch.rows, columns: documentColumns(rows) })
  return {
    kept: table(kept),
    dropped: table(dropped),
    ledger: { rows: ledger.rows, columns: ledgerColumns(judged, measureColumns(steps)) },
    sketches: corpusSteps.map(({ filter }) => {
      const sketch = new Uint8Array(filter.sketchBytes * kept.batch.rows)
      if (kept.batch.rows > 0) filter.sketch(kept.batch, sketch)
      return sketch
    }),
  }
}

/** Writes a segment batch by batch. */
export interface SegmentWriter {
  write(batch: SegmentBatch): Promise<void>
  /** Makes all files durable and visible. */
  commit(): Promise<SegmentCounts>
  abort(): Promise<void>
}

/** Starts the files of a segment. Work files are private to the user: what is in them is not redacted yet. */
export async function segmentWriter(
  storage: Storage,
  base: string,
  steps: readonly Step[],
  corpusSteps: readonly CorpusStep[],
): Promise<SegmentWriter> {
  const paths = segmentPaths(base)
  const open = (path: string, columns: readonly ColumnSpec[]) =>
    createArrowFile(storage, path, { columns, compression: 'none', mode: 0o600 })
  const kept = await open(paths.kept, DOCUMENT_COLUMNS)
  const dropped = await open(paths.dropped, DOCUMENT_COLUMNS)
  const ledgerFile = await open(paths.ledger, [...LEDGER_COLUMNS, ...measureColumns(steps)])
  const sketches: WriteHandle[] = []
  for (const { name } of corpusSteps) sketches.push(await storage.create(paths.sketch(name), { mode: 0o600 }))
  const files = [kept, dropped, ledgerFile, ...sketches]
  const counts = { documents: 0, kept: 0, bytes: 0 }

  return {
    async write(batch) {
      if (batch.kept.rows > 0) await kept.write(batch.kept.rows, batch.kept.columns)
      if (batch.dropped.rows > 0) await dropped.write(batch.dropped.rows, batch.dropped.columns)
      await ledgerFile.write(batch.ledger.rows, batch.ledger.columns)
      for (const [index, sketch] of batch.sketches.entries()) await sketches[index]?.write(sketch)
      counts.documents += batch.ledger.rows
      counts.kept += batch.kept.rows
      counts.bytes += textBytes(batch.kept) + textBytes(batch.dropped)
    },
    async commit() {
      for (const file of files) await file.commit()
      return counts
    },
    async abort() {
      for (const file of files) await file.abort()
    },
  }
}

const textBytes = ({ columns }: TableRows): number => (columns.text as TextColumn).bytes.length

function measureColumns(steps: readonly Step[]): ColumnSpec[] {
  const types = { number: 'float32', count: 'uint32', label: 'utf8' } as const
  return steps.flatMap(({ name, filter }) =>
    Object.entries(filter.measures).map(([measure, { type }]) => ({ name: `${name}.${measure}`, type: types[type] })),
  )
}

function documentColumns({ batch, ordinal }: Rows): Columns {
  const meta = Object.fromEntries(META_COLUMNS.map((name) => [name, batch[name]]))
  return {
    ...meta,
    text: batch.text,
    kind: batch.kind,
    items: batch.items,
    lang: textColumn(batch.lang),
    lang_score: batch.langScore,
    ordinal,
  }
}

/** Merges kept and dropped rows into reading order, with what the ledger says of each. */
function ledgerColumns({ kept, dropped, ledger, firstOrdinal }: JudgedRows, measures: readonly ColumnSpec[]): Columns {
  const batches: Batch[] = new Array(ledger.rows)
  const rows = new Int32Array(ledger.rows)
  for (const part of [kept, dropped]) {
    for (const [row, ordinal] of part.ordinal.entries()) {
      batches[ordinal - firstOrdinal] = part.batch
      rows[ordinal - firstOrdinal] = row
    }
  }
  const at = <T>(pick: (batch: Batch, row: number) => T): T[] =>
    batches.map((batch, index) => pick(batch, rows[index] ?? 0))
  const texts = at((batch, row) => bytesAt(batch.text, row))
  const gathered = (name: 'id' | 'revised' | 'license'): TextColumn =>
    gatherText(at((batch, row) => [batch[name], row] as const))
  return {
    id: gathered('id'),
    revised: gathered('revised'),
    license: gathered('license'),
    lang: textColumn(at(({ lang }, row) => lang[row] ?? '')),
    lang_score: Float32Array.from(at(({ langScore }, row) => langScore[row] ?? Number.NaN)),
    kind: Uint8Array.from(at(({ kind }, row) => kind[row] ?? 0)),
    items: Uint32Array.from(at(({ items }, row) => items[row] ?? 0)),
    bytes: Uint32Array.from(texts, (text) => text.length),
    words: Uint32Array.from(texts, countWords),
    step: ledger.step,
    reached: ledger.reached,
    reason: textColumn(ledger.reason),
    ...Object.fromEntries(measures.map(({ name }) => [name, storedValues(ledger.values.get(name))])),
  }
}

function storedValues(values: MeasureValues | undefined): TextColumn | NumberColumn {
  if (values === undefined) throw new Error('a measure has no values')
  return Array.isArray(values) ? textColumn(values) : values
}

/** The documents of a `kept` or `dropped` file, batch by batch. */
export async function* readDocuments(storage: Storage, path: string, source: string): AsyncIterable<Rows> {
  for await (const { rows, columns } of readArrowFile(storage, path)) yield rowsOf(source, rows, columns)
}

function rowsOf(source: string, rows: number, columns: Columns): Rows {
  const text = (name: string): TextColumn => columns[name] as TextColumn
  const strings = (name: string): string[] => Array.from({ length: rows }, (_, row) => textAt(text(name), row))
  return {
    batch: {
      source,
      rows,
      kind: columns.kind as Uint8Array,
      items: columns.items as Uint32Array,
      text: text('text'),
      id: text('id'),
      url: text('url'),
      license: text('license'),
      author: text('author'),
      created: text('created'),
      revised: text('revised'),
      metadata: text('metadata'),
      lang: strings('lang'),
      langScore: columns.lang_score as Float32Array,
    },
    ordinal: columns.ordinal as Uint32Array,
  }
}

/** A stretch of the ledger of a segment, in reading order. */
export interface LedgerRows extends Ledger {
  readonly id: TextColumn
  readonly revised: TextColumn
  readonly license: TextColumn
  readonly lang: TextColumn
  readonly langScore: Float32Array
  readonly kind: Uint8Array
  readonly items: Uint32Array
  readonly bytes: Uint32Array
  readonly words: Uint32Array
}

/** The ledger of a segment, batch by batch. Labels are decoded to strings. */
export async function* readLedger(storage: Storage, path: string): AsyncIterable<LedgerRows> {
  for await (const { rows, columns } of readArrowFile(storage, path)) {
    const values = new Map<string, MeasureValues>()
    for (const [name, column] of Object.entries(columns)) {
      if (!name.includes('.')) continue
      values.set(
        name,
        isText(column) ? Array.from({ length: rows }, (_, row) => textAt(column, row)) : (column as Float32Array),
      )
    }
    const reason = columns.reason as TextColumn
    yield {
      rows,
      id: columns.id as TextColumn,
      revised: columns.revised as TextColumn,
      license: columns.license as TextColumn,
      lang: columns.lang as TextColumn,
      langScore: columns.lang_score as Float32Array,
      kind: columns.kind as Uint8Array,
      items: columns.items as Uint32Array,
      bytes: columns.bytes as Uint32Array,
      words: columns.words as Uint32Array,
      step: columns.step as Int16Array,
      reached: columns.reached as Int16Array,
      reason: Array.from({ length: rows }, (_, row) => textAt(reason, row)),
      values,
    }
  }
}

/** Whether a row of a ledger passed every row filter. */
export function isKept(ledger: Ledger, row: number): boolean {
  return ledger.step[row] === KEPT
}
