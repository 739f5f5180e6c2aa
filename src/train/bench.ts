import type { TrainJob } from '../core/train-job.ts'
import { imaginedTokens } from './imagined.ts'
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
  const tokens = { path: run, manifest: imaginedTokens(preset === 'tiny' ? 1024 : 64_000) }
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
