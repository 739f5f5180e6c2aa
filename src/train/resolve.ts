import { join } from 'node:path'
import { EtlError } from '../core/errors.ts'
import type { TokenManifest } from '../core/tokens.ts'
import { type Architecture, PROTOCOL, type TrainJob } from '../core/train-job.ts'
import { hashOf, identityOf } from './identity.ts'
import type { TrainManifest } from './manifest.ts'
import { evalSlices, repeated, resolveMixture, sumOf } from './mixture.ts'
import {
  PRESETS,
  type PresetName,
  type PresetTraining,
  presetArchitecture,
  presetTraining,
} from './presets.ts'
import { stepsOf } from './steps.ts'

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
  /** Names of options that change no result, see `BackendComponent`. */
  readonly runtime: readonly string[]
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
 * `order` is the version of the data order; a run that has begun keeps its own.
 * Throws `job-invalid`, or `data-mismatch` if the corpora have different tokenizers.
 */
export function resolveJob(
  manifest: TrainManifest,
  corpora: readonly OpenTokens[],
  backend: ChosenBackend,
  run: string,
  order: TrainJob['data']['order'] = 2,
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
  const stages = resolveStages(contexts, tokens)
  const steps = Math.max(1, stepsOf({ batch, data: { tokens, mixture, order }, stages }))
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
      documentMask: manifest.documentMask,
      order,
    },
    preset,
    model,
    optimizer: {
      type: manifest.optimizer,
      beta1: 0.9,
      beta2: 0.95,
      eps: 1e-8,
      weightDecay: manifest.weightDecay,
      clip: manifest.clip,
      momentum: 0.95,
      zLoss: manifest.zLoss,
    },
    schedule: {
      type: manifest.schedule,
      peak: learningRate,
      final: learningRate * manifest.finalLearningRate,
      warmupSteps: Math.min(manifest.warmupSteps, Math.max(1, Math.floor(steps / 10))),
      warmupFrom: 0,
      totalSteps: steps,
      ...decayOf(manifest, steps),
    },
    batch,
    stages,
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
    hash: hashOf(identityOf(body, backend.runtime)),
    run,
    start: null,
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

/** Only `wsd` has a decay of its own length and shape. */
function decayOf(
  { schedule, decayShare, decayShape }: TrainManifest,
  steps: number,
): Pick<TrainJob['schedule'], 'decaySteps' | 'decayShape'> {
  if (schedule !== 'wsd') return { decaySteps: 0, decayShape: 'linear' }
  return { decaySteps: Math.max(1, Math.round(steps * decayShare)), decayShape }
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
  const { tied = base.tied, dropout = base.dropout, qkNorm } = manifest
  return { ...base, tied, dropout, qkNorm }
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
