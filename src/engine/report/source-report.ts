import { relative } from 'node:path'
import { bytesAt, textAt } from '../../core/batch.ts'
import type { Example, SkipReport, SourceReport, Tally } from '../../core/report.ts'
import type { Plan } from '../plan/plan.ts'
import { redactRows } from '../publish/redact.ts'
import { addTally, type Counter, type Sample, type SourceSurvey } from '../publish/survey.ts'
import { gatherRows } from '../segments/rows.ts'
import { segmentPaths } from '../segments/segment.ts'
import { readDocuments } from '../segments/segment-reader.ts'
import { sourceOf } from '../segments/segment-ref.ts'
import { characterBoundary } from '../stage/batch-builder.ts'
import type { StagedSource } from '../stage/stage.ts'

/** Longest excerpt of a document, in bytes of text. */
const EXCERPT_BYTES = 600

/** Builds the report of one source. In items, `read` equals `skipped + dropped + published`. */
export async function sourceReport(
  plan: Plan,
  staged: StagedSource,
  survey: SourceSurvey,
): Promise<SourceReport> {
  const { source } = staged
  const dropped = await Promise.all(
    [...survey.dropped.values()].map(async ({ fate, counter, samples }) => ({
      filter: fate.filter,
      reason: fate.reason,
      ...counter,
      examples: await Promise.all(samples.map((sample) => example(plan, sample))),
    })),
  )
  dropped.sort(
    (a, b) => b.documents - a.documents || (a.filter + a.reason < b.filter + b.reason ? -1 : 1),
  )
  const all: Counter = { documents: 0, items: 0, bytes: 0, words: 0 }
  for (const tally of [...dropped, ...Object.values(survey.published)]) addTally(all, tally)
  const skipped = staged.skipped.map((skip) => withRelativePlaces(plan, skip))
  return {
    source: source.name,
    type: source.type,
    read: all.items + skipped.reduce((sum, { items }) => sum + items, 0),
    skipped,
    dropped,
    published: survey.published,
    languages: tallies(survey.languages),
    licenses: tallies(survey.licenses),
    kinds: survey.kinds,
    measures: survey.measures,
    warnings: [...new Set(staged.problems.map((text) => withoutFolders(plan, text)))].sort(),
    examples: await Promise.all(survey.samples.map((sample) => example(plan, sample))),
  }
}

/** Largest first. */
function tallies(counters: ReadonlyMap<string, Counter>): Record<string, Tally> {
  return Object.fromEntries(
    [...counters].sort(([a, x], [b, y]) => y.bytes - x.bytes || (a < b ? -1 : 1)),
  )
}

function withRelativePlaces(plan: Plan, skip: SkipReport): SkipReport {
  return { ...skip, places: skip.places.map((place) => withoutFolders(plan, place)) }
}

/**
 * Replaces absolute paths in a text by paths relative to the manifest, so that nothing published
 * names folders of this machine.
 */
export function withoutFolders({ manifest }: Plan, text: string): string {
  return text.replace(/(?<![\w.:/])\/[^\s:'"]+/g, (path) => relative(manifest.folder, path) || '.')
}

/** Reads a sampled document and redacts it as far as it was not redacted before. */
async function example(plan: Plan, sample: Sample): Promise<Example> {
  const source = sourceOf(plan, sample.segment.source)
  const paths = segmentPaths(sample.segment.base)
  for (const path of [paths.kept, paths.dropped]) {
    for await (const rows of readDocuments(plan.storage, path, source.name)) {
      const row = rows.ordinal.indexOf(sample.row)
      if (row < 0) continue
      const { batch } = redactRows(source.steps, gatherRows(source.name, [{ rows, row }]), [
        sample.reached,
      ])
      const text = bytesAt(batch.text, 0)
      const end = characterBoundary(text, EXCERPT_BYTES)
      const excerpt =
        new TextDecoder().decode(text.subarray(0, end)) + (end < text.length ? '…' : '')
      return { id: textAt(batch.id, 0), excerpt, lang: sample.lang, values: sample.values }
    }
  }
  throw new Error(`the document of sample ${sample.id} is not in its segment`)
}
