import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { type TextColumn, textAt } from './core/batch.ts'
import { EtlError } from './core/errors.ts'
import type { RunReport } from './core/report.ts'
import type { Storage } from './core/storage.ts'
import {
  type InspectedDocument,
  type InspectQuery,
  inspectCorpus as inspect,
  readCorpus,
  readPublished,
  readReport,
} from './engine/corpus/browse.ts'
import { newestCorpus } from './engine/corpus/newest.ts'
import type { OnEvent } from './engine/events.ts'
import { findPartitions, manifestProblems } from './engine/partitions.ts'
import { throwProblems } from './engine/plan/check.ts'
import { openManifest, openPlan } from './engine/plan/open-plan.ts'
import { loadComponent } from './engine/plan/registry.ts'
import type { Problem } from './engine/plan/schema-problems.ts'
import { runManifest } from './engine/run.ts'
import { keyedShares } from './engine/segments/split.ts'
import { writeText } from './engine/segments/work-folder.ts'
import { localStorage } from './files/local-storage.ts'
import { makeFolder } from './files/make-folder.ts'
import type { SourceText } from './ngram/build.ts'
import { MANIFEST_SCHEMA, VERSION, WORKER_SCRIPT } from './package.ts'
import { registry } from './registry.ts'

/**
 * What can be done with a corpus and its manifest: joins the engine, the registry and the report.
 */

export interface RunCorpusOptions {
  /** Number of worker processes; one per core by default. */
  readonly workers?: number
  readonly signal?: AbortSignal
  readonly onEvent?: OnEvent
  /** Apply changed thresholds to what was read before; reading a source is an error. */
  readonly refilter?: boolean
}

/**
 * Everything that is wrong with a manifest and with finding its inputs, which are not read; empty
 * if it is valid.
 */
export async function checkManifest(path: string): Promise<Problem[]> {
  const { validation } = await openManifest(path, registry)
  return manifestProblems(validation)
}

/**
 * The corpus in a folder or directly below it that was used last. Throws `corpus-missing` if there
 * is none.
 */
export async function findCorpus(folder: string): Promise<string> {
  const found = await newestCorpus(folder)
  if (found !== undefined) return found
  const what = 'no corpus in this folder or directly below it'
  throw new EtlError('corpus-missing', { where: folder, what })
}

/** What a run would read. */
export interface RunPlan {
  readonly name: string
  /** Absolute folder it would publish to. */
  readonly output: string
  readonly fingerprint: string
  readonly sources: readonly {
    readonly name: string
    readonly type: string
    /** Filters the source's documents pass, in order. */
    readonly filters: readonly string[]
    readonly partitions: readonly { readonly key: string; readonly bytes: number }[]
  }[]
}

/** Finds the inputs of a manifest without reading them. */
export async function planRun(path: string): Promise<RunPlan> {
  const { validation } = await openManifest(path, registry)
  if ('problems' in validation) throwProblems(path, await manifestProblems(validation))
  const { manifest } = validation
  const plan = await openPlan(manifest)
  const { partitions, problems } = await findPartitions(plan)
  if (problems.length > 0) throwProblems(path, problems)
  return {
    name: manifest.name,
    output: manifest.output,
    fingerprint: plan.fingerprint,
    sources: plan.sources.map(({ index, name, type, steps, corpusSteps }) => ({
      name,
      type,
      filters: [...steps, ...corpusSteps].map((step) => step.name),
      partitions: (partitions[index] ?? []).map(({ key, bytes }) => ({ key, bytes })),
    })),
  }
}

/** Builds the corpus a manifest describes, or continues an interrupted run. */
export async function runCorpus(path: string, options: RunCorpusOptions = {}): Promise<RunReport> {
  const { renderReport, renderCard } = await import('./report/index.ts')
  return runManifest(path, {
    registry,
    workerScript: WORKER_SCRIPT,
    workers: options.workers ?? availableParallelism(),
    signal: options.signal ?? new AbortController().signal,
    onEvent: options.onEvent ?? (() => undefined),
    version: VERSION,
    withoutReading: options.refilter === true,
    views: { 'report.html': renderReport, 'README.md': renderCard },
  })
}

/** Documents of a corpus, published and removed. */
export function inspectCorpus(
  corpus: string,
  query: InspectQuery = {},
): AsyncIterable<InspectedDocument> {
  return inspect(localStorage(), resolve(corpus), query)
}

