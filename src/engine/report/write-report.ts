import { join } from 'node:path'
import type { RunReport } from '../../core/report.ts'
import type { BaseCorpus } from '../corpus/base-corpus.ts'
import type { Plan } from '../plan/plan.ts'
import type { Published } from '../publish/publish.ts'
import { writeJson, writeText } from '../segments/work-folder.ts'

/** What a report shows and is shown by. */
export interface ReportOptions {
  /** Version of the package, recorded in `corpus.json`. */
  readonly version: string
  /** Views of the report, by file name. */
  readonly views: Readonly<Record<string, (report: RunReport) => string>>
}

/** Writes the reports, their views and `corpus.json` into the publish folder. */
export async function writeReport(
  plan: Plan,
  folder: string,
  report: RunReport,
  published: Published,
  bases: readonly BaseCorpus[],
  raw: unknown,
  { views, version }: ReportOptions,
): Promise<void> {
  const { storage } = plan
  await Promise.all([
    ...report.sources.map((source) =>
      writeJson(storage, join(folder, 'reports', `${source.source}.json`), source),
    ),
    writeJson(storage, join(folder, 'report.json'), report),
    ...Object.entries(views).map(([name, render]) =>
      writeText(storage, join(folder, name), render(report)),
    ),
  ])
  await writeJson(storage, join(folder, 'corpus.json'), {
    schema: 1,
    name: report.name,
    description: report.description,
    version,
    fingerprint: plan.fingerprint,
    deterministic: report.deterministic,
    base: bases.map(({ name, fingerprint }) => ({ name, fingerprint })),
    sketches: Object.fromEntries(plan.corpusSteps.map(({ name, sketchKey }) => [name, sketchKey])),
    splits: report.splits,
    shards: published.shards,
    files: published.others,
    manifest: raw,
  })
}
