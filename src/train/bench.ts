import type { TokenManifest } from '../core/tokens.ts'
import type { TrainJob } from '../core/train-job.ts'
import type { TrainManifest } from './manifest.ts'
import { type ChosenBackend, resolveJob } from './resolve.ts'

/**
 * Tokens of one timed step unless the manifest sets them: several passes, so that the optimizer's
 * share is small.
 */
const STEP_TOKENS = 32_768

/** A job for timing steps: the one the manifest resolves to, with random ids instead of data. */
export function benchJob(manifest: TrainManifest, backend: ChosenBackend, run: string): TrainJob {
  const preset = manifest.preset ?? (backend.device === 'cuda' ? 'cosmos-125m' : 'tiny')
  const tokens = { path: run, manifest: randomTokens(preset === 'tiny' ? 1024 : 64_000) }
  const open = {
    ...manifest,
    preset,
    mixture: [],
    tokens: undefined,
    name: manifest.name ?? 'bench',
  }
  const job = resolveJob(open, [tokens], backend, run)
  const size = manifest.batch.tokens ?? Math.min(job.batch.tokens, STEP_TOKENS)
  return { ...job, batch: { ...job.batch, startTokens: size, tokens: size, rampTokens: 0 } }
}

function randomTokens(vocab: number): TokenManifest {
  const tokens = 1e12
  const group = {
    group: 'random/prose/und',
    source: 'random',
    kind: 'prose',
    lang: '',
    split: 'train',
  } as const
  return {
    format: 'cosmos-tokens',
    version: 1,
    fingerprint: '0'.repeat(64),
    corpus: 'random',
    dtype: 'uint16',
    tokenizer: { path: '.', sha256: '0'.repeat(64), vocab, pad: 0, bos: 2, eos: 3 },
    groups: [{ ...group, documents: 1, tokens, textBytes: tokens, words: tokens }],
    shards: [],
  }
}
