import { join, resolve } from 'node:path'
import type { ColumnSpec } from '../../arrow/columns.ts'
import { readArrowFile } from '../../arrow/reader.ts'
import { bytesAt, type TextColumn, textAt } from '../../core/batch.ts'
import { EtlError } from '../../core/errors.ts'
import type { SketchBlock } from '../../core/filter.ts'
import type { Storage } from '../../core/storage.ts'
import type { CorpusStep, Plan } from '../plan/plan.ts'
import { readJson } from '../segments/work-folder.ts'

/**
 * Columns of `sketches/<shard>.arrow`: what corpus filters rank a document by. A published corpus
 * keeps this file beside every shard, and one raw file of fixed-width sketches per corpus filter,
 * so that later corpora can be compared with its documents.
 */
export const SKETCH_COLUMNS: readonly ColumnSpec[] = [
  { name: 'id', type: 'utf8' },
  { name: 'source', type: 'utf8' },
  { name: 'lang', type: 'utf8' },
  { name: 'kind', type: 'uint8' },
  { name: 'bytes', type: 'uint32' },
]

/** Paths of a shard's sketches, relative to the corpus folder. */
export function sketchPaths(shardPath: string): { rows: string; sketch(filter: string): string } {
  const base = `sketches/${shardPath.slice(0, -'.arrow'.length)}`
  return { rows: `${base}.arrow`, sketch: (filter) => `${base}.${filter.replace('#', '-')}.sketch` }
}

/** An earlier corpus that a delta builds on. */
export interface BaseCorpus {
  /** Absolute. */
  readonly folder: string
  readonly name: string
  readonly fingerprint: string
  readonly shards: readonly { readonly path: string; readonly rows: number }[]
}

/** The fields of `corpus.json` that a delta needs. */
interface PublishedCorpus extends Omit<BaseCorpus, 'folder'> {
  readonly base: readonly { readonly name: string; readonly fingerprint: string }[]
  /** Fingerprints of the corpus filters' sketches, by filter name. */
  readonly sketches?: Readonly<Record<string, string>>
}

/**
 * Opens the corpora in `base` of a manifest, in its order. Throws `corpus-missing` or
 * `corpus-invalid` if one is missing, was sketched with other options, or builds on a corpus that
 * `base` does not list before it.
 */
export async function openBases({ storage, manifest, corpusSteps }: Plan): Promise<BaseCorpus[]> {
  const folders = manifest.base.map((folder) => resolve(manifest.folder, folder))
  if (folders.includes(manifest.output)) {
    const what = 'the corpus would be its own base'
    throw new EtlError('corpus-invalid', {
      where: manifest.output,
      what,
      hint: 'Give `output` another folder.',
    })
  }
  const bases: BaseCorpus[] = []
  for (const folder of folders) {
    const corpus = await readJson<PublishedCorpus>(storage, join(folder, 'corpus.json'))
    if (!corpus)
      throw new EtlError('corpus-missing', { where: folder, what: 'the base corpus is not there' })
    for (const { name, sketchKey } of corpusSteps) {
      if (corpus.sketches?.[name] === sketchKey) continue
      throw new EtlError('corpus-invalid', {
        where: folder,
        what: `its documents were not sketched by "${name}" with these options`,
        hint: 'Use the options of the base corpus, or build it again with these.',
      })
    }
    const known = new Set(bases.map(({ fingerprint }) => fingerprint))
    const missing = corpus.base.find(({ fingerprint }) => !known.has(fingerprint))
    if (missing) {
      throw new EtlError('corpus-missing', {
        where: folder,
        what: `it builds on "${missing.name}", which the manifest does not name before it`,
      })
    }
    const { name, fingerprint, shards } = corpus
    bases.push({ folder, name, fingerprint, shards })
  }
  return bases
}

/** Number of documents in all bases together. */
export function baseRowCount(bases: readonly BaseCorpus[]): number {
  return bases.reduce(
    (sum, { shards }) => sum + shards.reduce((rows, shard) => rows + shard.rows, 0),
    0,
  )
}

/**
 * Reads the sketches of all base documents; rows are numbered from 0 across all bases.
 * `sourceIndex` maps a source's name to its number.
 */
export async function* scanBases(
  storage: Storage,
  bases: readonly BaseCorpus[],
  { name, filter }: CorpusStep,
  sourceIndex: (name: string) => number,
): AsyncIterable<SketchBlock> {
  let firstRow = 0
  for (const { folder, shards } of bases) {
    for (const shard of shards) {
      const paths = sketchPaths(shard.path)
      const handle = await storage.open(join(folder, paths.sketch(name)))
      let offset = 0
      try {
        for await (const { rows, columns } of readArrowFile(storage, join(folder, paths.rows))) {
          const length = rows * filter.sketchBytes
          const column = (key: string): TextColumn => columns[key] as TextColumn
          yield {
            firstRow,
            rows,
            sketches: await handle.read(offset, length),
            id: column('id'),
            bytes: columns.bytes as Uint32Array,
            source: Uint16Array.from({ length: rows }, (_, row) =>
              sourceIndex(textAt(column('source'), row)),
            ),
            kind: columns.kind as Uint8Array,
            lang: column('lang'),
          }
          offset += length
          firstRow += rows
        }
      } finally {
        await handle.close()
      }
    }
  }
}

/** Reads the texts of the wanted base documents. Shards without any are not opened. */
export async function* baseTexts(
  storage: Storage,
  bases: readonly BaseCorpus[],
  wanted: (row: number) => boolean,
): AsyncIterable<{ row: number; text: Uint8Array }> {
  let firstRow = 0
  for (const { folder, shards } of bases) {
    for (const shard of shards) {
      const rows = Array.from({ length: shard.rows }, (_, row) => firstRow + row)
      if (rows.some(wanted)) {
        let row = firstRow
        for await (const batch of readArrowFile(storage, join(folder, shard.path))) {
          for (let position = 0; position < batch.rows; position++, row++) {
            if (wanted(row))
              yield { row, text: bytesAt(batch.columns.text as TextColumn, position) }
          }
        }
      }
      firstRow += shard.rows
    }
  }
}
