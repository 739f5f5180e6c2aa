import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import type { Context } from './core/component.ts'
import { EtlError } from './core/errors.ts'
import type { TokenManifest } from './core/tokens.ts'
import type { BenchResult, TrainEvent, TrainResult } from './core/train-events.ts'
import type { TrainJob } from './core/train-job.ts'
import type { Readiness, TrainerBackend, TrainPlan } from './core/trainer.ts'
import { localStorage } from './files/local-storage.ts'
import { TOKENIZER_SCRIPT } from './package.ts'
import { backends } from './registry.ts'
import type { FertilityRow } from './tokenizer/fertility.ts'
import type { TokenizeOptions } from './tokenizer/tokenize.ts'
import { trainingContext } from './train/context.ts'
import type { TrainManifest } from './train/manifest.ts'
import type { OpenBackend } from './train/prepare.ts'
import type { Baseline, Baselines } from './train/run.ts'

/** What can be done to train a model: joins the tokenizer, training and its backends. */

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

/** Writes token shards also in the format of another trainer. Returns the paths written. */
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
  /** The folder of a run that goes on with its own job, whatever else is given but `corpora`. */
  readonly resume?: string
  /** Corpus folders instead of the manifest's. */
  readonly corpora?: readonly string[]
  readonly backend?: string
  readonly preset?: string
  readonly name?: string
  /** Name of a new run that continues from a checkpoint of the one named above. */
  readonly fork?: string
  /** The checkpoint that a fork starts from; the newest by default. */
  readonly checkpoint?: string
  readonly tokens?: number
  /** Plans without a corpus, for a vocabulary of so many ids. */
  readonly vocabulary?: number
  /** Folder of all runs; `runs` in the current folder by default. */
  readonly runs?: string
  /** The job will not be started, so the backend need not be ready here. */
  readonly planned?: boolean
  /** Receives the events of tokenizing, if that is needed. */
  readonly onTokenize?: TokenizeOptions['onEvent']
}

/** A job ready to be started, and the backend to start it with. */
export interface PreparedTraining {
  readonly job: TrainJob
  readonly backend: TrainerBackend
  /** Names of the backend's options that change no result. */
  readonly runtime: readonly string[]
  /** N-gram backends that the report of a neural model compares it with. */
  readonly baselines: Readonly<Record<Baseline, TrainerBackend>> | undefined
  /** Number of machines. With more than one, the user starts the backend on each. */
  readonly nodes: number
  /** Steps, memory and FLOPs: by arithmetic for neural models, from the backend for others. */
  plan(): Promise<TrainPlan>
}

/** Resolves a training job; tokenizes corpora that have no token shards yet. */
export async function prepareTraining(options: TrainOptions): Promise<PreparedTraining> {
  if (options.resume !== undefined) return resumedTraining(options.resume, options)
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
  const runs = resolve(options.runs ?? 'runs')
  const imagined = options.vocabulary === undefined ? undefined : withoutCorpus(manifest)
  for (const corpus of imagined ? [] : manifest.corpora)
    await tokenizeIfNeeded(corpus, manifest, runs, options)
  const context = trainingContext(
    options.manifest ? dirname(resolve(options.manifest)) : process.cwd(),
  )
  const chosen = manifest.backend ?? (await bestBackend(backends, context))
  const opened = await openBackend(backends, chosen, manifest.options, context)
  const resolved = await prepareJob(
    localStorage(),
    imagined ?? manifest,
    opened,
    runs,
    options.planned,
    options.vocabulary,
  )
  const { rewarm } = manifest
  if (rewarm && options.fork === undefined) {
    throw new EtlError('job-invalid', {
      where: options.manifest ?? 'rewarm',
      what: 'rewarm raises the learning rate of a run that is there, so it needs --fork',
      hint: 'Add `--fork <name>`, or remove `rewarm` for a new run.',
    })
  }
  const { fork } = options
  const job = fork === undefined ? resolved : await forked(resolved, options, opened, rewarm)
  return prepared(job, opened, context, manifest.parallel.nodes)
}

