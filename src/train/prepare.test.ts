import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ngram } from '../../plugins/ngram/index.ts'
import { localStorage } from '../files/local-storage.ts'
import { prepareTraining } from '../preparing.ts'
import { testContext } from '../testing/context.ts'
import { sampleCorpusTexts, tokenizeTestCorpus, writeTestCorpus } from '../testing/tokens.ts'
import { parseTrainManifest } from './manifest.ts'
import { openBackend, prepareJob } from './prepare.ts'
import { settleJob } from './settle.ts'

let corpus = ''
const runs = mkdtempSync(join(tmpdir(), 'etl-runs-'))
beforeAll(async () => {
  corpus = await writeTestCorpus(sampleCorpusTexts(40))
  await tokenizeTestCorpus(corpus)
})
afterAll(() => {
  for (const folder of [corpus, runs]) rmSync(folder, { recursive: true })
})

it('keeps the data order of a run that has begun, and gives new runs the newest', async () => {
  const backend = await openBackend({ ngram: async () => ngram }, 'ngram', {}, testContext('/'))
  const prepare = () => {
    const manifest = parseTrainManifest({ name: 'old', corpora: [corpus] }, '')
    return prepareJob(localStorage(), manifest, backend, runs)
  }
  const fresh = await prepare()
  expect(fresh.data.order).toBe(2)
  // An earlier release wrote no order.
  const { order: _, ...data } = fresh.data
  mkdirSync(join(fresh.run, 'checkpoints', 'step-0000000001'), { recursive: true })
  writeFileSync(join(fresh.run, 'checkpoints', 'step-0000000001', 'COMPLETE'), '')
  writeFileSync(join(fresh.run, 'job.json'), JSON.stringify({ ...fresh, data }))
  const old = await prepare()
  expect(old.data.order).toBe(1)
  writeFileSync(join(fresh.run, 'job.json'), JSON.stringify({ ...old, hash: 'e'.repeat(64) }))
  expect((await settleJob(await prepare(), backend.runtime)).hash).toBe('e'.repeat(64))
})

it('refuses to warm up again without a run to do it to', async () => {
  const manifest = join(runs, 'again.json')
  const rewarm = { peak: 0.0001, steps: 10 }
  writeFileSync(manifest, JSON.stringify({ corpora: [corpus], backend: 'ngram', rewarm }))
  await expect(prepareTraining({ manifest, runs })).rejects.toMatchObject({
    code: 'job-invalid',
    hint: expect.stringContaining('--fork'),
  })
})
