import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { canonicalJson } from '../core/canonical-json.ts'
import { EtlError } from '../core/errors.ts'
import type { TokenGroup, TokenManifest } from '../core/tokens.ts'
import {
  type Architecture,
  type EvalSlice,
  type MixtureComponent,
  PROTOCOL,
  type TrainJob,
} from '../core/train-job.ts'
import { stepsOf } from './arithmetic.ts'
import type { TrainManifest } from './manifest.ts'
import {
  PRESETS,
  type PresetName,
  type PresetTraining,
  presetArchitecture,
  presetTraining,
} from './presets.ts'

/** An opened folder of token shards. */
export interface OpenTokens {
  /** Absolute. */
  readonly path: string
  readonly manifest: TokenManifest
}

/** What the machine decides rather than the manifest. */
export interface ChosenBackend {
  readonly name: string
  readonly family: 'neural' | 'count'
  readonly device: 'cpu' | 'cuda' | 'mps'
  readonly options: TrainJob['backend']['options']
  /** Memory of one device in bytes; it limits the preset. */
  readonly memoryBytes: number
}

/** Bytes per parameter in training: weights, gradients and two moments in fp32. */
const BYTES_PER_PARAMETER = 16
/**
 * Minimum tokens per parameter for a larger model to pay off (Hoffmann et al. 2022: about 20; half
 * of that here).
 */
const TOKENS_PER_PARAMETER = 10

/**
 * Resolves a manifest into a job that leaves nothing open. `run` is the absolute folder of the run.
 * Throws `job-invalid`, or `data-mismatch` if the corpora have different tokenizers.
 */
export function resolveJob(
  manifest: TrainManifest,
  corpora: readonly OpenTokens[],
  backend: ChosenBackend,
  run: string,
): TrainJob {
  const first = sameTokenizer(corpora)
  const { tokenizer } = first.manifest
  const groups = corpora.flatMap(({ manifest: tokens }) => tokens.groups)
  const train = groups.filter(({ split }) => split === 'train')
  const once = resolveMixture(manifest, train, run)
  const preset = manifest.preset ?? presetFor(backend, sumOf(once), tokenizer.vocab)
  const training = presetTraining(preset)
  const mixture =
    backend.family === 'neural' ? repeated(manifest, once, training.leastTokens) : once
  const tokens = sumOf(mixture)
  const model = architectureOf(manifest, preset, tokenizer.vocab)
  const contexts = manifest.contexts ?? [{ context: training.context, share: 1 }]
  const batch = resolveBatch(manifest, contexts, training, tokens)
  const learningRate = manifest.learningRate ?? training.learningRate
  const steps = Math.max(1, stepsOf({ batch, data: { tokens } }))
  const cuda = backend.device === 'cuda'
  const body = {
    name:
      manifest.name ?? (backend.family === 'count' ? backend.name : `${backend.name}-${preset}`),
    seed: manifest.seed,
    data: {
      corpora: corpora.map(({ path, manifest: { fingerprint } }) => ({ path, fingerprint })),
      tokenizer: {
        path: join(first.path, tokenizer.path),
        sha256: tokenizer.sha256,
        vocab: tokenizer.vocab,
        pad: tokenizer.pad,
        bos: tokenizer.bos,
        eos: tokenizer.eos,
      },
      mixture,
      tokens,
    },
    preset,
    model,
    optimizer: {
      type: 'adamw' as const,
      beta1: 0.9,
      beta2: 0.95,
      eps: 1e-8,
      weightDecay: manifest.weightDecay,
      clip: manifest.clip,
    },
    schedule: {
      type: manifest.schedule,
      peak: learningRate,
      final: learningRate * manifest.finalLearningRate,
      warmupSteps: Math.min(manifest.warmupSteps, Math.max(1, Math.floor(steps / 10))),
      totalSteps: steps,
    },
    batch,
    stages: resolveStages(contexts, tokens),
    backend: {
      name: backend.name,
      device: backend.device,
      precision: manifest.precision ?? (cuda ? ('bfloat16' as const) : ('float32' as const)),
      compile: manifest.compile ?? cuda,
      options: backend.options,
    },
  }
  return {
    protocol: PROTOCOL,
    task: 'train',
    hash: jobHash(body),
    run,
    ...body,
    spikes: { window: 128, sigmas: 6 },
    eval: {
      everyTokens: manifest.eval.everyTokens,
      slices: evalSlices(groups, manifest.eval.tokens),
    },
    checkpoints: manifest.checkpoints,
    parallel: resolveParallel(manifest),
    budget: { seconds: manifest.budgetSeconds },
    log: { everySteps: 1 },
    sample: { everyTokens: 0, tokens: 64, prompts: [] },
  }
}

