import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { readTokenManifest, readTokenShards } from '../arrow/token-file.ts'
import { textAt } from '../core/batch.ts'
import { localStorage } from '../files/local-storage.ts'
import { sampleCorpusTexts, tokenizeTestCorpus, writeTestCorpus } from '../testing/tokens.ts'
import { tokenizeCorpus } from '../tokenizing.ts'
import { fertilityOf } from './fertility.ts'
import { writeTokenFormat } from './formats.ts'
import { tokensState } from './state.ts'
import { readVocabulary, tokenizerOf } from './tokenizer.ts'

const storage = localStorage()
const texts = sampleCorpusTexts()
let corpus = ''
let tokens: Awaited<ReturnType<typeof tokenizeTestCorpus>>
beforeAll(async () => {
  corpus = await writeTestCorpus(texts)
  tokens = await tokenizeTestCorpus(corpus)
  return () => rm(corpus, { recursive: true })
})

it('restores the text of every split exactly, between the start and end ids', async () => {
  const tokenizer = tokenizerOf(await readVocabulary(tokens.folder))
  const found = new Map<string, string>()
  for await (const { documents, ids, offsets, docIds, textBytes } of readTokenShards(
    storage,
    tokens.folder,
    tokens.manifest.shards,
  )) {
    for (let row = 0; row < documents; row++) {
      const own = ids.subarray(Number(offsets[row]), Number(offsets[row + 1]))
      expect([own[0], own.at(-1)]).toEqual([2, 3])
      const text = tokenizer.decode(own)
      expect(textBytes[row]).toBe(Buffer.byteLength(text))
      found.set(textAt(docIds, row), text)
    }
  }
  for (const split of ['train', 'eval', 'test']) {
    const own = texts.filter((one) => one.split === split)
    expect(own.map((_, index) => found.get(`test:${split}-${index}`))).toEqual(
      own.map(({ text }) => text),
    )
  }
})

it('finds bytes that were overwritten in a shard, by the hash of their record batch', async () => {
  const shard = tokens.manifest.shards.find(({ split }) => split === 'train')
  const path = join(tokens.folder, shard?.path ?? '')
  const whole = await readFile(path)
  const damaged = Buffer.from(whole)
  const ids = await firstIds()
  const at = damaged.indexOf(Buffer.from(ids.buffer, ids.byteOffset, ids.byteLength))
  expect(at).toBeGreaterThan(0)
  damaged[at + 4] = (damaged[at + 4] ?? 0) ^ 1
  await writeFile(path, damaged)
  try {
    await expect(firstIds()).rejects.toMatchObject({
      code: 'tokens-invalid',
      message: expect.stringContaining('record batch 0 is damaged'),
    })
    const { batches: _, ...old } = shard ?? tokens.manifest.shards[0]!
    for await (const _batch of readTokenShards(storage, tokens.folder, [old])); // nothing to compare
  } finally {
    await writeFile(path, whole)
  }

  async function firstIds(): Promise<Uint16Array | Uint32Array> {
    for await (const { ids } of readTokenShards(storage, tokens.folder, shard ? [shard] : []))
      return ids
    throw new Error('no batch')
  }
})

it.each(['..', '.', '../train', 'a/b', '', '.hidden', '/tmp'])(
  'are not written to a folder called «%s», and nothing is removed',
  async (name) => {
    const writing = tokenizeCorpus(corpus, { name, workers: 1 })
    await expect(writing).rejects.toMatchObject({ code: 'usage' })
    const { shards } = JSON.parse(await readFile(join(corpus, 'corpus.json'), 'utf8'))
    for (const { path } of shards) expect((await stat(join(corpus, path))).size).toBeGreaterThan(0)
  },
)

it('belong to the corpus they were made of', async () => {
  const name = basename(tokens.folder)
  const state = () => tokensState(storage, corpus, name)
  const { fingerprint } = tokens.manifest
  expect(await state()).toEqual({ isCurrent: true, fingerprint })
  expect(await tokensState(storage, corpus, 'none')).toEqual({ isCurrent: false })
  const path = join(corpus, 'corpus.json')
  const info = await readFile(path, 'utf8')
  const { shards, ...rest } = JSON.parse(info) as { shards: { sha256: string }[] }
  shards[0]!.sha256 = '0'.repeat(64)
  await writeFile(path, JSON.stringify({ ...rest, shards }))
  expect(await state()).toEqual({ isCurrent: false, fingerprint })
  await rm(path)
  expect(await state()).toEqual({ isCurrent: true, fingerprint })
  await writeFile(path, info)
})