/**
 * The job that is in a run folder, for this machine: the folder may have been moved, and so may the
 * corpora, which are then named.
 */
async function resumedTraining(
  folder: string,
  { corpora, planned }: TrainOptions,
): Promise<PreparedTraining> {
  const { chooseDevice, openBackend } = await import('./train/prepare.ts')
  const { readRun } = await import('./train/settle.ts')
  const run = resolve(folder)
  const known = readRun(run)
  const context = trainingContext(process.cwd())
  const { name, options } = known.backend
  const opened = await openBackend(backends, name, options, context)
  await chooseDevice(opened, planned)
  const places = corpora?.map((one) => join(resolve(one), 'tokens', basename(tokensOf(known))))
  const job = { ...known, run, data: places ? moved(known.data, places) : known.data }
  return prepared(job, opened, context, 1)
}

const tokensOf = ({ data }: TrainJob): string => data.corpora[0]?.path ?? ''

/** The data of a job whose token shards are elsewhere. */
function moved(data: TrainJob['data'], places: readonly string[]): TrainJob['data'] {
  if (places.length !== data.corpora.length) {
    throw new EtlError('job-invalid', {
      where: '--corpus',
      what: `the job has ${data.corpora.length} corpora, but ${places.length} are named`,
    })
  }
  const corpora = data.corpora.map((one, index) => ({ ...one, path: places[index] ?? one.path }))
  return { ...data, corpora, tokenizer: { ...data.tokenizer, path: places[0] ?? '' } }
}

/**
 * A manifest to plan with while there is no corpus: its mixture chooses from what is not known yet.
 * Throws `job-invalid` if it does not say how many tokens.
 */
function withoutCorpus(manifest: TrainManifest): TrainManifest {
  if (manifest.tokens !== undefined) return { ...manifest, mixture: [] }
  throw new EtlError('job-invalid', {
    where: '--vocabulary',
    what: 'a plan without a corpus needs a number of tokens',
    hint: 'Add `--tokens <n>`, or `tokens` to the manifest.',
  })
}

/** What is needed to start a job. Throws `job-invalid` for one that the backend cannot train. */
async function prepared(
  job: TrainJob,
  { backend, family, runtime, check }: OpenBackend,
  context: Context,
  nodes: number,
): Promise<PreparedTraining> {
  const broken = check(job)
  if (broken.length > 0)
    throw new EtlError('job-invalid', { where: job.name, what: broken.join('; ') })
  const { openBackend } = await import('./train/prepare.ts')
  const { BASELINES } = await import('./train/run.ts')
  const plan = async (): Promise<TrainPlan> => {
    if (family === 'count') return backend.plan(job)
    const { planNeural } = await import('./train/arithmetic.ts')
    return planNeural(job)
  }
  const counting = async (order: number): Promise<TrainerBackend> =>
    (await openBackend(backends, 'ngram', { order }, context)).backend
  const baselines =
    family === 'neural'
      ? {
          unigrams: await counting(BASELINES.unigrams),
          trigrams: await counting(BASELINES.trigrams),
        }
      : undefined
  return { backend, runtime, job, baselines, nodes, plan }
}

/**
 * Tokenizes a corpus that has no token shards, or those of an earlier state of it. Throws
 * `data-mismatch` if a run that has not finished needs those.
 */
async function tokenizeIfNeeded(
  corpus: string,
  { tokenizer }: Pick<TrainManifest, 'tokenizer'>,
  runs: string,
  { onTokenize }: TrainOptions,
): Promise<void> {
  const { tokensState } = await import('./tokenizer/state.ts')
  const { refuseIfNeeded } = await import('./train/settle.ts')
  const state = await tokensState(localStorage(), corpus, tokenizer)
  if (state.isCurrent) return
  if (state.fingerprint !== undefined) refuseIfNeeded(runs, corpus, state.fingerprint)
  await tokenizeCorpus(corpus, { name: tokenizer, ...(onTokenize && { onEvent: onTokenize }) })
}

