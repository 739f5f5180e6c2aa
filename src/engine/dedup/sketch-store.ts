import type { NumberColumn } from '../../arrow/columns.ts'
import { readArrowFile } from '../../arrow/reader.ts'
import { bytesAt, type TextColumn, textBuilder } from '../../core/batch.ts'
import { EtlError } from '../../core/errors.ts'
import type { SketchBlock, SketchStore } from '../../core/filter.ts'
import { type GrowingMemory, growingMemory, withRoom } from '../../core/growing-memory.ts'
import type { Storage } from '../../core/storage.ts'
import { type BaseCorpus, baseRowCount, baseTexts, scanBases } from '../corpus/base-corpus.ts'
import type { CorpusStep, SourceRun } from '../plan/plan.ts'
import { KEPT } from '../segments/ledger.ts'
import { segmentPaths } from '../segments/segment.ts'
import type { SegmentRef } from '../segments/segment-ref.ts'
import type { Place, PlaceSet } from './superseded.ts'

/** Everything a sketch store needs. */
export interface SketchStoreOptions {
  readonly storage: Storage
  readonly sources: readonly SourceRun[]
  /** Segments of all sources that the filter applies to, in order. */
  readonly segments: readonly SegmentRef[]
  /** Documents that are removed already. */
  readonly removed: PlaceSet
  /** Earlier corpora, whose documents come first. */
  readonly bases: readonly BaseCorpus[]
  readonly step: CorpusStep
  readonly folder: string
  readonly memoryBytes: number
  readonly workers: number
  readonly signal: AbortSignal
  warn(message: string): void
  progress(share: number, phase: string): void
}

/** A sketch store over segments, and the places of its rows. */
export interface SegmentSketches {
  readonly store: SketchStore
  /** Place and id of every document, block by block. Documents of base corpora have segment −1. */
  places(): AsyncIterable<{
    readonly firstRow: number
    readonly places: readonly Place[]
    readonly id: TextColumn
  }>
}

/**
 * Numbers the documents that are not removed yet and reads their sketches and texts. Base documents
 * come first.
 */
export function segmentSketches(options: SketchStoreOptions): SegmentSketches {
  const { storage, segments, removed, step } = options
  const { bases } = options
  const baseRows = baseRowCount(bases)
  const sourceNames = options.sources.map(({ name }) => name)
  const sourceIndex = (name: string): number => {
    const index = sourceNames.indexOf(name)
    return index >= 0 ? index : sourceNames.push(name) - 1
  }
  const firstRows: number[] = []
  let rows = baseRows
  for (const segment of segments) {
    firstRows.push(rows)
    rows += segment.kept - removed.rowsOf(segment.number).length
  }
  const width = step.filter.sketchBytes

  async function* scan(): AsyncIterable<SketchBlock> {
    yield* scanBases(storage, bases, step, sourceIndex)
    const [rowMemory, sketchMemory] = [growingMemory(), growingMemory()]
    for (const [index, segment] of segments.entries()) {
      let firstRow = firstRows[index] ?? 0
      const sketches = await openSketches(storage, segment, step.name, width, sketchMemory)
      try {
        for await (const { ledger, live, kept } of liveRows(storage, segment, removed, rowMemory)) {
          const block = await sketches.next(kept.length)
          const count = live.length
          yield {
            firstRow,
            rows: count,
            sketches: count === kept.length ? block : pick(block, width, kept, live),
            id: pickText(ledger.id, live),
            bytes: pickNumbers(ledger.bytes, live),
            source: new Uint16Array(count).fill(segment.source),
            kind: pickNumbers(ledger.kind, live),
            lang: pickText(ledger.lang, live),
          }
          firstRow += count
        }
      } finally {
        await sketches.close()
      }
    }
  }

  async function* texts(wanted: (row: number) => boolean = () => true) {
    yield* baseTexts(storage, bases, wanted)
    for (const [index, segment] of segments.entries()) {
      let row = firstRows[index] ?? 0
      const end = firstRows[index + 1] ?? rows
      if (!anyWanted(wanted, row, end)) continue
      for await (const { rows: count, columns } of readArrowFile(
        storage,
        segmentPaths(segment.base).kept,
      )) {
        const text = columns.text as TextColumn
        const ordinal = columns.ordinal as NumberColumn
        for (let position = 0; position < count; position++) {
          if (removed.has(segment.number, ordinal[position] ?? 0)) continue
          if (wanted(row)) yield { row, text: bytesAt(text, position) }
          row++
        }
      }
    }
  }

  async function* places() {
    for await (const { firstRow, rows: count, id } of scanBases(
      storage,
      bases,
      step,
      sourceIndex,
    )) {
      yield { firstRow, places: new Array<Place>(count).fill({ segment: -1, row: -1 }), id }
    }
    const memory = growingMemory()
    for (const [index, segment] of segments.entries()) {
      let firstRow = firstRows[index] ?? 0
      for await (const { ledger, live, first } of liveRows(storage, segment, removed, memory)) {
        yield {
          firstRow,
          places: Array.from(live, (row) => ({ segment: segment.number, row: first + row })),
          id: pickText(ledger.id, live),
        }
        firstRow += live.length
      }
    }
  }

  const { folder, memoryBytes, workers, signal, warn, progress } = options
  const store: SketchStore = {
    rows,
    sources: sourceNames,
    baseRows,
    scan,
    texts,
    storage,
    folder,
    memoryBytes,
    workers,
    signal,
    warn,
    progress,
  }
  return { store, places }
}

