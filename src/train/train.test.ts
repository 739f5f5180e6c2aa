import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { TokenGroup, TokenManifest } from '../core/tokens.ts'
import { trainEventSchema } from '../core/train-events.ts'
import { trainJobSchema } from '../core/train-job.ts'
import { DEVICES, PF_DAY, planNeural, timeOn, trainingFlops } from './arithmetic.ts'
import { benchJob } from './bench.ts'
import { parseTrainManifest, readTrainManifest } from './manifest.ts'
import { PRESETS, type PresetName, parameterCount, presetArchitecture } from './presets.ts'
import { renderTrainingReport } from './report.ts'
import { type ChosenBackend, resolveJob } from './resolve.ts'
import { type StepsOf, stepsOf } from './steps.ts'

const group = (
  source: string,
  kind: TokenGroup['kind'],
  lang: string,
  tokens: number,
  split: TokenGroup['split'] = 'train',
): TokenGroup => ({
  group: `${source}/${kind}/${lang || 'und'}`,
  source,
  kind,
  lang,
  split,
  documents: 10,
  tokens,
  textBytes: tokens * 4,
  words: tokens,
})

const MANIFEST: TokenManifest = {
  format: 'cosmos-tokens',
  version: 1,
  fingerprint: 'a'.repeat(64),
  corpus: 'c',
  dtype: 'uint16',
  tokenizer: { path: '.', sha256: 'b'.repeat(64), vocab: 64_000, pad: 0, bos: 2, eos: 3 },
  groups: [
    group('wiki', 'prose', 'ar', 1_000_000),
    group('wiki', 'prose', 'en', 3_000_000),
    group('github', 'code', 'python', 2_000_000),
    group('wiki', 'prose', 'ar', 50_000, 'eval'),
    group('wiki', 'prose', 'fr', 10_000, 'eval'),
    group('github', 'code', 'python', 40_000, 'eval'),
  ],
  shards: [],
}
const CUDA: ChosenBackend = {
  name: 'cuda',
  family: 'neural',
  device: 'cuda',
  options: {},
  runtime: [],
  memoryBytes: 80 * 2 ** 30,
}

const resolve = (manifest: object, backend = CUDA) =>
  resolveJob(
    parseTrainManifest(manifest, 'test'),
    [{ path: '/tokens', manifest: MANIFEST }],
    backend,
    '/runs/x',
  )

describe('presets', () => {
  /** Parameters in millions with untied and tied embeddings, computed by hand from the shapes. */
  const expected: Partial<Record<PresetName, readonly [number, number]>> = {
    'cosmos-125m': [183, 134],
    'cosmos-350m': [439, 374],
    'cosmos-1.3b': [1495, 1364],
    'cosmos-2.6b': [2865, 2702],
    'cosmos-2.6b-hd128': [2865, 2702],
    'cosmos-2.6b-literal': [3683, 3519],
  }
  it.each(Object.entries(expected))(
    '%s has the number of parameters its name promises',
    (name, [untied, tied]) => {
      const model = presetArchitecture(name as PresetName, 64_000)
      expect(parameterCount({ ...model, tied: false }).all / 1e6).toBeCloseTo(untied, -1)
      expect(parameterCount({ ...model, tied: true }).all / 1e6).toBeCloseTo(tied, -1)
    },
  )

  it('have heads of an even size, as rotary positions require', () => {
    for (const { width, heads } of Object.values(PRESETS)) expect((width / heads) % 2).toBe(0)
  })
})

describe('arithmetic', () => {
  it('corrects the plan: 2.6B parameters on 250B tokens are 45 PF-days, 45 days on 8 A100', () => {
    const flops = trainingFlops(2.6e9, 250e9)
    expect(flops).toBeCloseTo(3.9e21, -19)
    expect(flops / PF_DAY).toBeCloseTo(45, 0)
    const a100 = DEVICES.find(({ name }) => name === 'A100 80 GB')!
    expect(timeOn(a100, flops, 8).days).toBeCloseTo(45.2, 1)
    expect(timeOn(a100, flops, 8, 3).dollars).toBeCloseTo(45.2 * 24 * 8 * 3, -3)
  })

  it('needs about 46 GB of state for the plan’s model, which fits one card of 80 GB', () => {
    const plan = {
      preset: 'cosmos-2.6b',
      tokens: 250_000_000_000,
      mixture: [{ name: 'all', weight: 1 }],
    }
    const memory = (changes: object, options = {}) =>
      planNeural(resolve({ ...plan, ...changes }, { ...CUDA, options }))
    const card = 80 * 2 ** 30
    expect((memory({}).parameters * 16) / 1e9).toBeCloseTo(45.8, 0)
    expect(memory({}).memoryBytes).toBeGreaterThan(card)
    expect(memory({ batch: { microTokens: 4096 } }).memoryBytes).toBeLessThan(card)
    expect(memory({}, { recompute: true }).memoryBytes).toBeLessThan(card)
  })

  it('estimates the steps of order 1 as the releases did that made its jobs', () => {
    const batch = { startTokens: 100, tokens: 100, rampTokens: 0, microTokens: 100 }
    const data = { tokens: 1000, order: 1, mixture: [] } as const
    expect(stepsOf({ batch, data, stages: [] })).toBe(10)
    const ramp = { ...batch, startTokens: 50, rampTokens: 500 }
    expect(stepsOf({ batch: ramp, data, stages: [] })).toBe(13)
  })

  it('counts the steps of order 2 as the backend does', () => {
    const file = new URL('../../plugins/torch/tests/steps.json', import.meta.url)
    const cases = JSON.parse(readFileSync(file, 'utf8')) as (StepsOf & {
      mixture: { available: number; tokens: number }[]
      steps: number
    })[]
    for (const { mixture, stages, batch, steps } of cases) {
      const pools = mixture.map((pool) => ({ name: '', groups: [], ...pool }))
      const tokens = mixture.reduce((sum, pool) => sum + pool.tokens, 0)
      expect(stepsOf({ batch, stages, data: { tokens, mixture: pools, order: 2 } })).toBe(steps)
    }
    expect(cases).toHaveLength(5)
  })
})

