import { join } from 'node:path'
import { textBuilder, textColumn } from '../../src/core/batch.ts'
import { KINDS } from '../../src/core/document.ts'
import type { CorpusFilter, SketchBlock, SketchStore } from '../../src/core/filter.ts'
import { localStorage } from '../../src/files/local-storage.ts'

/** Documents that can be generated again at any time. */
export interface Documents {
  readonly rows: number
  readonly sources: readonly string[]
  readonly id: (row: number) => string
  readonly source: (row: number) => number
  readonly isCode: (row: number) => boolean
  readonly text: (row: number) => Uint8Array
}

const BLOCK_ROWS = 8192
/** Bytes of text read at a time; a longer text is read whole. */
const TEXT_BYTES = 1 << 20

/** Writes all documents and opens a store over them. */
export async function sketchDocuments(
  filter: CorpusFilter,
  documents: Documents,
  folder: string,
  limits: { readonly memoryBytes: number; readonly workers: number },
  progress?: (share: number, phase: string) => void,
): Promise<SketchStore> {
  await writeDocuments(filter, documents, folder)
  return openDocuments(filter, documents, folder, limits, progress)
}

/**
 * Writes one of `parts` parts of the documents to a file of its own: block by block lengths,
 * sketches and texts, as the engine does to segments.
 */
export async function writeDocuments(
  filter: CorpusFilter,
  documents: Documents,
  folder: string,
  { part, parts } = { part: 0, parts: 1 },
): Promise<void> {
  const file = await localStorage().create(partPath(folder, part))
  for (const { first, rows } of blocks(documents.rows)) {
    if (partOfBlock(first, documents.rows, parts) !== part) continue
    const texts = textBuilder(rows, 1 << 22)
    const lengths = new Uint32Array(rows)
    for (let row = first; row < first + rows; row++) {
      const text = documents.text(row)
      lengths[row - first] = text.length
      texts.append(text)
      texts.endRow()
    }
    const sketches = new Uint8Array(rows * filter.sketchBytes)
    const text = texts.finish()
    filter.sketch(batchOfTexts(documents, first, rows, text), sketches)
    await file.write(new Uint8Array(lengths.buffer))
    await file.write(sketches)
    await file.write(text.bytes)
  }
  await file.commit()
}

/**
 * Opens a store over documents that were written in `parts` parts; their texts come from the files.
 */
export function openDocuments(
  filter: CorpusFilter,
  documents: Omit<Documents, 'text' | 'isCode'>,
  folder: string,
  limits: { readonly memoryBytes: number; readonly workers: number },
  progress: (share: number, phase: string) => void = () => undefined,
  parts = 1,
): SketchStore {
  const storage = localStorage()
  const { rows, sources } = documents

  /** Every block with its file, what follows its lengths starting at `at`. */
  async function* written() {
    for (let part = 0; part < parts; part++) {
      const file = await storage.open(partPath(folder, part))
      let at = 0
      for (const { first, rows: count } of blocks(rows)) {
        if (partOfBlock(first, rows, parts) !== part) continue
        const lengths = new Uint32Array((await file.read(at, count * 4)).buffer, 0, count)
        yield { file, first, count, lengths, at: at + count * 4 }
        at += count * (4 + filter.sketchBytes) + lengths.reduce((sum, length) => sum + length, 0)
      }
      await file.close()
    }
  }

  return {
    rows,
    sources,
    baseRows: 0,
    async *scan(): AsyncIterable<SketchBlock> {
      for await (const { file, first, count, lengths, at } of written()) {
        const ids = textBuilder(count, count * 24)
        for (let row = first; row < first + count; row++) {
          ids.appendText(documents.id(row))
          ids.endRow()
        }
        yield {
          firstRow: first,
          rows: count,
          sketches: await file.read(at, count * filter.sketchBytes),
          id: ids.finish(),
          bytes: lengths,
          source: Uint16Array.from({ length: count }, (_, i) => documents.source(first + i)),
          kind: new Uint8Array(count),
          lang: textColumn(new Array<string>(count).fill('')),
        }
      }
    },
    async *texts(wanted = () => true) {
      for await (const { file, first, count, lengths, at } of written()) {
        let start = at + count * filter.sketchBytes
        for (let row = 0; row < count; ) {
          let end = row + 1
          let bytes = lengths[row] ?? 0
          while (end < count && bytes + (lengths[end] ?? 0) <= TEXT_BYTES)
            bytes += lengths[end++] ?? 0
          const some = await file.read(start, bytes)
          for (let offset = 0; row < end; row++) {
            const length = lengths[row] ?? 0
            if (wanted(first + row))
              yield { row: first + row, text: some.subarray(offset, offset + length) }
            offset += length
          }
          start += bytes
        }
      }
    },
    storage,
    folder,
    ...limits,
    signal: new AbortController().signal,
    warn: (message) => console.log(message),
    progress,
  }
}

function* blocks(total: number): Iterable<{ first: number; rows: number }> {
  for (let first = 0; first < total; first += BLOCK_ROWS)
    yield { first, rows: Math.min(BLOCK_ROWS, total - first) }
}

/** Parts are stretches of consecutive documents. */
function partOfBlock(first: number, total: number, parts: number): number {
  return Math.floor((first / total) * parts)
}

function partPath(folder: string, part: number): string {
  return join(folder, `documents-${part}`)
}

function batchOfTexts(
  documents: Documents,
  first: number,
  rows: number,
  text: ReturnType<ReturnType<typeof textBuilder>['finish']>,
) {
  const empty = { bytes: new Uint8Array(0), offsets: new Int32Array(rows + 1) }
  const kind = Uint8Array.from({ length: rows }, (_, i) =>
    KINDS.indexOf(documents.isCode(first + i) ? 'code' : 'prose'),
  )
  return {
    source: documents.sources[0] ?? '',
    rows,
    kind,
    items: new Uint32Array(rows).fill(1),
    id: empty,
    text,
    url: empty,
    license: empty,
    author: empty,
    created: empty,
    revised: empty,
    metadata: empty,
    lang: new Array<string>(rows).fill(''),
    langScore: new Float32Array(rows),
  }
}
