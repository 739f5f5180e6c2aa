import { join } from 'node:path'
import type { DocumentKind } from '../../core/document.ts'
import { EtlError } from '../../core/errors.ts'
import type { Filter, Judgement, MeasureLimit } from '../../core/filter.ts'
import type { SourceReport } from '../../core/report.ts'
import type { Storage } from '../../core/storage.ts'
import { readJson } from '../segments/work-folder.ts'
import { type PublishedRow, readCorpus, readRows, tidyRow } from './browse.ts'

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
  /**
   * The judgements of each filter that saw the document, by name of the filter. Filters that do not
   * name their judgements, or of which this version is not that of the corpus, are left out.
   */
  readonly judgements: Readonly<Record<string, readonly Judgement[]>>
  /** Lines that the other filters draw through measures, by name of the measure. */
  readonly limits: Readonly<Record<string, readonly Omit<MeasureLimit, 'measure'>[]>>
  /** Filters that did not see the document, since an earlier one removed it. */
  readonly notRun: readonly string[]
  /** Duplicates removed in favour of this document. */
  readonly survives: readonly { readonly id: string; readonly similarity: number }[]
}

/**
 * Everything the ledger records about the documents with this id, in reading order; several if
 * versions were superseded. `filters` are row filters of the corpus by name, as far as they can be
 * made again. Throws `document-unknown` if no document had the id.
 */
export async function explainDocument(
  storage: Storage,
  folder: string,
  id: string,
  filters: ReadonlyMap<string, Filter> = new Map(),
): Promise<DocumentStory[]> {
  const { files } = await readCorpus(storage, folder)
  const found: PublishedRow[] = []
  const survives: { id: string; similarity: number }[] = []
  for (const { path } of files.filter((file) => file.path.startsWith('ledger/'))) {
    for await (const row of readRows(storage, join(folder, path))) {
      if (row.id === id) found.push(row)
      if (row.survivor === id)
        survives.push({ id: String(row.id), similarity: Number(tidyRow(row).similarity) })
    }
  }
  if (found.length === 0)
    throw new EtlError('document-unknown', { where: folder, what: `no document "${id}" was read` })
  const path = join(folder, 'reports', `${sourceOf(id)}.json`)
  const report = await readJson<SourceReport>(storage, path)
  return found.map((row) => storyOf(row, survives, report, filters))
}

const sourceOf = (id: string): string => id.split(':', 1)[0] ?? ''

function storyOf(
  row: PublishedRow,
  survives: DocumentStory['survives'],
  report: SourceReport | undefined,
  filters: ReadonlyMap<string, Filter>,
): DocumentStory {
  const { id, split, filter, reason, survivor, similarity, ...values } = tidyRow(row)
  const removed = filter !== undefined && {
    filter: String(filter),
    reason: String(reason),
    ...(survivor === undefined
      ? {}
      : { survivor: String(survivor), similarity: Number(similarity) }),
  }
  const order = [...new Set(report?.measures.map((measure) => measure.filter))]
  const notRun = removed ? filtersAfter(removed.filter, order) : []
  const judgements = Object.fromEntries(
    order.flatMap((name) => {
      const made = notRun.includes(name) ? undefined : judgementsOf(name, row, filters.get(name))
      return made === undefined ? [] : [[name, made]]
    }),
  )
  const isTaken = (name: string): boolean => !notRun.includes(filterOf(name))
  const limits = (report?.measures ?? []).flatMap(({ filter, measure, limits = [] }) =>
    limits.length > 0 && !(filter in judgements) && !notRun.includes(filter)
      ? [[`${filter}.${measure}`, limits] as const]
      : [],
  )
  return {
    id: String(id),
    source: sourceOf(String(id)),
    ...(split === undefined ? {} : { split: String(split) }),
    ...(removed ? { removed } : {}),
    values: Object.fromEntries(Object.entries(values).filter(([name]) => isTaken(name))),
    judgements,
    limits: Object.fromEntries(limits),
    notRun,
    survives: removed ? [] : survives,
  }
}

const filterOf = (measure: string): string => measure.slice(0, Math.max(0, measure.indexOf('.')))

/** Row filters after the one that removed a document; none if that was no row filter. */
function filtersAfter(filter: string, order: readonly string[]): readonly string[] {
  const index = order.indexOf(filter)
  if (filter === 'engine') return order
  return index < 0 ? [] : order.slice(index + 1)
}

/**
 * What a filter judged, from the measures in the ledger. Undefined if it does not say, or if that
 * gives another verdict than the recorded one: a filter before langid judged by the language that
 * the source declared, and the ledger has only the last.
 */
function judgementsOf(
  name: string,
  row: PublishedRow,
  filter: Filter | undefined,
): readonly Judgement[] | undefined {
  if (filter?.judgements === undefined) return undefined
  const values = Object.entries(filter.measures).map(([measure, { type }]) => [
    measure,
    row[`${name}.${measure}`] ?? (type === 'label' ? '' : 0),
  ])
  const judgements = filter.judgements({
    kind: row.kind as DocumentKind,
    lang: String(row.lang ?? ''),
    values: Object.fromEntries(values),
  })
  const verdict = judgements.find(({ passed }) => !passed)?.reason
  const recorded = row.filter === name ? row.reason : undefined
  return verdict === recorded ? judgements : undefined
}
