import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir, totalmem } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { connectors } from '../connectors/index.ts'
import { filters } from '../filters/index.ts'
import { backends } from '../plugins/index.ts'
import type { Context } from './core/component.ts'
import { EtlError } from './core/errors.ts'
import type { RunReport } from './core/report.ts'
import type { TokenManifest } from './core/tokens.ts'
import type { BenchResult } from './core/train-events.ts'
import type { TrainJob } from './core/train-job.ts'
import type { Readiness, TrainerBackend, TrainPlan } from './core/trainer.ts'
import {
  type DocumentStory,
  explainDocument as explain,
  type InspectedDocument,
  type InspectQuery,
  inspectCorpus as inspect,
  readCorpus,
  readReport,
} from './engine/corpus/browse.ts'
import type { OnEvent } from './engine/events.ts'
import { findPartitions, manifestProblems } from './engine/partitions.ts'
import {
  type Manifest,
  readManifest,
  throwProblems,
  validateManifest,
} from './engine/plan/check.ts'
import { makePlan, type Plan } from './engine/plan/plan.ts'
import { withPlugins } from './engine/plan/plugins.ts'
import type { Registry } from './engine/plan/registry.ts'
import type { Problem } from './engine/plan/schema-problems.ts'
import { runManifest } from './engine/run.ts'
import { writeText } from './engine/segments/work-folder.ts'
import { localStorage } from './files/local-storage.ts'
import { TOKENIZER_SCRIPT, VERSION, WORKER_SCRIPT } from './package.ts'
import type { FertilityRow } from './tokenizer/fertility.ts'
import type { TokenizeOptions } from './tokenizer/tokenize.ts'
import type { Baseline } from './train/run.ts'

/**
 * The library's face: what the command line and other programs call. The only place that joins
 * engine and registries.
 */

/** Every connector and filter that comes with the package. */
export const registry: Registry = { connectors, filters }

/** Every training backend that comes with the package. */
export { backends, VERSION }

export interface RunCorpusOptions {
  /** Worker processes; all cores unless given. */
  readonly workers?: number
  readonly signal?: AbortSignal
  readonly onEvent?: OnEvent
  /** Apply changed thresholds to what was read before; reading a source is an error. */
  readonly refilter?: boolean
}

/**
 * Everything that is wrong with a manifest and with finding its inputs, which are not read;
 * nothing, if it is valid.
 */
export async function checkManifest(path: string): Promise<Problem[]> {
  return manifestProblems(await validate(path), planOf)
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
  const result = await validate(path)
  if ('problems' in result) throwProblems(path, await manifestProblems(result, planOf))
  const plan = await planOf(result.manifest)
  const { partitions, problems } = await findPartitions(plan)
  if (problems.length > 0) throwProblems(path, problems)
  return {
    name: result.manifest.name,
    output: result.manifest.output,
    fingerprint: plan.fingerprint,
    sources: plan.sources.map(({ index, name, type, steps, corpusSteps }) => ({
      name,
      type,
      filters: [...steps, ...corpusSteps].map((step) => step.name),
      partitions: (partitions[index] ?? []).map(({ key, bytes }) => ({ key, bytes })),
    })),
  }
}

async function validate(path: string) {
  const raw = await readManifest(path)
  return validateManifest(raw, path, await withPlugins(registry, raw, path))
}

