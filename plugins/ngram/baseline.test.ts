import { mkdtemp, readFile, rm, stat, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { testContext } from '../../src/testing/context.ts'
import { sampleCorpusTexts, tokenizeTestCorpus, writeTestCorpus } from '../../src/testing/tokens.ts'
import { addBaselines, baselineJob } from '../../src/train/baseline.ts'
import { parseTrainManifest } from '../../src/train/manifest.ts'
import { resolveJob } from '../../src/train/resolve.ts'
import { runTraining } from '../../src/train/run.ts'
import { openData } from './documents.ts'
import { ngram } from './index.ts'

let corpus = ''
let runs = ''
let tokens: Awaited<ReturnType<typeof tokenizeTestCorpus>>
beforeAll(async () => {
  corpus = await writeTestCorpus(sampleCorpusTexts())
  tokens = await tokenizeTestCorpus(corpus)
  runs = await mkdtemp(join(tmpdir(), 'etl-runs-'))
})
afterAll(async () => {
  await rm(corpus, { recursive: true })
  await rm(runs, { recursive: true })
})

const signal = new AbortController().signal
const make = (order: number) => ngram.create({ order }, testContext('/'))
const counting = async () => ({ unigrams: await make(1), trigrams: await make(3) })

/** A finished run whose own model, bigrams, differs from the baselines. */
async function finishedRun(name: string) {
  const backend = {
    name: 'ngram',
    family: 'count',
    device: 'cpu',
    options: { order: 2 },
    runtime: [],
    memoryBytes: 1e9,
  } as const
  const opened = [{ path: tokens.folder, manifest: tokens.manifest }]
  const run = join(runs, name)
  const job = { ...resolveJob(parseTrainManifest({ name }, ''), opened, backend, run), run }
  return { job, result: await runTraining(job, await make(2), signal, () => undefined) }
}

it('is reported for every slice, on the same tokens, and is trained only once', async () => {
  const { job, result } = await finishedRun('scored')
  const report = () => readFile(join(job.run, 'report.html'), 'utf8')
  expect(await report()).not.toContain('trigrams')
  const baselines = await addBaselines(job, result, await counting(), signal)
  const sizes = (slices: typeof result.slices = []) =>
    slices.map(({ slice, tokens: count }) => ({ slice, count }))
  for (const name of ['unigrams', 'trigrams'] as const) {
    expect(sizes(baselines[name]?.slices)).toEqual(sizes(result.slices))
    for (const { slice, perplexity } of baselines[name]?.slices ?? []) {
      expect(await report()).toContain(`<td>${slice}, ${name}</td>`)
      expect(await report()).toContain(`>${perplexity.toFixed(2)}</td>`)
    }
  }

  const path = join(job.run, 'baseline/trigrams/result.json')
  const before = await stat(path)
  expect(await addBaselines(job, result, await counting(), signal)).toEqual(baselines)
  expect((await stat(path)).mtimeMs).toBe(before.mtimeMs)
  // A run that ends again rewrites its report, baselines included.
  await runTraining(job, await make(2), signal, () => undefined)
  expect(await report()).toContain('trigrams</td>')
})

it('of unigrams scores like plain token frequencies', async () => {
  const { job, result } = await finishedRun('frequencies')
  const { unigrams } = await addBaselines(job, result, await counting(), signal)
  const data = await openData(testContext('/').storage, job)
  const { vocab, bos } = job.data.tokenizer
  const counts = new Float64Array(vocab)
  for await (const { ids, start, end } of data.documents(
    'train',
    job.data.mixture.flatMap(({ groups }) => groups),
  ))
    for (let at = start + 1; at < end; at++) counts[ids[at] ?? 0]! += 1
  const total = counts.reduce((sum, count) => sum + count, 0)
  expect(counts[bos ?? 0]).toBe(0)
  for (const { name, groups } of job.eval.slices) {
    let nats = 0
    let tokens = 0
    for await (const { ids, start, end } of data.documents('eval', groups)) {
      for (let at = start + 1; at < end; at++)
        nats -= Math.log(((counts[ids[at] ?? 0] ?? 0) + 0.5) / (total + vocab / 2))
      tokens += end - start - 1
    }
    // The baseline smooths differently than by adding a half to each count, but uses the same
    // frequencies.
    const found = unigrams?.slices.find(({ slice }) => slice === name)
    expect(found).toMatchObject({ tokens, loss: expect.closeTo(nats / tokens, 0) })
  }
})

it('trains on at most two million tokens of the mixture, without repeats', async () => {
  const { job } = await finishedRun('large')
  const mixture = [
    { name: 'a', groups: ['x/prose/ar'], available: 10_000_000, tokens: 30_000_000 },
    { name: 'b', groups: ['x/prose/en'], available: 100_000, tokens: 10_000_000 },
  ]
  const { data } = baselineJob(
    { ...job, data: { ...job.data, mixture, tokens: 40_000_000 } },
    'trigrams',
  )
  expect(data.mixture.map((component) => component.tokens)).toEqual([1_500_000, 100_000])
  expect(data.tokens).toBe(1_600_000)
})

it('that fails leaves the run unchanged, and the report gives the reason', async () => {
  const { job, result } = await finishedRun('damaged')
  const shard = tokens.manifest.shards.find(({ split }) => split === 'train')
  await truncate(join(tokens.folder, shard?.path ?? ''), 200)
  const { unigrams, trigrams } = await addBaselines(job, result, await counting(), signal)
  expect([unigrams?.exitCode, trigrams?.exitCode]).toEqual([21, 21])
  expect(JSON.parse(await readFile(join(job.run, 'result.json'), 'utf8'))).toEqual(result)
  expect(await readFile(join(job.run, 'report.html'), 'utf8')).toMatch(
    /No baseline of trigrams: .*\.arrow/,
  )
})
