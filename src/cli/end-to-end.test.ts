import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readArrowFile } from '../arrow/reader.ts'
import { readTokenManifest, readTokenShards } from '../arrow/token-file.ts'
import { type TextColumn, textAt } from '../core/batch.ts'
import { SPLITS, type Split } from '../core/report.ts'
import { trainResultSchema } from '../core/train-events.ts'
import { localStorage } from '../files/local-storage.ts'
import { readVocabulary, tokenizerOf } from '../tokenizer/tokenizer.ts'

/** From the samples to a text of a model, by the compiled commands in processes of their own. */

const root = join(import.meta.dirname, '../..')
const storage = localStorage()
let folder: string
let tokens: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etl-end-to-end-'))
  tokens = join(folder, 'corpus/tokens/bpe')
  const text = await readFile(join(root, 'manifests/corpus.json'), 'utf8')
  const manifest = JSON.parse(text, (_, value) =>
    typeof value === 'string' && value.startsWith('../')
      ? resolve(root, 'manifests', value)
      : value,
  )
  await write('corpus.json', { ...manifest, $schema: undefined, output: 'corpus' })
  const { code, errors } = await etl('run', 'corpus.json', '--workers', '2')
  expect(code, errors).toBe(0)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const write = (name: string, value: object): Promise<void> =>
  writeFile(join(folder, name), JSON.stringify(value))
const json = async (name: string) => JSON.parse(await readFile(join(folder, name), 'utf8'))

/** Runs `etl` in the folder of this test. */
function etl(...args: string[]): Promise<{ code: number; output: string; errors: string }> {
  return new Promise((done) => {
    const child = execFile(
      process.execPath,
      [join(root, 'bin/etl.js'), ...args],
      { cwd: folder },
      (_, output, errors) => done({ code: child.exitCode ?? -1, output, errors }),
    )
  })
}

/** Texts by id, as they were published in one split. */
async function publishedTexts(split: Split): Promise<Map<string, string>> {
  const { shards } = await json('corpus/corpus.json')
  const texts = new Map<string, string>()
  for (const shard of shards.filter((one: { split: Split }) => one.split === split)) {
    for await (const { rows, columns } of readArrowFile(
      storage,
      join(folder, 'corpus', shard.path),
    )) {
      for (let row = 0; row < rows; row++) {
        texts.set(textAt(columns.id as TextColumn, row), textAt(columns.text as TextColumn, row))
      }
    }
  }
  return texts
}

/** Texts by id, decoded from the token shards of one split, and how many ids these have. */
async function decodedTexts(split: Split): Promise<{ texts: Map<string, string>; ids: number }> {
  const { shards } = await readTokenManifest(storage, tokens)
  const tokenizer = tokenizerOf(await readVocabulary(tokens))
  const texts = new Map<string, string>()
  let count = 0
  const own = shards.filter((shard) => shard.split === split)
  for await (const { documents, ids, offsets, docIds } of readTokenShards(storage, tokens, own)) {
    count += ids.length
    for (let row = 0; row < documents; row++) {
      const text = tokenizer.decode(ids.subarray(Number(offsets[row]), Number(offsets[row + 1])))
      texts.set(textAt(docIds, row), text)
    }
  }
  return { texts, ids: count }
}

describe('tokenize, train, generate', () => {
  it('turn every split into tokens that are its texts, whatever the number of threads', async () => {
    const { code, output, errors } = await etl('tokenize', 'corpus', '--workers', '2')
    expect(code, errors).toBe(0)
    const manifest = await readTokenManifest(storage, tokens)
    for (const split of SPLITS) {
      const published = await publishedTexts(split)
      const { texts, ids } = await decodedTexts(split)
      expect(published.size, split).toBeGreaterThan(3)
      expect(texts, split).toEqual(published)
      const groups = manifest.groups.filter((group) => group.split === split)
      expect(groups.reduce((sum, group) => sum + group.tokens, 0)).toBe(ids)
      expect(groups.reduce((sum, group) => sum + group.documents, 0)).toBe(published.size)
      expect(output).toContain(`${split} ${ids.toLocaleString('en-US')}`)
    }
    await etl('tokenize', 'corpus', '--name', 'alone', '--tokenizer', tokens, '--workers', '1')
    expect(await readTokenManifest(storage, join(folder, 'corpus/tokens/alone'))).toEqual(manifest)
  })

  it('train on all of it and score what was held out', async () => {
    const { code, errors } = await etl(
      'train',
      '--corpus',
      'corpus',
      '--backend',
      'ngram',
      '--name',
      'first',
    )
    expect(code, errors).toBe(0)
    const result = trainResultSchema.parse(await json('runs/first/result.json'))
    const { groups, tokenizer } = await readTokenManifest(storage, tokens)
    const train = groups
      .filter(({ split }) => split === 'train')
      .reduce((sum, group) => sum + group.tokens, 0)
    expect(result).toMatchObject({ outcome: 'done', exitCode: 0, tokens: train })
    expect(result.slices.map(({ slice }) => slice)).toEqual(expect.arrayContaining(['ar', 'en']))
    for (const { slice, perplexity } of result.slices)
      expect(perplexity, slice).toBeLessThan(tokenizer.vocab / 4)
  })

  it('continue a text, the same for the same seed', async () => {
    const args = [
      'generate',
      'كانت',
      '--run',
      'runs/first',
      '--tokens',
      '24',
      '--seed',
      '7',
    ] as const
    const first = await etl(...args)
    expect(first.code, first.errors).toBe(0)
    expect(first.output).toMatch(/^كانت.*\p{L}/su)
    expect((await etl(...args)).output).toBe(first.output)
  })
})