it('describes the contents of the files in its manifest', async () => {
  const { manifest, folder } = tokens
  expect(await readTokenManifest(storage, folder)).toEqual(manifest)
  for (const { path, bytes, sha256, tokens: count } of manifest.shards) {
    const content = await readFile(join(folder, path))
    expect(content.length).toBe(bytes)
    expect(createHash('sha256').update(content).digest('hex')).toBe(sha256)
    let sum = 0
    for await (const { ids } of readTokenShards(
      storage,
      folder,
      manifest.shards.filter((shard) => shard.path === path),
    ))
      sum += ids.length
    expect(sum).toBe(count)
  }
  const groups = manifest.groups.map(({ group, split }) => `${split} ${group}`)
  expect(groups).toContain('train test/prose/ar')
  expect(groups).toContain('eval test/code/python')
  expect(fertilityOf(manifest).map(({ text }) => text)).toEqual(['ar', 'en', 'code'])
})

it('is deterministic and keeps the intact files of an earlier call', async () => {
  const again = await writeTestCorpus(texts)
  expect((await tokenizeTestCorpus(again)).manifest).toEqual(tokens.manifest)
  await rm(again, { recursive: true })

  const [first, second] = tokens.manifest.shards.filter(({ split }) => split === 'train')
  const kept = tokens.manifest.shards.find(({ split }) => split === 'eval')
  const before = await stat(join(tokens.folder, kept?.path ?? ''))
  await truncate(join(tokens.folder, first?.path ?? ''), 100)
  await rm(join(tokens.folder, second?.path ?? ''))
  expect((await tokenizeTestCorpus(corpus)).manifest).toEqual(tokens.manifest)
  expect((await stat(join(tokens.folder, kept?.path ?? ''))).mtimeMs).toBe(before.mtimeMs)
  expect((await stat(join(tokens.folder, first?.path ?? ''))).size).toBe(first?.bytes)
})

it('writes the same ids in the formats of Megatron and llm.c', async () => {
  const { folder, manifest } = tokens
  const train = manifest.shards.filter(({ split }) => split === 'train')
  const count = train.reduce((sum, shard) => sum + shard.tokens, 0)
  const documents = train.reduce((sum, shard) => sum + shard.documents, 0)
  await writeTokenFormat(storage, folder, manifest, 'megatron')
  await writeTokenFormat(storage, folder, manifest, 'llmc')
  const bin = await readFile(join(folder, 'megatron/train.bin'))
  expect(bin.length).toBe(count * 2)
  const idx = await readFile(join(folder, 'megatron/train.idx'))
  expect(idx.subarray(0, 9).toString('latin1')).toBe('MMIDIDX\0\0')
  expect([idx.readBigUInt64LE(9), idx.readUInt8(17)]).toEqual([1n, 8])
  expect([idx.readBigUInt64LE(18), idx.readBigUInt64LE(26)]).toEqual([
    BigInt(documents),
    BigInt(documents + 1),
  ])
  expect(idx.length).toBe(34 + documents * 12 + (documents + 1) * 8)
  let sum = 0
  for (let row = 0; row < documents; row++) sum += idx.readInt32LE(34 + row * 4)
  expect(sum).toBe(count)
  const llmc = await readFile(join(folder, 'llmc/train_000000.bin'))
  expect([llmc.readInt32LE(0), llmc.readInt32LE(4), llmc.readInt32LE(8)]).toEqual([
    20240520,
    1,
    count,
  ])
  expect(llmc.subarray(1024)).toEqual(bin)
})

it('reports a missing corpus and missing tokens', async () => {
  const empty = await mkdtemp(join(tmpdir(), 'etl-empty-'))
  await expect(tokenizeTestCorpus(empty)).rejects.toMatchObject({ code: 'corpus-missing' })
  await expect(readTokenManifest(storage, empty)).rejects.toMatchObject({ code: 'tokens-missing' })
  await rm(empty, { recursive: true })
})
