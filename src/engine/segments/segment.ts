import { type ColumnGatherer, columnGatherer } from '../../arrow/column-gatherer.ts'
import { type ColumnSpec, type Columns, isText } from '../../arrow/columns.ts'
import { createArrowFile } from '../../arrow/writer.ts'
import { META_COLUMNS, type TextColumn, textColumn } from '../../core/batch.ts'
import { commitAll, type Storage, type WriteHandle } from '../../core/storage.ts'
import { giveBack, takeMemory } from '../../core/text-memory.ts'
import type { CorpusStep, Step } from '../plan/plan.ts'
import type { JudgedRows, TableRows } from './judged-rows.ts'
import type { Rows } from './rows.ts'
import { ledgerColumns, ledgerSpecs, ledgerStretches } from './segment-ledger.ts'

/**
 * A segment is the durable result of the stage step for a stretch of one partition. Its files lie
 * side by side: `kept` and `dropped` hold texts and metadata, `ledger` has a row for every document
 * in reading order, and one sketch file per corpus filter holds a fixed-width sketch of every kept
 * row. File names contain the fingerprint of the filter chain that made them.
 */
export interface SegmentPaths {
  readonly kept: string
  readonly dropped: string
  readonly ledger: string
  sketch(name: string): string
}

/** Paths of the segment whose files start with `base`. */
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

/** Size of a segment: its documents, how many of them were kept, and the bytes of all texts. */
export interface SegmentCounts {
  readonly documents: number
  readonly kept: number
  readonly bytes: number
}

/** The rows that one batch adds to the files of a segment. */
export interface SegmentBatch {
  readonly kept: TableRows
  readonly dropped: TableRows
  readonly ledger: TableRows
  /** One per corpus filter. */
  readonly sketches: readonly Uint8Array[]
}

/**
 * Converts judged documents to the columns of a segment and computes the sketches of the kept ones.
 */
export function segmentBatch(
  judged: JudgedRows,
  steps: readonly Step[],
  corpusSteps: readonly CorpusStep[],
): SegmentBatch {
  const { kept, dropped, ledger } = judged
  const table = (rows: Rows): TableRows => ({
    rows: rows.batch.rows,
    columns: documentColumns(rows),
  })
  const sketches = corpusSteps.map(({ filter }) => {
    const length = filter.sketchBytes * kept.batch.rows
    const sketch = takeMemory(length).subarray(0, length).fill(0)
    if (kept.batch.rows > 0) filter.sketch(kept.batch, sketch)
    return sketch
  })
  return {
    kept: table(kept),
    dropped: table(dropped),
    ledger: { rows: ledger.rows, columns: ledgerColumns(judged, steps) },
    sketches,
  }
}

/** Writes a segment batch by batch. */
export interface SegmentWriter {
  /** Takes ownership of the batch's columns: their memory is reused. */
  write(batch: SegmentBatch): Promise<void>
  /**
   * Writes the remaining rows. Afterwards the next segment may be written, while this one still has
   * to be committed.
   */
  finish(): Promise<SegmentCounts>
  /** Makes all files durable and visible. */
  commit(): Promise<void>
  abort(): Promise<void>
}

/**
 * Creates the files of the segment that starts with `base`. The previous segment must be finished.
 */
export type SegmentOpener = (base: string) => Promise<SegmentWriter>

/**
 * Opens the segments of a partition, one after the other. They share one buffer for ledger rows.
 */
export function segmentOpener(
  storage: Storage,
  steps: readonly Step[],
  corpusSteps: readonly CorpusStep[],
): SegmentOpener {
  const stretch = columnGatherer()
  return (base) => openSegment(storage, base, steps, corpusSteps, stretch)
}

/** Work files are readable by the user only, because their content is not redacted yet. */
async function openSegment(
  storage: Storage,
  base: string,
  steps: readonly Step[],
  corpusSteps: readonly CorpusStep[],
  stretch: ColumnGatherer,
): Promise<SegmentWriter> {
  const paths = segmentPaths(base)
  const open = (path: string, columns: readonly ColumnSpec[]) =>
    createArrowFile(storage, path, { columns, compression: 'none', hashed: false, mode: 0o600 })
  const kept = await open(paths.kept, DOCUMENT_COLUMNS)
  const dropped = await open(paths.dropped, DOCUMENT_COLUMNS)
  const ledgerFile = await open(paths.ledger, ledgerSpecs(steps))
  const sketches: WriteHandle[] = []
  for (const { name } of corpusSteps)
    sketches.push(await storage.create(paths.sketch(name), { mode: 0o600 }))
  const files = [kept, dropped, ledgerFile, ...sketches]
  const counts = { documents: 0, kept: 0, bytes: 0 }
  const ledgerRows = ledgerStretches(ledgerFile, stretch)
  let underWay: SegmentBatch | undefined
  const settle = async (): Promise<void> => {
    await kept.settled()
    await dropped.settled()
    if (underWay) for (const { columns } of [underWay.kept, underWay.dropped]) recycleTexts(columns)
    underWay = undefined
  }

  return {
    async write(batch) {
      await settle()
      underWay = batch
      if (batch.kept.rows > 0) await kept.write(batch.kept.rows, batch.kept.columns)
      if (batch.dropped.rows > 0) await dropped.write(batch.dropped.rows, batch.dropped.columns)
      await ledgerRows.add(batch.ledger)
      recycleTexts(batch.ledger.columns)
      for (const [index, sketch] of batch.sketches.entries()) {
        await sketches[index]?.write(sketch)
        giveBack(sketch)
      }
      counts.documents += batch.ledger.rows
      counts.kept += batch.kept.rows
      counts.bytes += textBytes(batch.kept) + textBytes(batch.dropped)
    },
    async finish() {
      await ledgerRows.finish()
      await settle()
      await ledgerFile.settled()
      return counts
    },
    async commit() {
      await commitAll<unknown>(files)
    },
    async abort() {
      for (const file of files) await file.abort()
    },
  }
}

function recycleTexts(columns: Columns): void {
  for (const values of Object.values(columns)) if (isText(values)) giveBack(values.bytes)
}

const textBytes = ({ columns }: TableRows): number => (columns.text as TextColumn).bytes.length

/** The column values of a `kept` or `dropped` file. */
export function documentColumns({ batch, ordinal }: Rows): Columns {
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