it('counted models are not exported, and the command says so', async () => {
  const { code, errors } = await etl('export', 'model', '--run', 'runs/first')
  expect({ code, errors }).toEqual({
    code: 20,
    errors: expect.stringContaining('no form that other programs load'),
  })
  expect(existsSync(join(folder, 'model'))).toBe(false)
})

it('a run on several nodes writes its job and prints what to start on each of them', async () => {
  const nodes = {
    name: 'nodes',
    corpora: ['corpus'],
    backend: 'cpu',
    preset: 'tiny',
    parallel: { ranks: 4, nodes: 2 },
  }
  await write('nodes.json', nodes)
  const planned = await etl('train', 'nodes.json', '--plan')
  expect(planned.output).toMatch(
    /torchrun --nnodes 2 --nproc-per-node 2 .*FIRST_NODE:29500 -m cosmos_torch train --job/,
  )
  expect(existsSync(join(folder, 'runs/nodes'))).toBe(false)
  await write('nodes.json', { ...nodes, backend: 'ngram' })
  const { code, errors } = await etl('train', 'nodes.json')
  expect({ code, errors }).toEqual({
    code: 20,
    errors: expect.stringContaining('trains on one node only'),
  })
})

describe('what cannot be trained', () => {
  const ngram = ['--backend', 'ngram'] as const

  it.each([
    ['an unknown key in the manifest', { sead: 1 }, 20, 'job-invalid', /sead/],
    ['an unknown backend', { backend: 'ngarm' }, 2, 'component-unknown', /ngarm/],
    [
      'an option the backend does not have',
      { backend: 'ngram', options: { ordre: 3 } },
      20,
      'job-invalid',
      /ordre/,
    ],
    [
      'a mixture of nothing',
      { backend: 'ngram', mixture: [{ name: 'x', languages: ['tlh'] }] },
      20,
      'job-invalid',
      /"x" matches no text/,
    ],
    [
      'a program that is not there',
      { backend: './no-such-trainer' },
      22,
      'backend-unready',
      /no-such-trainer/,
    ],
    [
      'a Python that is not there',
      { backend: 'cpu', options: { python: '/no/such/python3' } },
      22,
      'backend-unready',
      /setup:torch/,
    ],
  ] as const)(
    '%s ends with its own exit code and a sentence that helps',
    async (_, manifest, exit, error, text) => {
      await write('train.json', { name: 'wrong', corpora: ['corpus'], ...manifest })
      const { code, errors } = await etl('train', 'train.json')
      expect({ code, errors }).toEqual({
        code: exit,
        errors: expect.stringContaining(`[${error}]`),
      })
      expect(errors).toMatch(text)
      expect(errors).not.toContain('    at ')
    },
  )

  it('a run whose tokens became others ends with 21 and keeps its verdict', async () => {
    const before = await json('runs/first/result.json')
    const retokenized = await etl('tokenize', 'corpus', '--name', 'smaller', '--vocabulary', '600')
    expect(retokenized.code, retokenized.errors).toBe(0)
    await write('train.json', { name: 'first', corpora: ['corpus'], tokenizer: 'smaller' })
    const { code, errors } = await etl('train', 'train.json', ...ngram)
    expect(code, errors).toBe(21)
    expect(errors).toMatch(/started with another job[\s\S]*--name/)
    expect(await json('runs/first/result.json')).toEqual(before)
  })

  it('a token shard that is cut off ends with 21 and is named', async () => {
    const { shards } = await readTokenManifest(storage, join(folder, 'corpus/tokens/smaller'))
    const { path } = shards.find(({ split }) => split === 'train') ?? { path: '' }
    const file = join(folder, 'corpus/tokens/smaller', path)
    await writeFile(file, (await readFile(file)).subarray(0, 300))
    await write('train.json', { name: 'cut', corpora: ['corpus'], tokenizer: 'smaller' })
    const { code, errors } = await etl('train', 'train.json', ...ngram)
    expect(code, errors).toBe(21)
    expect(errors).toContain(path)
    expect(trainResultSchema.parse(await json('runs/cut/result.json'))).toMatchObject({
      exitCode: 21,
    })
  })
})
