import type { Alarm } from '../../core/filter.ts'
import {
  type RunReport,
  type SourceReport,
  SPLITS,
  type Split,
  type Tally,
} from '../../core/report.ts'
import type { DedupOutcome } from '../dedup/dedup.ts'
import type { Plan } from '../plan/plan.ts'
import type { Published } from '../publish/publish.ts'
import { addTally } from '../publish/survey.ts'
import { shareOfSplits } from '../segments/split.ts'
import type { StagedSource } from '../stage/stage.ts'
import { sourceReport, withoutFolders } from './source-report.ts'

/**
 * Builds the report of a finished run from the survey of its ledgers. Equal inputs give an equal
 * report.
 */
export async function buildReport(
  plan: Plan,
  staged: readonly StagedSource[],
  published: Published,
  { alarms, contamination }: DedupOutcome,
  version: string,
): Promise<RunReport> {
  const { manifest } = plan
  const sources: SourceReport[] = []
  for (const [index, source] of staged.entries()) {
    const survey = published.surveys[index]
    if (survey) sources.push(await sourceReport(plan, source, survey))
  }
  return {
    name: manifest.name,
    description: manifest.description,
    version,
    fingerprint: plan.fingerprint,
    sources,
    filters: manifest.filters.map(({ name, component, options }) => {
      return {
        type: name,
        version: component.version,
        options: JSON.parse(JSON.stringify(options)),
      }
    }),
    splits: splitTotals(sources, manifest.split),
    shards: published.shards,
    alarms: [
      ...sources.flatMap(emptyAlarm),
      ...alarms.map(({ code, message }) => ({ code, message: withoutFolders(plan, message) })),
    ],
    ...(contamination ? { contamination } : {}),
    deterministic: !staged.some(({ timedOut }) => timedOut),
  }
}

/**
 * An alarm for a source without any documents: it is of another kind, damaged, or was never
 * downloaded.
 */
function emptyAlarm({ source, read, skipped }: SourceReport): Alarm[] {
  if (read === 0)
    return [
      { code: 'nothing-read', message: `the inputs of ${source} hold nothing that could be read` },
    ]
  const [most] = [...skipped].sort((a, b) => b.items - a.items)
  if (!most || skipped.reduce((sum, { items }) => sum + items, 0) < read) return []
  return [
    {
      code: 'all-skipped',
      message: `all ${read} items of ${source} were skipped, most as ${most.reason}`,
    },
  ]
}

function splitTotals(
  sources: readonly SourceReport[],
  shares: Readonly<Record<Split, number>>,
): RunReport['splits'] {
  const entries = SPLITS.map((split): [Split, Tally & { wanted: number }] => {
    const counter = { documents: 0, items: 0, bytes: 0, words: 0 }
    for (const source of sources) addTally(counter, source.published[split])
    return [split, { ...counter, wanted: shareOfSplits(shares, [split]) }]
  })
  return Object.fromEntries(entries) as unknown as RunReport['splits']
}