/** The job as a fork of the run it names. Throws `job-invalid` for what has no weights. */
async function forked(
  job: TrainJob,
  { fork = '', checkpoint }: TrainOptions,
  { family, runtime }: Pick<OpenBackend, 'family' | 'runtime'>,
  rewarm: TrainManifest['rewarm'],
): Promise<TrainJob> {
  const { forkOf } = await import('./train/settle.ts')
  if (family === 'neural') return forkOf(job, { name: fork, checkpoint, rewarm }, runtime)
  throw new EtlError('job-invalid', {
    where: `--fork ${fork}`,
    what: 'n-grams are counted, and do not continue with other values',
    hint: 'Start a new run with --name.',
  })
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
  // After a failure the folder stays, because the error names a log in it.
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

/**
 * Trains a prepared job, then counts its baselines. Leaves `result.json` and `report.html` behind.
 */
export async function train(
  { job, backend, runtime, baselines }: PreparedTraining,
  signal: AbortSignal,
  onEvent: (event: TrainEvent) => void,
): Promise<{ readonly result: TrainResult; readonly baselines: Baselines }> {
  const { addBaselines } = await import('./train/baseline.ts')
  const { runTraining } = await import('./train/run.ts')
  const result = await runTraining(job, backend, signal, onEvent, runtime)
  return { result, baselines: baselines ? await addBaselines(job, result, baselines, signal) : {} }
}

/**
 * For a run on several nodes, which other programs start: writes its job and, once its events say
 * that it has finished, the report. Returns the result, or undefined while it is not finished.
 */
export async function settleTraining({
  job,
  runtime,
}: PreparedTraining): Promise<TrainResult | undefined> {
  const { settleElsewhere } = await import('./train/run.ts')
  return settleElsewhere(job, runtime)
}

/**
 * Asks whoever trains in the folder `run` to save and stop, to save, or to evaluate, after the step
 * it is at. Throws `run-missing` if there is no run, or no process of this project trains in it.
 */
export async function requestTraining(
  run: string,
  action: 'stop' | 'checkpoint' | 'eval',
): Promise<void> {
  const { requestControl } = await import('./backend/control.ts')
  const { isLocked } = await import('./files/lock.ts')
  const { lockOf } = await import('./train/run.ts')
  const { readRun } = await import('./train/settle.ts')
  const folder = resolve(run)
  const { parallel } = readRun(folder)
  // The processes of several nodes are started by others, and hold no lock.
  if (parallel.ranks === 1 && !(await isLocked(lockOf(folder)))) {
    throw new EtlError('run-missing', {
      where: run,
      what: 'nobody trains here at the moment',
      hint: `\`etl train ${run}\` resumes the run.`,
    })
  }
  requestControl(folder, action)
}

/** What is wrong with a training manifest, and what it names that is not there. */
export interface TrainingProblems {
  readonly problems: readonly string[]
  /** Corpora that have not been built yet. */
  readonly warnings: readonly string[]
}

/**
 * Checks a training manifest: its keys, and whether its backend can train such a job, for which no
 * corpus is needed. Undefined if the file is not a training manifest.
 */
export async function checkTraining(path: string): Promise<TrainingProblems | undefined> {
  const { isTrainManifest, readTrainManifest } = await import('./train/manifest.ts')
  if (!(await isTrainManifest(path))) return undefined
  const problems: string[] = []
  const warnings: string[] = []
  try {
    const { corpora, tokens = 1_000_000_000 } = await readTrainManifest(path)
    const storage = localStorage()
    for (const corpus of corpora)
      if (!(await storage.stat(join(corpus, 'corpus.json')))) warnings.push(`${corpus}: no corpus`)
    await prepareTraining({ manifest: path, planned: true, vocabulary: 64_000, tokens })
  } catch (error) {
    if (!(error instanceof EtlError)) throw error
    problems.push(error.message)
  }
  return { problems, warnings }
}
