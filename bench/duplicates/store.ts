import { join } from 'node:path'
import { textBuilder } from '../../src/core/batch.ts'
import { KINDS } from '../../src/core/document.ts'
import type { CorpusFilter, SketchBlock, SketchStore } from '../../src/core/filter.ts'
import { localStorage } from '../../src/files/local-storage.ts'

/** Documents that can be had again whenever they are needed. */
export interface Documents {
  readonly rows: number
  readonly sources: readonly string[]
  readonly id: (row: number) => string
  readonly source: (row: number) => number
  readonly isCode: (row: number) => boolean
  readonly text: (row: number) => Uint8Array
}

const BLOCK_ROWS = 8192

/** Writes lengths and sketches of all documents, block by block, to a file and opens a store over it, as the engine does over segments. */
export async function sketchDocuments(
  filter: CorpusFilter,
  documents: Documents,
  folder: string,
  limits: { readonly memoryBytes: number; readonly workers: number },
  progress: (share: number, phase: string) => void = () => undefined,
): Promise<SketchStore> {
  const storage = localStorage()
  const path = join(folder, 'sketches')
  const file = await storage.create(path)
  for (let first = 0; first < documents.rows; first += BLOCK_ROWS) {
    const rows = Math.min(BLOCK_ROWS, documents.rows - first)
    const texts = textBuilder(rows, 1 << 22)
    const lengths = new Uint32Array(rows)
    for (let row = first; row < first + rows; row++) {
      const text = documents.text(row)
      lengths[row - first] = text.length
      texts.append(text)
      texts.endRow()
    }
    const sketches = new Uint8Array(rows * filter.sketchBytes)
    filter.sketch(batchOfTexts(documents, first, rows, texts.finish()), sketches)
    await file.write(new Uint8Array(lengths.buffer))
    await file.write(sketches)
  }
  await file.commit()
  const { rows, sources } = documents
  return {
    rows,
    sources,
    baseRows: 0,
    async *scan(): AsyncIterable<SketchBlock> {
      const handle = await storage.open(path)
      for (let firstRow = 0; firstRow < rows; firstRow += BLOCK_ROWS) {
        const count = Math.min(BLOCK_ROWS, rows - firstRow)
        const ids = textBuilder(count, count * 24)
        for (let row = firstRow; row < firstRow + count; row++) {
          ids.appendText(documents.id(row))
          ids.endRow()
        }
        const at = firstRow * (4 + filter.sketchBytes)
        const lengths = await handle.read(at, count * 4)
        yield {
          firstRow,
          rows: count,
          sketches: await handle.read(at + count * 4, count * filter.sketchBytes),
          id: ids.finish(),
          bytes: new Uint32Array(lengths.buffer, 0, count),
          source: Uint16Array.from({ length: count }, (_, i) => documents.source(firstRow + i)),
          kind: new Uint8Array(count),
          lang: new Array<string>(count).fill(''),
        }
      }
      await handle.close()
    },
    async *texts(wanted = () => true) {
      for (let row = 0; row < rows; row++) if (wanted(row)) yield { row, text: documents.text(row) }
    },
    storage,
    folder,
    ...limits,
    signal: new AbortController().signal,
    warn: (message) => console.log(message),
    progress,
  }
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
