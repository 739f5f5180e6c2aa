import { join } from 'node:path'
import { type Columns, isList, isText } from '../../arrow/columns.ts'
import { readArrowFile } from '../../arrow/reader.ts'
import { textAt } from '../../core/batch.ts'
import { EtlError } from '../../core/errors.ts'
import type { RunReport, ShardInfo, Split } from '../../core/report.ts'
import type { Storage } from '../../core/storage.ts'
import { readJson } from '../segments/work-folder.ts'

/** The fields of `corpus.json` that readers of a corpus need. */
export interface CorpusInfo {
  readonly name: string
  readonly fingerprint: string
  readonly shards: readonly ShardInfo[]
  readonly files: readonly { readonly path: string; readonly rows: number }[]
}

/**
 * Reads `corpus.json` of a published corpus; throws `corpus-missing` if there is none, or if it is
 * a manifest of this name.
 */
export async function readCorpus(storage: Storage, folder: string): Promise<CorpusInfo> {
  const info = await readJson<CorpusInfo>(storage, join(folder, 'corpus.json'))
  if (info === undefined)
    throw new EtlError('corpus-missing', { where: folder, what: 'no corpus.json here' })
  if (!Array.isArray(info.shards)) {
    throw new EtlError('corpus-missing', {
      where: join(folder, 'corpus.json'),
      what: 'sources' in info ? 'a manifest, not a corpus' : 'it lists no shards',
    })
  }
  return info
}

/**
 * Reads `report.json`, the numbers behind the report and the dataset card of a corpus; throws
 * `corpus-invalid` if there is none.
 */
export async function readReport(storage: Storage, folder: string): Promise<RunReport> {
  const report = await readJson<RunReport>(storage, join(folder, 'report.json'))
  if (report === undefined)
    throw new EtlError('corpus-invalid', { where: folder, what: 'no report.json here' })
  return report
}

/** Consecutive documents of a shard. Columns are those of published shards. */
export interface PublishedBatch {
  readonly split: Split
  readonly rows: number
  readonly columns: Columns
}

/** Reads every document of a published corpus, shard by shard. */
export async function* readPublished(
  storage: Storage,
  folder: string,
): AsyncIterable<PublishedBatch> {
  const { shards } = await readCorpus(storage, folder)
  for (const { path, split } of shards) {
    for await (const batch of readArrowFile(storage, join(folder, path))) yield { split, ...batch }
  }
}

/** One row of a published Arrow file as a plain object; nulls are left out. */
export type PublishedRow = Readonly<Record<string, string | number>>

/** The rows of a published Arrow file, with numbers as they are stored. */
export async function* readRows(storage: Storage, path: string): AsyncIterable<PublishedRow> {
  for await (const { rows, columns } of readArrowFile(storage, path)) {
    for (let row = 0; row < rows; row++) yield rowAt(columns, row)
  }
}

function rowAt(columns: Columns, row: number): PublishedRow {
  const entries: [string, string | number][] = []
  for (const [name, values] of Object.entries(columns)) {
    const value = isText(values) ? textAt(values, row) : isList(values) ? undefined : values[row]
    if (value !== undefined && value !== '' && !Number.isNaN(value)) entries.push([name, value])
  }
  return Object.fromEntries(entries)
}

/** The row with 32-bit floats rounded to the six significant digits that they hold. */
export function tidyRow(row: PublishedRow): PublishedRow {
  const entries = Object.entries(row)
  return Object.fromEntries(entries.map(([name, value]) => [name, tidied(value)]))
}

function tidied(value: string | number): string | number {
  const isFraction = typeof value === 'number' && !Number.isInteger(value)
  return isFraction ? Number(value.toPrecision(6)) : value
}

/** Selects documents; every given field must match. */
export interface InspectQuery {
  readonly source?: string
  /** `train`, `eval`, `test` or `dropped`. */
  readonly split?: string
  readonly filter?: string
  readonly reason?: string
  readonly lang?: string
}

/** A published or removed document. */
export interface InspectedDocument {
  readonly split: string
  readonly row: PublishedRow
}

/** Reads published documents, then removed ones, in file order. */
export async function* inspectCorpus(
  storage: Storage,
  folder: string,
  query: InspectQuery = {},
): AsyncIterable<InspectedDocument> {
  const { shards, files } = await readCorpus(storage, folder)
  const wantsRemoved = query.filter !== undefined || query.reason !== undefined
  const places = [
    ...shards.map(({ path, split }) => ({ path, split: split as string })),
    ...files
      .filter(({ path }) => path.startsWith('dropped/'))
      .map(({ path }) => ({ path, split: 'dropped' })),
  ]
  for (const { path, split } of places) {
    if (query.split !== undefined ? split !== query.split : wantsRemoved && split !== 'dropped')
      continue
    for await (const row of readRows(storage, join(folder, path)))
      if (matches(row, query)) yield { split, row: tidyRow(row) }
  }
}

function matches(row: PublishedRow, { source, filter, reason, lang }: InspectQuery): boolean {
  const wanted = { source, filter, reason, lang }
  return Object.entries(wanted).every(([name, value]) => value === undefined || row[name] === value)
}
