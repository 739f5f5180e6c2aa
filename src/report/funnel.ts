import { type RunReport, type SourceReport, SPLITS, type Tally } from '../core/report.ts'

/** A step at which a source loses items. */
export interface FunnelStep {
  /** `skipped`, a filter, or `engine` for limits and errors. */
  readonly name: string
  /** Items removed here. */
  readonly removed: number
  /** Items left afterwards. */
  readonly left: number
}

/**
 * The steps at which a source loses items: skipped, limits and errors of the engine, then each
 * filter in manifest order. What is left after the last step is published.
 */
export function funnelOf(source: SourceReport, filters: RunReport['filters']): FunnelStep[] {
  const removedBy = new Map<string, number>([
    ['skipped', sum(source.skipped.map(({ items }) => items))],
  ])
  const dropsOf = (filter: string): number => {
    return sum(source.dropped.filter((drop) => drop.filter === filter).map(({ items }) => items))
  }
  const known = ['engine', ...filters.map(({ type }) => type)]
  for (const filter of [...known, ...source.dropped.map((drop) => drop.filter)]) {
    const removed = dropsOf(filter)
    if (removed > 0 || filter !== 'engine') removedBy.set(filter, removed)
  }
  let left = source.read
  return [...removedBy].map(([name, removed]) => {
    left -= removed
    return { name, removed, left }
  })
}

/** What a source contributes to the corpus, in all splits together. */
export function publishedBy(source: SourceReport): Tally {
  return addTallies(SPLITS.map((split) => source.published[split]))
}

/** What all sources contribute to the corpus. */
export function publishedTotal(report: RunReport): Tally {
  return addTallies(report.sources.map(publishedBy))
}

/** Tallies of all sources by language, licence or kind, those with most text first. */
export function totalsBy(
  report: RunReport,
  key: 'languages' | 'licenses' | 'kinds',
): { readonly name: string; readonly tally: Tally }[] {
  const totals = new Map<string, Tally>()
  for (const source of report.sources) {
    for (const [name, tally] of Object.entries(source[key])) {
      totals.set(name, addTallies([totals.get(name) ?? NOTHING, tally]))
    }
  }
  return [...totals]
    .map(([name, tally]) => ({ name, tally }))
    .filter(({ tally }) => tally.documents > 0)
    .sort((a, b) => b.tally.bytes - a.tally.bytes || (a.name < b.name ? -1 : 1))
}

/**
 * How many items were left out for one reason, over all sources. `perSource` is in the order of the
 * report.
 */
export interface ReasonRow {
  /** The filter, `engine`, or `source` for what the connector skipped. */
  readonly step: string
  readonly reason: string
  readonly items: number
  readonly perSource: readonly number[]
}

/** Every reason of every source, the one with most items first. */
export function reasonRows({ sources }: RunReport): ReasonRow[] {
  const rows = new Map<string, { step: string; reason: string; perSource: number[] }>()
  for (const [index, source] of sources.entries()) {
    const entries = [
      ...source.skipped.map(({ reason, items }) => ({ step: 'source', reason, items })),
      ...source.dropped.map(({ filter, reason, items }) => ({ step: filter, reason, items })),
    ]
    for (const { step, reason, items } of entries) {
      const key = `${step} ${reason}`
      const row = rows.get(key) ?? { step, reason, perSource: sources.map(() => 0) }
      row.perSource[index] = (row.perSource[index] ?? 0) + items
      rows.set(key, row)
    }
  }
  return [...rows.values()]
    .map((row) => ({ ...row, items: sum(row.perSource) }))
    .sort((a, b) => b.items - a.items || (a.step + a.reason < b.step + b.reason ? -1 : 1))
}

const NOTHING: Tally = { documents: 0, items: 0, bytes: 0, words: 0 }

function addTallies(tallies: readonly Tally[]): Tally {
  return tallies.reduce(
    (total, tally) => ({
      documents: total.documents + tally.documents,
      items: total.items + tally.items,
      bytes: total.bytes + tally.bytes,
      words: total.words + tally.words,
    }),
    NOTHING,
  )
}

/** The sum of numbers. */
export const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0)
