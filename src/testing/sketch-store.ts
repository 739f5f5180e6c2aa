import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bytesAt, textAt, textColumn } from '../core/batch.ts'
import { type Document, KINDS } from '../core/document.ts'
import type { Alarm, CorpusFilter, SketchBlock, SketchStore } from '../core/filter.ts'
import { localStorage } from '../files/local-storage.ts'
import { batchOf } from './filter.ts'

/** A document of a named source. */
export interface SourcedDocument {
  readonly source: string
  readonly document: Document
}

export interface SketchStoreOptions {
  readonly folder?: string
  readonly sources?: readonly string[]
  readonly baseRows?: number
  readonly memoryBytes?: number
  readonly workers?: number
  readonly signal?: AbortSignal
  /** Rows in a block, small by default so that several are seen. */
  readonly blockRows?: number
}

/**
 * A sketch store over documents in memory, for tests of corpus filters; the work folder is a
 * temporary one.
 */
export async function sketchStoreOf(
  filter: CorpusFilter,
  documents: readonly SourcedDocument[],
  options: SketchStoreOptions = {},
): Promise<SketchStore> {
  const sources = options.sources ?? [...new Set(documents.map(({ source }) => source))]
  const blocks = [...sketchBlocks(filter, documents, sources, options.blockRows ?? 7)]
  const texts = documents.map(({ document: { text } }) =>
    typeof text === 'string' ? new TextEncoder().encode(text) : text,
  )
  return {
    rows: documents.length,
    sources,
    baseRows: options.baseRows ?? 0,
    async *scan() {
      for (const block of blocks) {
        const lent = structuredClone(block)
        yield lent
        // A filter that keeps a view of a block will notice.
        lent.sketches.fill(0xff)
        lent.id.bytes.fill(0xff)
      }
    },
    async *texts(wanted = () => true) {
      for (const [row, text] of texts.entries()) if (wanted(row)) yield { row, text }
    },
    storage: localStorage(),
    folder: options.folder ?? (await mkdtemp(join(tmpdir(), 'cosmos-etl-sketches-'))),
    memoryBytes: options.memoryBytes ?? 512 << 20,
    workers: options.workers ?? 1,
    signal: options.signal ?? new AbortController().signal,
    warn: () => undefined,
    progress: () => undefined,
  }
}

function* sketchBlocks(
  filter: CorpusFilter,
  documents: readonly SourcedDocument[],
  sources: readonly string[],
  blockRows: number,
): Iterable<SketchBlock> {
  for (let firstRow = 0; firstRow < documents.length; firstRow += blockRows) {
    const some = documents.slice(firstRow, firstRow + blockRows)
    const batch = batchOf(some.map(({ document }) => document))
    const sketches = new Uint8Array(some.length * filter.sketchBytes)
    filter.sketch(batch, sketches)
    yield {
      firstRow,
      rows: some.length,
      sketches,
      id: textColumn(
        some.map(({ source, document }, row) => `${source}:${document.key ?? firstRow + row}`),
      ),
      bytes: Uint32Array.from(some, (_, row) => bytesAt(batch.text, row).length),
      source: Uint16Array.from(some, ({ source }) => sources.indexOf(source)),
      kind: Uint8Array.from(some, ({ document }) => KINDS.indexOf(document.kind)),
      lang: textColumn(some.map(({ document }) => document.lang ?? '')),
    }
  }
}

/** A decision in terms of ids, which do not depend on the order of reading. */
export interface NamedDecision {
  readonly id: string
  readonly reason: string
  readonly survivor: string
  readonly similarity: number
}

/** Everything a corpus filter decides, sorted by id. */
export async function decisionsOf(
  filter: CorpusFilter,
  store: SketchStore,
): Promise<{ removed: NamedDecision[]; alarms: Alarm[] }> {
  const ids: string[] = []
  for await (const block of store.scan())
    for (let row = 0; row < block.rows; row++) ids.push(textAt(block.id, row))
  const removed: NamedDecision[] = []
  const alarms: Alarm[] = []
  for await (const one of filter.decide(store)) {
    if ('alarm' in one) {
      alarms.push(one.alarm)
      continue
    }
    const { row, reason, survivor, similarity } = one
    removed.push({ id: ids[row] ?? '', reason, survivor: ids[survivor] ?? '', similarity })
  }
  return { removed: removed.sort((a, b) => (a.id < b.id ? -1 : 1)), alarms }
}