function sameTokenizer(corpora: readonly OpenTokens[]): OpenTokens {
  const [first, ...others] = corpora
  if (!first) throw new EtlError('job-invalid', { what: 'no corpus to train on' })
  for (const { path, manifest } of others) {
    if (manifest.tokenizer.sha256 === first.manifest.tokenizer.sha256) continue
    throw new EtlError('data-mismatch', {
      where: path,
      what: `tokenized with another vocabulary than ${first.path}`,
      hint: `Run \`etl tokenize --tokenizer ${first.path}\` on it.`,
    })
  }
  return first
}

/**
 * Hash of everything that determines the result of a run. Paths, parallelism and how often state is
 * saved are not included.
 */
function jobHash(
  body: Pick<
    TrainJob,
    'name' | 'seed' | 'backend' | 'data' | 'model' | 'optimizer' | 'schedule' | 'stages' | 'batch'
  >,
): string {
  const { data, batch, ...rest } = body
  const { microTokens: _, ...steps } = batch
  const { path: __, ...tokenizer } = data.tokenizer
  const facts = {
    name: rest.name,
    seed: rest.seed,
    backend: rest.backend,
    model: rest.model,
    optimizer: rest.optimizer,
    schedule: rest.schedule,
    stages: rest.stages,
    batch: steps,
    corpora: data.corpora.map(({ fingerprint }) => fingerprint),
    tokenizer,
    mixture: data.mixture,
  }
  return createHash('sha256').update(canonicalJson(facts)).digest('hex')
}

/**
 * Divides the groups among the entries of the mixture: each goes to the first entry that matches
 * it. Groups without a match are not used.
 */
function resolveMixture(
  manifest: TrainManifest,
  train: readonly TokenGroup[],
  where: string,
): MixtureComponent[] {
  const entries = manifest.mixture.length > 0 ? manifest.mixture : [{ name: 'all', epochs: 1 }]
  const taken = new Set<string>()
  const pools = entries.map((entry) => {
    const groups = [
      ...new Set(train.filter((group) => matches(entry, group)).map(({ group }) => group)),
    ]
    const own = groups.filter((group) => !taken.has(group))
    for (const group of own) taken.add(group)
    const available = train
      .filter(({ group }) => own.includes(group))
      .reduce((sum, { tokens }) => sum + tokens, 0)
    if (available === 0) {
      throw new EtlError('job-invalid', {
        where,
        what: `mixture "${entry.name}" matches no text of the train split`,
      })
    }
    return { entry, groups: own, available }
  })
  const fixed = pools.map(({ entry, available }) =>
    'weight' in entry && entry.weight !== undefined
      ? undefined
      : ('tokens' in entry && entry.tokens) || Math.round(available * (entry.epochs ?? 1)),
  )
  const weights = pools.map(({ entry }) => ('weight' in entry ? (entry.weight ?? 0) : 0))
  const weightSum = weights.reduce((sum, weight) => sum + weight, 0)
  const fixedSum = fixed.reduce<number>((sum, tokens) => sum + (tokens ?? 0), 0)
  const weighted = pools.reduce(
    (sum, { available }, index) => sum + (weights[index] ? available : 0),
    0,
  )
  const rest = manifest.tokens === undefined ? weighted : Math.max(0, manifest.tokens - fixedSum)
  const tokens = pools.map(
    (_, index) => fixed[index] ?? Math.round((rest * (weights[index] ?? 0)) / weightSum),
  )
  const sum = tokens.reduce((all, one) => all + one, 0)
  // With a total and no weights, all entries are scaled to it.
  const scale = manifest.tokens !== undefined && weightSum === 0 ? manifest.tokens / sum : 1
  return pools.map(({ entry, groups, available }, index) => ({
    name: entry.name,
    groups,
    available,
    tokens: Math.max(1, Math.round((tokens[index] ?? 0) * scale)),
  }))
}

/**
 * Repeats a mixture without given amounts until a model of the preset has enough tokens to learn
 * from.
 */
function repeated(
  manifest: TrainManifest,
  once: MixtureComponent[],
  leastTokens: number,
): MixtureComponent[] {
  const isOpen =
    manifest.tokens === undefined &&
    manifest.mixture.every(({ epochs, tokens }) => !(epochs || tokens))
  const times = leastTokens / sumOf(once)
  if (!isOpen || times <= 1) return once
  return once.map((component) => ({ ...component, tokens: Math.round(component.tokens * times) }))
}

