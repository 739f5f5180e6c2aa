import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ngramCounts } from '../../src/ngram/counts.ts'
import { ngramModel } from '../../src/ngram/model.ts'
import { testBackend } from '../../src/testing/backend.ts'
import { testContext } from '../../src/testing/context.ts'
import { sampleCorpusTexts, tokenizeTestCorpus, writeTestCorpus } from '../../src/testing/tokens.ts'
import { parseTrainManifest } from '../../src/train/manifest.ts'
import { resolveJob } from '../../src/train/resolve.ts'
import { type JobData, trainingDocuments } from './documents.ts'
import { ngram } from './index.ts'

let corpus = ''
let tokens: Awaited<ReturnType<typeof tokenizeTestCorpus>>
beforeAll(async () => {
  corpus = await writeTestCorpus(sampleCorpusTexts(120))
  tokens = await tokenizeTestCorpus(corpus)
})
afterAll(() => rm(corpus, { recursive: true }))

testBackend({
  name: 'ngram',
  make: () => ngram.create({ order: 3 }, testContext('/')),
  job(run) {
    const manifest = parseTrainManifest({ name: 'contract', corpora: [corpus] }, 'test')
    const backend = {
      name: 'ngram',
      family: 'count',
      device: 'cpu',
      options: { order: 3 },
      runtime: [],
      memoryBytes: 1e9,
    } as const
    const opened = [{ path: tokens.folder, manifest: tokens.manifest }]
    const job = resolveJob(manifest, opened, backend, join(dirname(run), 'run'))
    // Long enough to read the control file several times.
    const [component] = job.data.mixture
    return {
      ...job,
      data: { ...job.data, tokens: 300_000, mixture: [{ ...component!, tokens: 300_000 }] },
    }
  },
})

const BOS = 0
const model = (documents: readonly (readonly number[])[], order: number, vocabulary: number) => {
  const counts = ngramCounts(order)
  for (const ids of documents) counts.add(ids, 0, ids.length)
  return ngramModel(counts.sorted(), vocabulary, BOS)
}

it('matches Kneser–Ney probabilities worked out by hand', () => {
  // The documents are <s> a b </s> and <s> a c </s>, with ids 0 = <s>, 1 = </s>, 2 = a, 3 = b, 4 =
  // c. They are too small to estimate discounts, so these are 0.5, 1 and 1.5.
  const bigrams = model(
    [
      [0, 2, 3, 1],
      [0, 2, 4, 1],
    ],
    2,
    5,
  )
  // Continuation counts: a 1, b 1, c 1, </s> 2, total 5. Discounts: 0.5·3 + 1 = 2.5, so γ = 0.5
  // over 4 ids, or 0.125 each.
  const unigram = (count: number, discount: number): number => (count - discount) / 5 + 0.125
  // After a, b and c occur once each: γ = (0.5 + 0.5) / 2.
  const expected = (1 - 0.5) / 2 + 0.5 * unigram(1, 0.5)
  expect(Math.exp(bigrams.logProbability([0, 2, 3], 0, 2))).toBeCloseTo(expected, 12)
  // After b, </s> occurs once.
  expect(Math.exp(bigrams.logProbability([0, 2, 3, 1], 0, 3))).toBeCloseTo(
    0.5 + 0.5 * unigram(2, 1),
    12,
  )
  // After c only </s> was seen, so b backs off to the shorter context.
  expect(Math.exp(bigrams.logProbability([0, 2, 4, 3], 0, 3))).toBeCloseTo(
    0.5 * unigram(1, 0.5),
    12,
  )
})

it('sums to one after every context, seen or unseen', () => {
  const documents = Array.from({ length: 200 }, (_, row) => [
    0,
    ...Array.from({ length: 30 }, (_, at) => 2 + ((row * at * at + row) % 48)),
    1,
  ])
  const four = model(documents, 4, 50)
  const out = new Float64Array(50)
  for (const context of [[0], [0, 2], [5, 7, 9], [49, 49, 49], documents[3]!.slice(4, 7)]) {
    four.distribution(context, out)
    expect(out.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9)
    for (const id of [1, 7, 49])
      expect(Math.log(out[id]!)).toBeCloseTo(
        four.logProbability([...context, id], 0, context.length),
        9,
      )
  }
  expect(out[BOS]).toBe(0)
})

it('counts the same with and without resuming from a checkpoint', () => {
  const documents = Array.from({ length: 100 }, (_, row) => [
    0,
    ...Array.from({ length: 20 }, (_, at) => 2 + ((row * 31 + at * row) % 300)),
    1,
  ])
  const whole = ngramCounts(4)
  const first = ngramCounts(4)
  for (const ids of documents) whole.add(ids, 0, ids.length)
  for (const ids of documents.slice(0, 40)) first.add(ids, 0, ids.length)
  const second = ngramCounts(4, first.sorted())
  for (const ids of documents.slice(40)) second.add(ids, 0, ids.length)
  expect(second.sorted()).toEqual(whole.sorted())
})

it('repeats a component until it has its tokens, even resumed at the end of a pass', async () => {
  const data: JobData = {
    async *documents(_, groups) {
      for (const id of groups[0] === 'a' ? [1, 2, 3] : [9]) {
        yield { ids: Uint16Array.of(0, id), start: 0, end: 2, textBytes: 1 }
      }
    },
  }
  const mixture = [
    { name: 'a', groups: ['a'], available: 6, tokens: 10 },
    { name: 'b', groups: ['b'], available: 2, tokens: 2 },
  ]
  const idsFrom = async (at: { tokens: number; documents: number[] }): Promise<number[]> => {
    const ids: number[] = []
    for await (const document of trainingDocuments(data, mixture, at)) ids.push(document.ids[1]!)
    return ids
  }
  const whole = await idsFrom({ tokens: 0, documents: [0, 0] })
  expect(whole).toEqual([1, 2, 3, 1, 2, 9])
  expect(await idsFrom({ tokens: 4, documents: [2, 0] })).toEqual(whole.slice(2))
  expect(await idsFrom({ tokens: 6, documents: [3, 0] })).toEqual(whole.slice(3))
})
