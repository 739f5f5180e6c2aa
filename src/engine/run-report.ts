import { type RunReport, type SourceReport, SPLITS, type Split, type Tally } from '../core/report.ts'
import type { Plan } from './plan.ts'
import type { Published } from './publish.ts'
import type { Settled } from './settle.ts'
import { sourceReport, withoutFolders } from './source-report.ts'
import type { StagedSource } from './stage.ts'
import { addTally } from './survey.ts'

/** The report of a finished run, from the ledgers' survey: the same for the same input. */
export async function buildReport(
  plan: Plan,
  staged: readonly StagedSource[],
  published: Published,
  { alarms, contamination }: Settled,
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
      return { type: name, version: component.version, options: JSON.parse(JSON.stringify(options)) }
    }),
    splits: splitTotals(sources, manifest.split),
    shards: published.shards,
    alarms: alarms.map(({ code, message }) => ({ code, message: withoutFolders(plan, message) })),
    ...(contamination ? { contamination } : {}),
    deterministic: !staged.some(({ timedOut }) => timedOut),
  }
}

function splitTotals(sources: readonly SourceReport[], shares: Readonly<Record<Split, number>>): RunReport['splits'] {
  const total = SPLITS.reduce((sum, split) => sum + shares[split], 0)
  const entries = SPLITS.map((split): [Split, Tally & { wanted: number }] => {
    const counter = { documents: 0, items: 0, bytes: 0, words: 0 }
    for (const source of sources) addTally(counter, source.published[split])
    return [split, { ...counter, wanted: shares[split] / total }]
  })
  return Object.fromEntries(entries) as unknown as RunReport['splits']
}