/** The ledger columns that a corpus filter may see. */
interface LedgerColumns {
  readonly id: TextColumn
  readonly lang: TextColumn
  readonly bytes: Uint32Array
  readonly kind: Uint8Array
}

/**
 * For each batch of the ledger: the rows that passed the row filters, and those of them that are
 * not removed yet.
 */
async function* liveRows(
  storage: Storage,
  segment: SegmentRef,
  removed: PlaceSet,
  memory: GrowingMemory,
): AsyncIterable<{ ledger: LedgerColumns; first: number; kept: Uint32Array; live: Uint32Array }> {
  let first = 0
  for await (const { rows, columns } of readArrowFile(
    storage,
    segmentPaths(segment.base).ledger,
    memory,
  )) {
    const kept = keptRows(columns.step as Int16Array)
    const start = first
    const live =
      removed.size === 0 ? kept : kept.filter((row) => !removed.has(segment.number, start + row))
    const { id, lang, bytes, kind } = columns
    yield { ledger: { id, lang, bytes, kind } as LedgerColumns, first, kept, live }
    first += rows
  }
}

/** Rows that passed the row filters, in ascending order. */
function keptRows(step: Int16Array): Uint32Array {
  const rows = new Uint32Array(step.length)
  let count = 0
  for (let row = 0; row < step.length; row++) if (step[row] === KEPT) rows[count++] = row
  return rows.subarray(0, count)
}

/** Copies some rows of a column of numbers. */
function pickNumbers<Values extends Uint8Array | Uint32Array>(
  column: Values,
  rows: Uint32Array,
): Values {
  const picked = column.slice(0, rows.length) as Values
  for (let i = 0; i < rows.length; i++) picked[i] = column[rows[i] ?? 0] ?? 0
  return picked
}

/** Copies some rows, in ascending order; returns the column itself if they are all its rows. */
function pickText(column: TextColumn, rows: Uint32Array): TextColumn {
  if (rows.length === column.offsets.length - 1) return column
  const picked = textBuilder(rows.length)
  for (const row of rows) {
    picked.append(bytesAt(column, row))
    picked.endRow()
  }
  return picked.finish()
}

async function openSketches(
  storage: Storage,
  segment: SegmentRef,
  name: string,
  width: number,
  memory: GrowingMemory,
) {
  const path = segmentPaths(segment.base).sketch(name)
  const handle = await storage.open(path)
  let offset = 0
  return {
    async next(rows: number): Promise<Uint8Array> {
      const bytes = await handle.read(offset, rows * width, withRoom(memory, rows * width))
      if (bytes.length !== rows * width)
        throw new EtlError('corpus-invalid', { where: path, what: 'sketches are missing' })
      offset += bytes.length
      return bytes
    },
    close: () => handle.close(),
  }
}

/**
 * Selects the sketches of the live rows from those of the kept rows; both are in ascending order.
 */
function pick(
  sketches: Uint8Array,
  width: number,
  kept: Uint32Array,
  live: Uint32Array,
): Uint8Array {
  const picked = new Uint8Array(live.length * width)
  let target = 0
  for (const [position, row] of kept.entries()) {
    if (row !== live[target]) continue
    picked.set(sketches.subarray(position * width, (position + 1) * width), target++ * width)
  }
  return picked
}

function anyWanted(wanted: (row: number) => boolean, start: number, end: number): boolean {
  for (let row = start; row < end; row++) if (wanted(row)) return true
  return false
}