describe('jobs', () => {
  it('are complete: a resolved job passes the schema of job.json', () => {
    const job = resolve({})
    expect(trainJobSchema.parse(JSON.parse(JSON.stringify(job)))).toEqual(job)
    expect(job.data).toMatchObject({
      tokens: 6_000_000,
      mixture: [{ name: 'all', tokens: 6_000_000 }],
    })
    expect(job.eval.slices.map(({ name }) => name)).toEqual(['ar', 'code', 'other'])
  })

  it('repeat a small corpus for the smallest preset, unless the manifest says otherwise', () => {
    const small = {
      ...MANIFEST,
      groups: [group('wiki', 'prose', 'en', 20_000), group('wiki', 'prose', 'ar', 10_000)],
    }
    const tiny = (manifest: object, backend = CUDA) =>
      resolveJob(
        parseTrainManifest(manifest, ''),
        [{ path: '/tokens', manifest: small }],
        backend,
        '/runs/x',
      )
    const job = tiny({})
    expect(job).toMatchObject({
      preset: 'tiny',
      batch: { startTokens: 512, tokens: 512, rampTokens: 0 },
    })
    expect(job).toMatchObject({
      stages: [{ context: 256, tokens: 150_000 }],
      schedule: { totalSteps: 293 },
    })
    expect(job.model.dropout).toBe(0)
    expect(tiny({ tokens: 9000 }).data.tokens).toBe(9000)
    expect(tiny({ mixture: [{ name: 'all', epochs: 2 }] }).data.tokens).toBe(60_000)
    expect(tiny({ mixture: [{ name: 'a', languages: ['ar'], weight: 1 }] }).data.tokens).toBe(
      150_000,
    )
    expect(tiny({}, { ...CUDA, family: 'count' as never }).data.tokens).toBe(30_000)
    expect(resolve({}).data.tokens).toBe(6_000_000)
  })

  it('for timing have the manifest’s model, random ids and a step of several passes', () => {
    const job = benchJob(parseTrainManifest({ preset: 'cosmos-1.3b' }, ''), CUDA, '/bench')
    expect(trainJobSchema.parse(JSON.parse(JSON.stringify(job)))).toEqual(job)
    expect(job).toMatchObject({
      preset: 'cosmos-1.3b',
      model: { vocab: 64_000 },
      stages: [{ context: 2048 }],
    })
    expect(job.batch).toEqual({
      startTokens: 32_768,
      tokens: 32_768,
      rampTokens: 0,
      microTokens: 16_384,
    })
    const own = benchJob(
      parseTrainManifest({ batch: { tokens: 65_536 } }, ''),
      { ...CUDA, device: 'cpu' },
      '/bench',
    )
    expect(own).toMatchObject({ preset: 'tiny', batch: { tokens: 65_536 } })
  })

  it('divide tokens by weight, epochs and budget; a group goes to the first match', () => {
    const { mixture } = resolve({
      tokens: 10_000_000,
      mixture: [
        { name: 'arabic', languages: ['ar'], epochs: 2 },
        { name: 'code', kinds: ['code'], tokens: 500_000 },
        { name: 'rest', weight: 1 },
      ],
    }).data
    expect(mixture).toEqual([
      { name: 'arabic', groups: ['wiki/prose/ar'], available: 1_000_000, tokens: 2_000_000 },
      { name: 'code', groups: ['github/code/python'], available: 2_000_000, tokens: 500_000 },
      { name: 'rest', groups: ['wiki/prose/en'], available: 3_000_000, tokens: 7_500_000 },
    ])
    expect(() => resolve({ mixture: [{ name: 'x', sources: ['none'] }] })).toThrow(
      /matches no text/,
    )
    expect(() => resolve({ mixture: [{ name: 'x', weight: 1, epochs: 1 }] })).toThrow(
      /exclude each other/,
    )
  })

  it('take the plan’s numbers for the plan’s model', () => {
    const job = resolve({
      preset: 'cosmos-2.6b',
      tokens: 250_000_000_000,
      mixture: [{ name: 'all', weight: 1 }],
    })
    expect(job.schedule).toMatchObject({ type: 'cosine', peak: 3e-4, warmupSteps: 2000 })
    expect(job.schedule.final).toBeCloseTo(3e-5)
    expect(job.batch).toMatchObject({ startTokens: 524_288, tokens: 4_194_304 })
    expect(job.checkpoints).toEqual({
      everyTokens: 5e9,
      everySeconds: 1800,
      keep: 2,
      keepPermanent: 0,
    })
    expect(job.optimizer).toMatchObject({ weightDecay: 0.1, clip: 1, beta2: 0.95 })
    expect(job.model).toMatchObject({ ropeTheta: 10_000, ffn: 6912, heads: 32, dropout: 0.1 })
  })

  it('pick the largest model that memory and data allow', () => {
    expect(resolve({}).preset).toBe('tiny')
    expect(resolve({ tokens: 20_000_000_000 }).preset).toBe('cosmos-1.3b')
    expect(resolve({ tokens: 100_000_000_000 }).preset).toBe('cosmos-2.6b')
    expect(
      resolve({ tokens: 100_000_000_000 }, { ...CUDA, memoryBytes: 24 * 2 ** 30 }).preset,
    ).toBe('cosmos-350m')
  })

  it('have another hash if they compute something else, and the same at other speeds', () => {
    const { hash } = resolve({ preset: 'cosmos-125m' })
    const others = [
      { optimizer: 'muon' },
      { zLoss: 1e-4 },
      { qkNorm: true },
      { documentMask: true },
      { precision: 'float8' },
      { learningRate: 1e-4 },
    ]
    for (const other of others)
      expect(resolve({ preset: 'cosmos-125m', ...other }).hash).not.toBe(hash)
    const same = [{ compile: false }, { name: 'x' }, { batch: { microTokens: 2048 } }]
    for (const one of same) expect(resolve({ preset: 'cosmos-125m', ...one }).hash).toBe(hash)
  })

  it('keep their hash with other paths and devices, and change it with other data', () => {
    const job = resolve({})
    expect(resolve({ parallel: { ranks: 8 }, checkpoints: { keep: 5 } }).hash).toBe(job.hash)
    expect(resolve({ seed: 2 }).hash).not.toBe(job.hash)
    const other = { ...MANIFEST, fingerprint: 'd'.repeat(64) }
    const moved = resolveJob(
      parseTrainManifest({}, ''),
      [{ path: '/elsewhere', manifest: MANIFEST }],
      CUDA,
      '/runs/y',
    )
    expect(moved.hash).toBe(job.hash)
    expect(
      resolveJob(
        parseTrainManifest({}, ''),
        [{ path: '/tokens', manifest: other }],
        CUDA,
        '/runs/x',
      ).hash,
    ).not.toBe(job.hash)
  })

  it('reject impossible settings and list all problems at once', () => {
    expect(() => parseTrainManifest({ sead: 1, preset: 'huge' }, 'm.json')).toThrow(
      /m\.json: 2 problems/,
    )
    expect(() => resolve({ parallel: { ranks: 8, tensor: 3 } })).toThrow(/cannot be divided/)
    expect(() => resolve({ parallel: { ranks: 8, nodes: 3 } })).toThrow(
      /8 ranks cannot be divided among 3 nodes/,
    )
  })
})

