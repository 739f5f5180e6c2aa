import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { writePerplexityModel } from './index.ts'
import { decodeModels } from './ngram/text-model.ts'
import { sampleCorpusTexts, writeTestCorpus } from './testing/tokens.ts'

it('a model is made of the prose of a corpus, the same bytes each time', async () => {
  const corpus = await writeTestCorpus(sampleCorpusTexts(300))
  const out = join(await mkdtemp(join(tmpdir(), 'perplexity-')), 'models', 'p.safetensors')
  const written = await writePerplexityModel(corpus, out)
  expect(written.map(({ language, heldOut }) => [language, heldOut])).toEqual([
    ['ar', 20],
    ['en', 20],
  ])
  const first = await readFile(out)
  const models = decodeModels(first)
  expect([...models.keys()]).toEqual(['ar', 'en'])
  expect(models.get('ar')?.vocabulary.words).toContain('المجرة')
  expect(models.get('en')?.vocabulary.words).not.toContain('return')
  await writePerplexityModel(corpus, out)
  expect((await readFile(out)).equals(first)).toBe(true)
})

it('a language without prose in the corpus is an error', async () => {
  const corpus = await writeTestCorpus(sampleCorpusTexts(30))
  const out = join(corpus, 'p.safetensors')
  await expect(
    writePerplexityModel(corpus, out, { languages: ['en', 'fr'] }),
  ).rejects.toMatchObject({
    code: 'corpus-invalid',
  })
  await expect(writePerplexityModel(join(corpus, 'gone'), out)).rejects.toMatchObject({
    code: 'corpus-missing',
  })
})