function planOf(manifest: Manifest): Promise<Plan> {
  return makePlan(manifest, {
    storage: localStorage(),
    signal: new AbortController().signal,
    warn: () => undefined,
  })
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
export function inspectCorpus(
  corpus: string,
  query: InspectQuery = {},
): AsyncIterable<InspectedDocument> {
  return inspect(localStorage(), resolve(corpus), query)
}

/**
 * Writes the views of a corpus again from the report the run left, with the renderers of this
 * version.
 */
export async function renderAgain(corpus: string): Promise<{ report: RunReport; files: string[] }> {
  const { renderReport, renderCard } = await import('./report/index.ts')
  const storage = localStorage()
  const folder = resolve(corpus)
  await readCorpus(storage, folder)
  const report = await readReport(storage, folder)
  const views = { 'report.html': renderReport(report), 'README.md': renderCard(report) }
  for (const [name, text] of Object.entries(views))
    await writeText(storage, join(folder, name), text)
  return { report, files: Object.keys(views).map((name) => join(folder, name)) }
}

export interface TokenizeCorpusOptions
  extends Partial<
    Pick<
      TokenizeOptions,
      'name' | 'tokenizer' | 'vocabulary' | 'sampleBytes' | 'python' | 'workers'
    >
  > {
  readonly signal?: AbortSignal
  readonly onEvent?: TokenizeOptions['onEvent']
}

/** Learns a vocabulary from a corpus, or takes a given one, and writes its token shards. */
export async function tokenizeCorpus(
  corpus: string,
  options: TokenizeCorpusOptions = {},
): Promise<{ readonly manifest: TokenManifest; readonly fertility: readonly FertilityRow[] }> {
  const { tokenize } = await import('./tokenizer/tokenize.ts')
  const { fertilityOf } = await import('./tokenizer/fertility.ts')
  const { signal, onEvent, ...rest } = options
  const manifest = await tokenize({
    name: 'bpe',
    sampleBytes: 64 << 20,
    workers: availableParallelism(),
    ...rest,
    storage: localStorage(),
    corpus: resolve(corpus),
    workerScript: TOKENIZER_SCRIPT,
    signal: signal ?? new AbortController().signal,
    onEvent: onEvent ?? (() => undefined),
  })
  return { manifest, fertility: fertilityOf(manifest) }
}

/**
 * Writes token shards once more in the format of another trainer; the paths of what was written.
 */
export async function writeTokens(folder: string, format: string): Promise<string[]> {
  const { TOKEN_FORMATS, writeTokenFormat } = await import('./tokenizer/formats.ts')
  const { readTokenManifest } = await import('./arrow/token-file.ts')
  const known = TOKEN_FORMATS.find((name) => name === format)
  if (!known) {
    const what = `there is no token format "${format}"`
    throw new EtlError('component-unknown', {
      what,
      hint: `Known formats: ${TOKEN_FORMATS.join(', ')}.`,
    })
  }
  const storage = localStorage()
  return writeTokenFormat(
    storage,
    resolve(folder),
    await readTokenManifest(storage, resolve(folder)),
    known,
  )
}

export interface TrainOptions {
  /** A training manifest; without one the corpus and the backend decide. */
  readonly manifest?: string
  /** Corpus folders instead of the manifest's. */
  readonly corpora?: readonly string[]
  readonly backend?: string
  readonly preset?: string
  readonly name?: string
  readonly tokens?: number
  /** Folder of all runs; `runs` in the current folder unless given. */
  readonly runs?: string
  /** The job will not be started, so the backend need not be ready here. */
  readonly planned?: boolean
  /** What tokenizing says, if it is needed. */
  readonly onTokenize?: TokenizeOptions['onEvent']
}

/** A job ready to be started, and the backend to start it with. */
export interface PreparedTraining {
  readonly job: TrainJob
  readonly backend: TrainerBackend
  /** What the report of a neural model compares it with. */
  readonly baselines: Readonly<Record<Baseline, TrainerBackend>> | undefined
  /** Machines it is meant for; on more than one the user starts it. */
  readonly nodes: number
  /** What the job takes: by arithmetic for neural models, from the backend for others. */
  plan(): Promise<TrainPlan>
}

/** Resolves a training job; tokenizes corpora that have no token shards yet. */
export async function prepareTraining(options: TrainOptions): Promise<PreparedTraining> {
  const { parseTrainManifest, readTrainManifest } = await import('./train/manifest.ts')
  const { bestBackend, openBackend, prepareJob } = await import('./train/prepare.ts')
  const base = options.manifest
    ? await readTrainManifest(options.manifest)
    : parseTrainManifest({}, '')
  const { backend, preset, name, tokens } = options
  const given = Object.entries({ backend, preset, name, tokens }).filter(
    ([, value]) => value !== undefined,
  )
  const corpora = options.corpora?.map((folder) => resolve(folder)) ?? base.corpora
  const manifest = parseTrainManifest(
    { ...base, ...Object.fromEntries(given), corpora },
    options.manifest ?? '',
  )
  const storage = localStorage()
  for (const corpus of manifest.corpora) {
    if (await storage.stat(join(corpus, 'tokens', manifest.tokenizer, 'manifest.json'))) continue
    await tokenizeCorpus(corpus, {
      name: manifest.tokenizer,
      ...(options.onTokenize && { onEvent: options.onTokenize }),
    })
  }
  const context = trainingContext(
    options.manifest ? dirname(resolve(options.manifest)) : process.cwd(),
  )
  const chosen = manifest.backend ?? (await bestBackend(backends, context))
  const opened = await openBackend(backends, chosen, manifest.options, context)
  const job = await prepareJob(
    storage,
    manifest,
    opened,
    resolve(options.runs ?? 'runs'),
    options.planned,
  )
  const plan = async (): Promise<TrainPlan> => {
    if (opened.family === 'count') return opened.backend.plan(job)
    const { planNeural } = await import('./train/arithmetic.ts')
    return planNeural(job)
  }
  const { BASELINES } = await import('./train/run.ts')
  const counting = async (order: number): Promise<TrainerBackend> =>
    (await openBackend(backends, 'ngram', { order }, context)).backend
  const baselines =
    opened.family === 'neural'
      ? {
          unigrams: await counting(BASELINES.unigrams),
          trigrams: await counting(BASELINES.trigrams),
        }
      : undefined
  return { backend: opened.backend, job, baselines, nodes: manifest.parallel.nodes, plan }
}

/**
 * Measures the speed of training steps: of the manifest's model, or of the preset that suits the
 * device. Reads no corpus.
 */
export async function benchTraining(
  options: Pick<TrainOptions, 'manifest' | 'backend' | 'preset'> & {
    readonly signal?: AbortSignal
  },
): Promise<BenchResult> {
  const { benchJob } = await import('./train/bench.ts')
  const { parseTrainManifest, readTrainManifest } = await import('./train/manifest.ts')
  const { bestBackend, chooseDevice, openBackend } = await import('./train/prepare.ts')
  const base = options.manifest
    ? await readTrainManifest(options.manifest)
    : parseTrainManifest({}, '')
  const { backend: name, preset } = options
  const manifest = parseTrainManifest(
    { ...base, ...(preset === undefined ? {} : { preset }) },
    options.manifest ?? '',
  )
  const context = trainingContext(
    options.manifest ? dirname(resolve(options.manifest)) : process.cwd(),
  )
  const best = async (): Promise<string> =>
    (await bestBackend(backends, context)) === 'cuda' ? 'cuda' : 'cpu'
  const found = name ?? manifest.backend ?? (await best())
  const opened = await openBackend(backends, found, manifest.options, context)
  if (!opened.backend.bench)
    throw new EtlError('job-invalid', { where: found, what: 'it has no benchmark' })
  const run = await mkdtemp(join(tmpdir(), 'etl-bench-'))
  const result = await opened.backend.bench(
    benchJob(manifest, await chooseDevice(opened), run),
    options.signal ?? new AbortController().signal,
  )
  // After a failure it stays: the error names a log in it.
  await rm(run, { recursive: true })
  return result
}

/** Whether each backend can train on this machine. */
export async function trainerReadiness(): Promise<(Readiness & { readonly name: string })[]> {
  const { openBackend } = await import('./train/prepare.ts')
  const context = trainingContext(process.cwd())
  return Promise.all(
    Object.keys(backends).map(async (name) => {
      const { backend } = await openBackend(backends, name, {}, context)
      return { name, ...(await backend.probe()) }
    }),
  )
}

function trainingContext(folder: string): Context {
  return {
    storage: localStorage(),
    folder,
    cache: join(folder, '.cache'),
    memoryBytes: Math.floor(totalmem() * 0.7),
    signal: new AbortController().signal,
    warn: () => undefined,
  }
}

export interface GenerateOptions {
  readonly prompt: string
  readonly checkpoint?: string
  readonly maxTokens?: number
  readonly temperature?: number
  readonly topP?: number
  readonly topK?: number
  readonly seed?: number
}

/** Continues a prompt with the model of a run; the text as it grows. */
export async function* generateText(run: string, options: GenerateOptions): AsyncIterable<string> {
  const { readRun } = await import('./train/run.ts')
  const { openBackend } = await import('./train/prepare.ts')
  const { readVocabulary, tokenizerOf } = await import('./tokenizer/tokenizer.ts')
  const folder = resolve(run)
  const job = readRun(folder)
  const { tokenizer } = job.data
  const { backend } = await openBackend(
    backends,
    job.backend.name,
    job.backend.options,
    trainingContext(folder),
  )
  const codec = tokenizerOf(await readVocabulary(tokenizer.path))
  const stream = codec.stream()
  const ids = backend.generate({
    protocol: 1,
    task: 'generate',
    run: folder,
    checkpoint: options.checkpoint ?? 'latest',
    prompt: [...(tokenizer.bos === null ? [] : [tokenizer.bos]), ...codec.encode(options.prompt)],
    maxTokens: options.maxTokens ?? 128,
    temperature: options.temperature ?? 0.8,
    topP: options.topP ?? 0.95,
    topK: options.topK ?? 0,
    stop: [tokenizer.eos],
    seed: options.seed ?? 1,
  })
  for await (const group of ids) yield stream.push(group)
  yield stream.end()
}

export interface ExportOptions {
  readonly checkpoint?: string
  /** `huggingface` in the run's folder unless given. Must be empty or not there. */
  readonly output?: string
}

/**
 * Writes the model of a run as a Hugging Face folder: weights, config, tokenizer, chat template,
 * generation settings.
 */
export async function exportModel(
  run: string,
  options: ExportOptions = {},
): Promise<{
  readonly folder: string
  readonly checkpoint: string
  readonly files: readonly { readonly path: string; readonly bytes: number }[]
}> {
  const { readRun } = await import('./train/run.ts')
  const { openBackend } = await import('./train/prepare.ts')
  const folder = resolve(run)
  const { name, options: given } = readRun(folder).backend
  const { backend } = await openBackend(backends, name, given, trainingContext(folder))
  const checkpoint = options.checkpoint ?? 'latest'
  const output = resolve(options.output ?? join(folder, 'huggingface'))
  await backend.export({
    protocol: 1,
    task: 'export',
    run: folder,
    checkpoint,
    format: 'huggingface',
    output,
  })
  const written = await localStorage().find(output)
  const files = written.map(({ path, size }) => ({ path: relative(output, path), bytes: size }))
  return { folder: output, checkpoint, files }
}
