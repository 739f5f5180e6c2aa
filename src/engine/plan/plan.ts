import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { canonicalJson } from '../../core/canonical-json.ts'
import type { Context } from '../../core/component.ts'
import type { Connector } from '../../core/connector.ts'
import type { CorpusFilter, Filter } from '../../core/filter.ts'
import type { Storage } from '../../core/storage.ts'
import type { FilterPlan, Manifest, SourcePlan } from './check.ts'

/** A row filter in the chain of one source. */
export interface Step {
  readonly name: string
  readonly filter: Filter
  /** Fingerprint of everything that `measure` depends on. */
  readonly measureKey: string
  /** Fingerprint of `measureKey` and everything else that `judge` depends on. */
  readonly judgeKey: string
}

/**
 * A corpus filter, for all sources it applies to. `sketchKey` and `decideKey` are fingerprints of
 * what `sketch` and `decide` depend on.
 */
export interface CorpusStep {
  readonly name: string
  readonly filter: CorpusFilter
  readonly sketchKey: string
  readonly decideKey: string
  readonly sources: readonly string[] | undefined
}

/** One source with everything that turns its input into segments. */
export interface SourceRun {
  readonly index: number
  /** Position in the manifest: `sources[1]`. */
  readonly path: string
  readonly name: string
  readonly type: string
  readonly connector: Connector
  /** Fingerprint of everything that reading depends on, except the input itself. */
  readonly readKey: string
  readonly steps: readonly Step[]
  readonly corpusSteps: readonly CorpusStep[]
}

/** A manifest with all its components created. */
export interface Plan {
  readonly manifest: Manifest
  readonly storage: Storage
  readonly sources: readonly SourceRun[]
  readonly corpusSteps: readonly CorpusStep[]
  /**
   * Fingerprint of what the published bytes depend on besides the input: the manifest and the
   * versions of its components.
   */
  readonly fingerprint: string
  /** Absolute path of the work folder. */
  readonly work: string
}

/** What the components of a run share. `warn` gets the name of the source or filter. */
export interface PlanContext {
  readonly storage: Storage
  readonly signal: AbortSignal
  warn(source: string, message: string): void
}

/** Increased when the engine's own output changes for the same input. */
const ENGINE_VERSION = 2

/** Creates every component of a manifest. */
export async function makePlan(manifest: Manifest, shared: PlanContext): Promise<Plan> {
  const work = join(manifest.output, '.work')
  const contextFor = (source: string): Context => ({
    storage: shared.storage,
    folder: manifest.folder,
    cache: join(work, 'cache'),
    memoryBytes: manifest.limits.memoryBytes,
    signal: shared.signal,
    warn: (message) => shared.warn(source, message),
  })
  const rowSteps: (Step & Pick<FilterPlan, 'sources'>)[] = []
  const corpusSteps: CorpusStep[] = []
  /** Hashes of the files that filters read, by name of the filter. */
  const files: [string, readonly string[]][] = []
  for (const plan of manifest.filters) {
    const { name, component, sources } = plan
    const [measured, judged] = splitOptions(plan)
    const options = component.options.parse(plan.options)
    if (component.level === 'row') {
      const filter = await component.create(options, contextFor(name))
      const { fileHashes = [] } = filter
      if (fileHashes.length > 0) files.push([name, fileHashes])
      const outer = fingerprint([component.name, component.version, measured, ...fileHashes])
      const inner = fingerprint([outer, judged])
      rowSteps.push({ name, filter, measureKey: outer, judgeKey: inner, sources })
    } else {
      const outer = fingerprint([component.name, component.version, measured])
      const inner = fingerprint([outer, judged])
      const filter = await component.create(options, contextFor(name))
      corpusSteps.push({ name, filter, sketchKey: outer, decideKey: inner, sources })
    }
  }
  const sources: SourceRun[] = []
  for (const [index, source] of manifest.sources.entries()) {
    const applies = ({ sources: only }: { sources: readonly string[] | undefined }) =>
      only === undefined || only.includes(source.name)
    sources.push({
      index,
      path: source.path,
      name: source.name,
      type: source.type,
      connector: await source.component.create(
        source.component.options.parse(source.options),
        contextFor(source.name),
      ),
      readKey: readKey(source, manifest),
      steps: rowSteps.filter(applies),
      corpusSteps: corpusSteps.filter(applies),
    })
  }
  return {
    manifest,
    storage: shared.storage,
    sources,
    corpusSteps,
    fingerprint: planFingerprint(manifest, files),
    work,
  }
}

/** SHA-256 in hex of a value's canonical JSON. */
export function fingerprint(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex')
}

/** Divides options into those that measuring depends on and those that only judging reads. */
function splitOptions({ component, options }: FilterPlan): [unknown, unknown] {
  const judged: readonly string[] = component.thresholds
  const entries = Object.entries(options)
  return [
    Object.fromEntries(entries.filter(([name]) => !judged.includes(name))),
    Object.fromEntries(entries.filter(([name]) => judged.includes(name))),
  ]
}

function readKey({ name, component, options }: SourcePlan, { limits }: Manifest): string {
  const { maxDocumentBytes, segmentBytes } = limits
  return fingerprint([
    ENGINE_VERSION,
    name,
    component.name,
    component.version,
    options,
    maxDocumentBytes,
    segmentBytes,
  ])
}

function planFingerprint(
  manifest: Manifest,
  files: readonly (readonly [string, readonly string[]])[],
): string {
  const {
    name,
    description,
    split,
    shards,
    dropped,
    limits,
    sources,
    filters,
    decontaminate = null,
  } = manifest
  return fingerprint({
    engine: ENGINE_VERSION,
    name,
    description,
    split,
    shards,
    dropped,
    decontaminate,
    limits: { maxDocumentBytes: limits.maxDocumentBytes },
    sources: sources.map(({ name: source, component, options }) => [
      source,
      component.name,
      component.version,
      options,
    ]),
    filters: filters.map((filter) => [
      filter.component.name,
      filter.component.version,
      filter.options,
      filter.sources,
    ]),
    ...(files.length > 0 ? { files } : {}),
  })
}