it('reports what was trained on by component and source, and what was left out', () => {
  const envelope = { v: 1, seq: 0, t: 0 }
  const mixture = trainEventSchema.parse({
    ...envelope,
    type: 'mixture',
    components: [{ name: 'all', tokens: 5_998_592, epochs: 0.9998, leftOut: 1408 }],
    sources: [
      { name: 'github', tokens: 1_999_000, epochs: 0.9995 },
      { name: 'wiki', tokens: 3_999_592, epochs: 1.25 },
    ],
  })
  const progress = {
    protocol: 1,
    exitCode: 0,
    outcome: 'done',
    step: 9,
    tokens: 5_998_592,
  } as const
  const result = { ...progress, checkpoint: null, slices: [], contamination: null, error: null }
  const page = renderTrainingReport(resolve({}), result, [mixture])
  for (const cell of ['1,408', '5,998,592', 'github', '1,999,000', 'wiki', '1.25'])
    expect(page).toMatch(new RegExp(`<td[^>]*>${cell}</td>`))
  // Backends of earlier releases say neither.
  const components = [{ name: 'all', tokens: 1, epochs: 1 }]
  expect(trainEventSchema.parse({ ...envelope, type: 'mixture', components })).toMatchObject({
    components: [{ leftOut: 0 }],
    sources: [],
  })
})

it('accepts every manifest that is shipped', async () => {
  const folder = fileURLToPath(new URL('../../manifests/train', import.meta.url))
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'))
  expect(names).toContain('cosmos-2.6b.json')
  for (const name of names)
    await expect(readTrainManifest(join(folder, name)), name).resolves.toBeDefined()
})