/** Renders the report and the dataset card of a corpus again, with this version's renderers. */
export async function renderAgain(
  corpus: string,
): Promise<{ readonly report: RunReport; readonly files: readonly string[] }> {
  const { renderReport, renderCard } = await import('./report/index.ts')
  const storage = localStorage()
  const folder = resolve(corpus)
  await readCorpus(storage, folder)
  const report = await readReport(storage, folder)
  const views = { 'report.html': renderReport(report), 'README.md': renderCard(report) }
  for (const [name, text] of Object.entries(views)) {
    await writeText(storage, join(folder, name), text)
  }
  return { report, files: Object.keys(views).map((name) => join(folder, name)) }
}

/** What of a corpus goes into a model of its language, and how large the model gets. */
export interface PerplexityModelOptions {
  readonly languages?: readonly string[]
  /** Bytes of text to count for each language, about; more are sampled. */
  readonly bytes?: number
  /** Longest n-gram, 1 to 4. */
  readonly order?: number
}

/**
 * Writes the model file of the filter `perplexity`: n-grams of the prose of a corpus's training
 * split, and percentiles of its eval and test splits. The same corpus and options give the same
 * bytes. Throws `corpus-invalid` if a language has no prose in either part.
 */
export async function writePerplexityModel(
  corpus: string,
  out: string,
  { languages = ['ar', 'en'], bytes = 32 << 20, order = 4 }: PerplexityModelOptions = {},
) {
  const { buildModels } = await import('./ngram/build.ts')
  const { encodeModels } = await import('./ngram/text-model.ts')
  const storage = localStorage()
  const folder = resolve(corpus)
  const options = { languages, order, words: 30_000, bytes }
  const models = await buildModels(() => proseOf(storage, folder), options)
  const missing = languages.filter((language) => !models.has(language))
  if (missing.length > 0) {
    const what = `no prose in ${missing.join(', ')} in its train split, or none in eval and test`
    throw new EtlError('corpus-invalid', { where: corpus, what })
  }
  await makeFolder(dirname(resolve(out)))
  const file = await storage.create(resolve(out))
  try {
    for (const part of encodeModels(models)) await file.write(part)
    await file.commit()
  } finally {
    await file.abort()
  }
  return [...models].map(([language, { vocabulary, heldOut, percentiles }]) => {
    const [third, median, twoThirds] = [33, 50, 67].map((one) => percentiles[one - 1] ?? 0)
    return { language, words: vocabulary.words.length, heldOut, third, median, twoThirds }
  })
}

/** The prose of a published corpus. */
async function* proseOf(storage: Storage, folder: string): AsyncIterable<SourceText> {
  for await (const { split, rows, columns } of readPublished(storage, folder)) {
    const { id, text, lang, kind } = columns as Readonly<Record<string, TextColumn>>
    if (!id || !text || !lang || !kind) continue
    const draws = keyedShares('perplexity', id)
    for (let row = 0; row < rows; row++) {
      if (textAt(kind, row) !== 'prose') continue
      yield {
        lang: textAt(lang, row),
        heldOut: split !== 'train',
        draw: draws[row] ?? 0,
        bytes: (text.offsets[row + 1] ?? 0) - (text.offsets[row] ?? 0),
        text: () => textAt(text, row),
      }
    }
  }
}

/**
 * Filters of a new manifest: personal data first, so that no other filter sees any; then corpus
 * filters.
 */
const FIRST_FILTERS = ['pii', 'ads', 'langid', 'minhash'] as const

/** Writes a manifest to start from, never over an existing file. `source` names a connector. */
export async function writeFirstManifest(
  path: string,
  source: string,
): Promise<{ readonly path: string; readonly manifest: object; readonly connector: string }> {
  const file = resolve(path)
  const connector = await loadComponent(registry.connectors, source, 'connector')
  const manifest = {
    $schema: relative(dirname(file), MANIFEST_SCHEMA),
    name: 'my-corpus',
    output: './corpus',
    sources: [{ name: connector.name, type: connector.name, ...connector.example }],
    filters: FIRST_FILTERS.filter((name) => name in registry.filters).map((type) => ({ type })),
  }
  await makeFolder(dirname(file))
  const text = `${JSON.stringify(manifest, undefined, 2)}\n`
  await writeFile(file, text, { flag: 'wx' }).catch((cause: unknown) => {
    const exists = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST'
    throw new EtlError('output-unwritable', {
      where: file,
      what: exists ? 'exists already' : 'cannot be written',
      hint: exists
        ? 'Give another name, or remove the file first.'
        : 'Check the permissions of the folder.',
      cause,
    })
  })
  return { path: file, manifest, connector: connector.name }
}