const sumOf = (mixture: readonly MixtureComponent[]): number =>
  mixture.reduce((sum, { tokens }) => sum + tokens, 0)

type MixtureEntry = Partial<
  Pick<TrainManifest['mixture'][number], 'sources' | 'languages' | 'kinds'>
>

function matches(
  { sources, languages, kinds }: MixtureEntry,
  { source, lang, kind }: TokenGroup,
): boolean {
  if (sources && !sources.includes(source)) return false
  if (languages && !languages.includes(lang || 'und')) return false
  return !kinds || kinds.includes(kind)
}

/** The largest model that fits the device and for which there is enough data. */
function presetFor(
  { family, memoryBytes }: ChosenBackend,
  tokens: number,
  vocab: number,
): PresetName {
  if (family === 'count') return 'tiny'
  const ladder: readonly PresetName[] = ['cosmos-2.6b', 'cosmos-1.3b', 'cosmos-350m', 'cosmos-125m']
  const fits = ladder.find((name) => {
    const { layers, width } = PRESETS[name]
    const parameters = 12 * layers * width * width + 2 * vocab * width
    return (
      parameters * BYTES_PER_PARAMETER < memoryBytes * 0.8 &&
      parameters * TOKENS_PER_PARAMETER < tokens
    )
  })
  return fits ?? 'tiny'
}

function architectureOf(manifest: TrainManifest, preset: PresetName, vocab: number): Architecture {
  const base = presetArchitecture(preset, vocab)
  return { ...base, tied: manifest.tied ?? base.tied, dropout: manifest.dropout ?? base.dropout }
}

type Contexts = NonNullable<TrainManifest['contexts']>

/** Chooses the batch so that there are at least fifty steps: a small corpus gets smaller ones. */
function resolveBatch(
  { batch }: TrainManifest,
  contexts: Contexts,
  { batchTokens, startTokens }: PresetTraining,
  tokens: number,
): TrainJob['batch'] {
  const context = Math.max(...contexts.map((stage) => stage.context))
  const whole = (value: number): number => Math.max(1, Math.round(value / context)) * context
  const size = batch.tokens ?? whole(Math.min(batchTokens, Math.max(context, tokens / 50)))
  const start = batch.startTokens ?? Math.min(size, whole(startTokens))
  const ramp = batch.rampTokens ?? (start === size ? 0 : Math.round(tokens * 0.02))
  return {
    startTokens: start,
    tokens: size,
    rampTokens: ramp,
    microTokens: batch.microTokens ?? Math.min(size, whole(16_384)),
  }
}

function resolveStages(contexts: Contexts, tokens: number): TrainJob['stages'] {
  const sum = contexts.reduce((all, { share }) => all + share, 0)
  return contexts.map(({ context, share }) => ({
    context,
    tokens: Math.max(1, Math.round((tokens * share) / sum)),
  }))
}

function resolveParallel({ parallel }: TrainManifest): TrainJob['parallel'] {
  const { ranks, nodes, shard, tensor, pipeline } = parallel
  if (ranks % nodes !== 0) {
    throw new EtlError('job-invalid', {
      where: 'parallel',
      what: `${ranks} ranks cannot be divided among ${nodes} nodes`,
    })
  }
  if (ranks % (tensor * pipeline) !== 0) {
    const what = `${ranks} ranks cannot be divided into tensor ${tensor} × pipeline ${pipeline}`
    throw new EtlError('job-invalid', { where: 'parallel', what })
  }
  return { ranks, shard, tensor, pipeline, data: ranks / (tensor * pipeline) }
}

/**
 * Frozen held-out slices: ar, en, code and the rest. They come from the eval split, or from test if
 * eval is empty.
 */
export function evalSlices(groups: readonly TokenGroup[], tokens: number): EvalSlice[] {
  const split = groups.some((group) => group.split === 'eval') ? 'eval' : 'test'
  const own = groups.filter((group) => group.split === split)
  const names = ['ar', 'en', 'code', 'other']
  const sliceOf = ({ kind, lang }: TokenGroup): string =>
    kind === 'code' ? 'code' : lang === 'ar' || lang === 'en' ? lang : 'other'
  return names.flatMap((name) => {
    const members = [
      ...new Set(own.filter((group) => sliceOf(group) === name).map(({ group }) => group)),
    ]
    return members.length > 0 ? [{ name, split, groups: members, tokens }] : []
  })
}
