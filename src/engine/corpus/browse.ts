import { join } from 'node:path'
import { type Columns, isList, isText } from '../../arrow/columns.ts'
import { readArrowFile } from '../../arrow/reader.ts'
import { textAt } from '../../core/batch.ts'
import { EtlError } from '../../core/errors.ts'
import type { MeasureLimit } from '../../core/filter.ts'
import type { RunReport, ShardInfo, SourceReport, Split } from '../../core/report.ts'
import type { Storage } from '../../core/storage.ts'
import { readJson } from '../segments/work-folder.ts'

/** The fields of `corpus.json` that readers of a corpus need. */
export interface CorpusInfo {
  readonly name: string
  readonly fingerprint: string
  readonly shards: readonly ShardInfo[]
  readonly files: readonly { readonly path: string; readonly rows: number }[]
}

/** Reads `corpus.json` of a published corpus; throws `corpus-missing` if there is none. */
export async function readCorpus(storage: Storage, folder: string): Promise<CorpusInfo> {
  const info = await readJson<CorpusInfo>(storage, join(folder, 'corpus.json'))
  if (info === undefined)
    throw new EtlError('corpus-missing', { where: folder, what: 'no corpus.json here' })
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

async function* rowsOf(storage: Storage, path: string): AsyncIterable<PublishedRow> {
  for await (const { rows, columns } of readArrowFile(storage, path)) {
    for (let row = 0; row < rows; row++) yield rowAt(columns, row)
  }
}

function rowAt(columns: Columns, row: number): PublishedRow {
  const entries: [string, string | number][] = []
  for (const [name, values] of Object.entries(columns)) {
    const value = isText(values) ? textAt(values, row) : isList(values) ? undefined : values[row]
    if (value !== undefined && value !== '' && !Number.isNaN(value))
      entries.push([name, typeof value === 'number' ? tidyNumber(value) : value])
  }
  return Object.fromEntries(entries)
}

/** A 32-bit float rounded to the six significant digits that it holds. */
const tidyNumber = (value: number): number =>
  Number.isInteger(value) ? value : Number(value.toPrecision(6))

/** Everything a corpus records about one document. */
export interface DocumentStory {
  readonly id: string
  readonly source: string
  /** The split it is published in, or undefined if it was removed. */
  readonly split?: string
  /** The filter and reason that removed it; for a duplicate also the document kept instead. */
  readonly removed?: {
    readonly filter: string
    readonly reason: string
    readonly survivor?: string
    readonly similarity?: number
  }
  /** Kind, language, size and every measure that was taken, by name. */
  readonly values: PublishedRow
  /** Lines that filters draw through these measures, by name. */
  readonly limits: Readonly<Record<string, readonly Omit<MeasureLimit, 'measure'>[]>>
  /** Filters that did not see the document, since an earlier one removed it. */
  readonly notRun: readonly string[]
  /** Duplicates removed in favour of this document. */
  readonly survives: readonly { readonly id: string; readonly similarity: number }[]
}

/**
 * Everything the ledger records about the documents with this id, in reading order; several if
 * versions were superseded. Throws `document-unknown` if no document had the id.
 */
export async function explainDocument(
  storage: Storage,
  folder: string,
  id: string,
): Promise<DocumentStory[]> {
  const { files } = await readCorpus(storage, folder)
  const found: PublishedRow[] = []
  const survives: { id: string; similarity: number }[] = []
  for (const { path } of files.filter((file) => file.path.startsWith('ledger/'))) {
    for await (const row of rowsOf(storage, join(folder, path))) {
      if (row.id === id) found.push(row)
      if (row.survivor === id)
        survives.push({ id: String(row.id), similarity: Number(row.similarity) })
    }
  }
  if (found.length === 0)
    throw new EtlError('document-unknown', { where: folder, what: `no document "${id}" was read` })
  const reports = new Map<string, SourceReport | undefined>()
  for (const source of new Set(found.map((row) => sourceOf(row.id)))) {
    const path = join(folder, 'reports', `${source}.json`)
    reports.set(source, await readJson<SourceReport>(storage, path))
  }
  return found.map((row) => storyOf(row, survives, reports.get(sourceOf(row.id))))
}

const sourceOf = (id: unknown): string => String(id).split(':', 1)[0] ?? ''

function storyOf(
  row: PublishedRow,
  survives: DocumentStory['survives'],
  report: SourceReport | undefined,
): DocumentStory {
  const { id, split, filter, reason, survivor, similarity, ...values } = row
  const removed = filter !== undefined && {
    filter: String(filter),
    reason: String(reason),
    ...(survivor === undefined
      ? {}
      : { survivor: String(survivor), similarity: Number(similarity) }),
  }
  const notRun = removed ? filtersAfter(removed.filter, report) : []
  const isTaken = (name: string): boolean => !notRun.includes(filterOf(name))
  const taken = Object.entries(values).filter(([name]) => isTaken(name))
  const limits = (report?.measures ?? []).flatMap(({ filter, measure, limits = [] }) =>
    limits.length > 0 ? [[`${filter}.${measure}`, limits] as const] : [],
  )
  return {
    id: String(id),
    source: sourceOf(id),
    ...(split === undefined ? {} : { split: String(split) }),
    ...(removed ? { removed } : {}),
    values: Object.fromEntries(taken),
    limits: Object.fromEntries(limits.filter(([name]) => isTaken(name))),
    notRun,
    survives: removed ? [] : survives,
  }
}

const filterOf = (measure: string): string => measure.slice(0, Math.max(0, measure.indexOf('.')))

/** Row filters after the one that removed a document; none if that was no row filter. */
function filtersAfter(filter: string, report: SourceReport | undefined): readonly string[] {
  const order = [...new Set(report?.measures.map((measure) => measure.filter))]
  const index = order.indexOf(filter)
  if (filter === 'engine') return order
  return index < 0 ? [] : order.slice(index + 1)
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
    for await (const row of rowsOf(storage, join(folder, path)))
      if (matches(row, query)) yield { split, row }
  }
}

function matches(row: PublishedRow, { source, filter, reason, lang }: InspectQuery): boolean {
  const wanted = { source, filter, reason, lang }
  return Object.entries(wanted).every(([name, value]) => value === undefined || row[name] === value)
}
