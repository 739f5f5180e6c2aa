import type { Architecture } from '../core/train-job.ts'

type Shape = Pick<Architecture, 'layers' | 'width' | 'heads' | 'ffn'> & { readonly tied: boolean }

/**
 * Model sizes by name. The FFN is about ⅔·4·width, rounded to sizes that suit tensor cores, because
 * SwiGLU has three matrices where the plan's "4·width" counts two. Only this way do 32 layers of
 * width 2,560 make a model of 2.6 billion parameters. `-literal` follows the plan to the letter;
 * `-hd128` has heads of size 128, which attention kernels prefer.
 */
export const PRESETS = {
  tiny: { layers: 4, width: 256, heads: 4, ffn: 768, tied: true },
  'cosmos-125m': { layers: 12, width: 768, heads: 12, ffn: 2048, tied: true },
  'cosmos-125m-hd128': { layers: 12, width: 768, heads: 6, ffn: 2048, tied: true },
  'cosmos-350m': { layers: 24, width: 1024, heads: 16, ffn: 2816, tied: true },
  'cosmos-350m-hd128': { layers: 24, width: 1024, heads: 8, ffn: 2816, tied: true },
  'cosmos-1.3b': { layers: 24, width: 2048, heads: 16, ffn: 5632, tied: false },
  'cosmos-2.6b': { layers: 32, width: 2560, heads: 32, ffn: 6912, tied: false },
  'cosmos-2.6b-hd128': { layers: 32, width: 2560, heads: 20, ffn: 6912, tied: false },
  'cosmos-2.6b-literal': { layers: 32, width: 2560, heads: 32, ffn: 10_240, tied: false },
} as const satisfies Record<string, Shape>

/** Name of a model size. */
export type PresetName = keyof typeof PRESETS

/** Training defaults of a preset, for what a manifest does not set. */
export interface PresetTraining {
  readonly context: number
  readonly learningRate: number
  readonly dropout: number
  /** Maximum tokens per optimizer step. */
  readonly batchTokens: number
  /** Tokens per step at the beginning; the batch grows from there. */
  readonly startTokens: number
  /** A corpus with fewer tokens is repeated up to this many. */
  readonly leastTokens: number
}

const PLANNED = { context: 2048, learningRate: 3e-4, dropout: 0.1, leastTokens: 0 }
const SMALL: PresetTraining = { ...PLANNED, batchTokens: 524_288, startTokens: 524_288 }
const LARGE: PresetTraining = { ...PLANNED, batchTokens: 4_194_304, startTokens: 524_288 }

/**
 * For laptops and tests: a minute or two on two cores for any corpus. It takes many small steps,
 * because that suits a small model.
 */
const TINY: PresetTraining = {
  context: 256,
  learningRate: 2e-3,
  dropout: 0,
  batchTokens: 512,
  startTokens: 512,
  leastTokens: 150_000,
}

/**
 * Training defaults of a preset: the plan's 0.5M → 4M tokens per step for the large models, 0.5M
 * for the others.
 */
export function presetTraining(name: PresetName): PresetTraining {
  if (name === 'tiny') return TINY
  return name.startsWith('cosmos-1.3b') || name.startsWith('cosmos-2.6b') ? LARGE : SMALL
}

/** The architecture of a preset for a vocabulary, with the plan's constants. */
export function presetArchitecture(name: PresetName, vocab: number): Architecture {
  const { heads, ...shape } = PRESETS[name]
  const { dropout } = presetTraining(name)
  return {
    ...shape,
    heads,
    kvHeads: heads,
    vocab,
    ropeTheta: 10_000,
    normEps: 1e-5,
    dropout,
    initStd: 0.02,
    qkNorm: false,
  }
}

/** Number of parameters of a model, in total and without the embeddings. */
export function parameterCount(model: Architecture): {
  readonly all: number
  readonly body: number
} {
  const { layers, width, heads, kvHeads, ffn, vocab, tied, qkNorm } = model
  const keys = (width / heads) * kvHeads
  const norms = 2 * width + (qkNorm ? (2 * width) / heads : 0)
  const attention = 2 * width * width + 2 * width * keys
  const body = layers * (attention + 3 * width * ffn + norms) + width
  return { body, all: body + vocab * width * (tied ? 1 : 2) }
}
