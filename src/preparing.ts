import { basename, dirname, join, resolve } from 'node:path'
import type { Context } from './core/component.ts'
import { EtlError } from './core/errors.ts'
import type { TrainJob } from './core/train-job.ts'
import type { TrainerBackend, TrainPlan } from './core/trainer.ts'
import { localStorage } from './files/local-storage.ts'
import { backends } from './registry.ts'
import type { TokenizeOptions } from './tokenizer/tokenize.ts'
import { tokenizeCorpus } from './tokenizing.ts'
import { trainingContext } from './train/context.ts'
import type { TrainManifest } from './train/manifest.ts'
import type { OpenBackend } from './train/prepare.ts'
import type { Baseline } from './train/run.ts'

/** From a training manifest, or a run, to a job that can be planned or started. */

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
