import { readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { TokenManifest } from '../../src/core/tokens.ts'
import type { TrainJob } from '../../src/core/train-job.ts'
import { parseTrainManifest } from '../../src/train/manifest.ts'
import { memoryOf } from '../../src/train/memory.ts'
import { resolveJob } from '../../src/train/resolve.ts'
import { brokenRules } from './rules.ts'

/**
 * Thirty jobs with what this side says of them: memory, or why they are refused.
 * `tests/test_memory.py` compares it with what the Python package says.
 */
const FILE = new URL('./tests/plans.jsonl', import.meta.url)

interface Case {
  readonly job: TrainJob
  readonly refused: string | null
  readonly memory: object | null
}

/** A choice for each of thirty jobs, the same in every run. */
function jobs(): TrainJob[] {
  let state = 11
  const pick = <T>(values: readonly T[]): T => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return values[Math.floor((state / 2 ** 32) * values.length)] as T
  }
  return Array.from({ length: 30 }, (_, index) => {
    const [tensor, pipeline] = [pick([1, 1, 1, 2, 2, 7]), pick([1, 1, 1, 1, 2, 40])]
    const data = pick([1, 2, 16])
    const manifest = {
      name: `job-${index}`,
      preset: pick(['cosmos-125m', 'cosmos-1.3b', 'cosmos-2.6b', 'cosmos-2.6b-hd128']),
      tied: pick([true, false, false]),
      tokens: 1_000_000_000,
      precision: pick(['float32', 'bfloat16', 'bfloat16', 'float8']),
      contexts: [{ context: pick([2048, 8192, 131_072]), share: 1 }],
      batch: { microTokens: pick([2048, 16_384]) },
      optimizer: pick(['adamw', 'muon']),
      qkNorm: pick([true, false]),
      documentMask: pick([true, false, false, false]),
      parallel: {
        ranks: data * tensor * pipeline,
        tensor,
        pipeline,
        shard: pick(['none', 'fsdp', 'fsdp']),
      },
    }
    const options = { recompute: pick([false, true, 'selective']), chunkTokens: pick([1024, 4096]) }
    const counts = { documents: 9, tokens: 2e9, textBytes: 8e9, words: 1e9 }
    const group = { group: 'a/prose/en', source: 'a', kind: 'prose', lang: 'en' } as const
    const tokens: TokenManifest = {
      format: 'cosmos-tokens',
      version: 1,
      fingerprint: 'a'.repeat(64),
      corpus: 'c',
      dtype: 'uint16',
      tokenizer: { path: '.', sha256: 'b'.repeat(64), vocab: 64_000, pad: 0, bos: 2, eos: 3 },
      groups: [{ ...group, split: 'train', ...counts }],
      shards: [],
    }
    const backend = {
      name: 'cuda',
      family: 'neural',
      device: 'cuda',
      options,
      runtime: [],
      memoryBytes: 80 * 2 ** 30,
    } as const
    const parsed = parseTrainManifest(manifest, '')
    return resolveJob(parsed, [{ path: '/tokens', manifest: tokens }], backend, '/run')
  })
}

function verdict(job: TrainJob): Case {
  const broken = brokenRules(job)
  const refused = broken.length > 0 ? broken.join('; ') : null
  return { job, refused, memory: refused === null ? memoryOf(job) : null }
}

it('says of thirty jobs what the backend says, which reads the same file', () => {
  const cases = jobs().map(verdict)
  if (process.env.GOLDEN === 'write')
    writeFileSync(FILE, cases.map((one) => `${JSON.stringify(one)}\n`).join(''))
  const lines = readFileSync(FILE, 'utf8').trimEnd().split('\n')
  const known = lines.map((line) => JSON.parse(line) as Case)
  expect(JSON.parse(JSON.stringify(cases))).toEqual(known)
  const refused = known.filter((one) => one.refused !== null)
  expect(refused.length).toBeGreaterThan(8)
  expect(known.length - refused.length).toBeGreaterThan(8)
})
