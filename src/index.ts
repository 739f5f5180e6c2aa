import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connectors } from '../connectors/index.ts'
import { filters } from '../filters/index.ts'
import type { RunReport } from './core/report.ts'
import {
  type DocumentStory,
  explainDocument as explain,
  type InspectedDocument,
  type InspectQuery,
  inspectCorpus as inspect,
} from './engine/browse.ts'
import { type Problem, readManifest, validateManifest } from './engine/check.ts'
import type { OnEvent } from './engine/events.ts'
import type { Registry } from './engine/registry.ts'
import { runManifest } from './engine/run.ts'
import { localStorage } from './files/local-storage.ts'

/** The library's face: what the command line and other programs call. The only place that joins engine and registries. */

/** Every component that comes with the package. */
export const registry: Registry = { connectors, filters }

const isSource = import.meta.url.endsWith('.ts')
const packagePath = isSource ? '../package.json' : '../../package.json'

/** Version of this package. */
export const VERSION: string = createRequire(import.meta.url)(packagePath).version

/** Compiled entry of worker processes, also when this file runs as TypeScript. */
const WORKER_SCRIPT = fileURLToPath(new URL(isSource ? '../dist/src/worker.js' : './worker.js', import.meta.url))

export interface RunCorpusOptions {
  /** Worker processes; all cores unless given. */
  readonly workers?: number
  readonly signal?: AbortSignal
  readonly onEvent?: OnEvent
  /** Apply changed thresholds to what was read before; reading a source is an error. */
  readonly refilter?: boolean
}

/** Everything that is wrong with a manifest, without reading its inputs; nothing, if it is valid. */
export async function checkManifest(path: string): Promise<Problem[]> {
  const result = await validateManifest(await readManifest(path), path, registry)
  return 'problems' in result ? result.problems : []
}

/** Builds the corpus a manifest describes, or goes on building it. */
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

/** Everything the ledger of a corpus knows of a document. */
export function explainDocument(corpus: string, id: string): Promise<DocumentStory[]> {
  return explain(localStorage(), resolve(corpus), id)
}

/** Documents of a corpus, published and removed. */
export function inspectCorpus(corpus: string, query: InspectQuery = {}): AsyncIterable<InspectedDocument> {
  return inspect(localStorage(), resolve(corpus), query)
}
