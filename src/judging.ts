import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { Context } from './core/component.ts'
import type { Document } from './core/document.ts'
import { EtlError } from './core/errors.ts'
import type { AnyFilterComponent, Filter } from './core/filter.ts'
import { readCorpus, readReport } from './engine/corpus/browse.ts'
import { type DocumentStory, explainDocument as explain } from './engine/corpus/story.ts'
import { throwProblems } from './engine/plan/check.ts'
import { openManifest } from './engine/plan/open-plan.ts'
import { withPlugins } from './engine/plan/plugins.ts'
import { loadComponent, type Registry } from './engine/plan/registry.ts'
import { problemsOf } from './engine/plan/schema-problems.ts'
import { type Trial, tryFilter } from './engine/try-filter.ts'
import { localStorage } from './files/local-storage.ts'
import { registry } from './registry.ts'

/** How filters judge: a text that is tried, and a document of a corpus explained. */

/** What a filter is tried with. */
export interface TryOptions {
  /** Options of the filter, as in a manifest. */
  readonly options?: Readonly<Record<string, unknown>>
  /** Manifest to take the filter's options and its plug-ins from. */
  readonly manifest?: string
}

/** A filter as it was tried, and what it did with each document. */
export interface Tried {
  readonly filter: string
  readonly version: number
  /** With defaults filled in. */
  readonly options: Readonly<Record<string, unknown>>
  readonly trials: readonly Trial[]
}

/**
 * Measures and judges documents with one row filter, as a run would. `name` is a filter, one of the
 * manifest such as `quality#2`, or the path or package of a plug-in with one filter. Throws
 * `component-unknown` for an unknown filter, and `usage` for one that compares documents with each
 * other.
 */
export async function tryFilterOn(
  name: string,
  documents: readonly Document[],
  { options, manifest }: TryOptions = {},
): Promise<Tried> {
  const path = manifest ?? 'corpus.json'
  const { planned, known } = await readFilters(name, manifest)
  const component = planned?.component ?? (await findFilter(name, path, known))
  if (component.level === 'corpus')
    throw new EtlError('usage', {
      where: name,
      what: 'it compares documents with each other, so it cannot judge one text',
      hint: 'Build a corpus and use `etl explain`.',
    })
  const chosen = { ...planned?.options, ...options }
  const parsed = component.options.safeParse(chosen)
  if (!parsed.success) throwProblems(name, problemsOf(parsed.error, component.options, chosen, []))
  const filter = await component.create(parsed.data, contextIn(dirname(resolve(path))))
  return {
    filter: planned?.name ?? component.name,
    version: component.version,
    options: parsed.data,
    trials: tryFilter(filter, documents),
  }
}

/** The entry of a manifest for a filter, if it has one, and all components that it knows. */
async function readFilters(name: string, manifest: string | undefined) {
  if (manifest === undefined) return { planned: undefined, known: registry }
  const { raw, validation } = await openManifest(manifest, registry)
  if ('problems' in validation) throwProblems(manifest, validation.problems)
  return {
    planned: validation.manifest.filters.find((filter) => filter.name === name),
    known: await withPlugins(registry, raw, manifest),
  }
}

async function findFilter(
  name: string,
  path: string,
  known: Registry,
): Promise<AnyFilterComponent> {
  const isPlugin = !(name in known.filters) && /[./@]/.test(name)
  if (!isPlugin) return loadComponent(known.filters, name, 'filter')
  const { filters }: Registry = await withPlugins(registry, { plugins: [name] }, path)
  const [only, ...others] = Object.keys(filters).filter((one) => !(one in registry.filters))
  if (only !== undefined && others.length === 0) return loadComponent(filters, only, 'filter')
  throw new EtlError('usage', {
    where: name,
    what:
      only === undefined ? 'it has no filter' : `it has the filters ${[only, ...others].join()}`,
    hint: 'List the plug-in in a manifest, and give its filter by name with `--manifest`.',
  })
}

/** Paths are relative to `folder`. */
function contextIn(folder: string): Context {
  return {
    storage: localStorage(),
    folder,
    cache: join(tmpdir(), 'cosmos-etl-try'),
    memoryBytes: 2 ** 30,
    signal: new AbortController().signal,
    warn: () => undefined,
  }
}

/** Everything the ledger of a corpus records about a document, and how its filters judged it. */
export async function explainDocument(corpus: string, id: string): Promise<DocumentStory[]> {
  const folder = resolve(corpus)
  const storage = localStorage()
  // First, since a folder that is no corpus has no report either.
  await readCorpus(storage, folder)
  return explain(storage, folder, id, await filtersOf(folder))
}

/**
 * The built-in row filters of a corpus, by name, with its options. Left out: filters of other
 * versions, and those whose files are not there. Plug-ins are not loaded: a corpus may come from
 * elsewhere, and must not run code.
 */
async function filtersOf(folder: string): Promise<ReadonlyMap<string, Filter>> {
  const { filters } = await readReport(localStorage(), folder)
  const made = new Map<string, Filter>()
  for (const { type, version, options } of filters) {
    const component = await registry.filters[type.replace(/#\d+$/, '')]?.()
    if (component?.level !== 'row' || component.version !== version) continue
    const parsed = component.options.safeParse(options)
    if (!parsed.success) continue
    const filter = await Promise.resolve(component.create(parsed.data, contextIn(folder))).catch(
      () => undefined,
    )
    if (filter !== undefined) made.set(type, filter)
  }
  return made
}
