import { existsSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TrainJob } from '../core/train-job.ts'
import { testBackend } from '../testing/backend.ts'
import { sampleCorpusTexts, tokenizeTestCorpus, writeTestCorpus } from '../testing/tokens.ts'
import { parseTrainManifest } from '../train/manifest.ts'
import { resolveJob } from '../train/resolve.ts'
import { runTraining, settleElsewhere } from '../train/run.ts'
import { readRun } from '../train/settle.ts'
import { executableBackend } from './executable.ts'

const COUNTER = fileURLToPath(new URL('./fixtures/counter.js', import.meta.url))
const program = (fault = '') => ({
  command: [process.execPath, COUNTER],
  env: { COUNTER_FAULT: fault },
})

let corpus = ''
let tokens: Awaited<ReturnType<typeof tokenizeTestCorpus>>
beforeAll(async () => {
  corpus = await writeTestCorpus(sampleCorpusTexts())
  tokens = await tokenizeTestCorpus(corpus)
})
afterAll(() => rm(corpus, { recursive: true }))

function jobFor(run: string, ranks = 1): TrainJob {
  const manifest = parseTrainManifest(
    { name: 'counter', preset: 'tiny', parallel: { ranks } },
    'test',
  )
  const backend = {
    name: './counter.js',
    family: 'neural',
    device: 'cpu',
    options: {},
    runtime: [],
    memoryBytes: 1e9,
  } as const
  return resolveJob(manifest, [{ path: tokens.folder, manifest: tokens.manifest }], backend, run)
}

testBackend({
  name: 'a program outside the project',
  make: () => executableBackend(program()),
  job: jobFor,
})

/** Trains with a fault. Returns the error, the result on disk and the duration in seconds. */
async function failure(fault: string, limits = {}, ranks = 1) {
  const job = jobFor(join(corpus, 'runs', `${fault || 'none'}-${ranks}`), ranks)
  const backend = executableBackend(program(fault), limits)
  const started = performance.now()
  const error = await runTraining(
    job,
    backend,
    new AbortController().signal,
    () => undefined,
  ).catch((e: unknown) => e)
  const result = JSON.parse(readFileSync(join(job.run, 'result.json'), 'utf8'))
  return { error, result, seconds: (performance.now() - started) / 1000 }
}

it.each([
  ['exit20', 'job-invalid', 20],
  ['exit21', 'data-mismatch', 21],
  ['exit22', 'backend-unready', 22],
  ['exit30', 'backend-memory', 30],
  ['exit31', 'loss-not-finite', 31],
  ['exit32', 'backend-lost', 32],
  ['exit40', 'backend-failed', 40],
])('reports %s as %s with the backend’s own message', async (fault, code, exitCode) => {
  const { error, result } = await failure(fault)
  expect(error).toMatchObject({ code, what: 'it was asked to fail', hint: 'Look at the job.' })
  expect(result).toMatchObject({ exitCode, error: { code } })
})

it('reports that a backend was killed', async () => {
  const { error, result } = await failure('kill')
  expect(error).toMatchObject({ code: 'backend-lost', what: expect.stringContaining('SIGKILL') })
  expect(result.exitCode).toBe(32)
})

it('rejects another protocol version and a channel full of garbage', async () => {
  expect((await failure('version')).error).toMatchObject({
    code: 'backend-protocol',
    what: expect.stringContaining('protocol 2'),
  })
  expect((await failure('garbage')).error).toMatchObject({
    code: 'backend-protocol',
    what: expect.stringContaining('Traceback'),
  })
})

it('kills a backend that falls silent, even one that ignores SIGTERM', async () => {
  const limits = { silenceMs: 1500, graceMs: 300 }
  for (const fault of ['silent', 'stubborn']) {
    const { error, seconds } = await failure(fault, limits)
    expect(error).toMatchObject({
      code: 'backend-lost',
      what: expect.stringContaining('no sign of life'),
    })
    expect(seconds).toBeLessThan(30)
  }
})

it('reports a missing program and what to do', async () => {
  const backend = executableBackend({ command: ['/nowhere/backend'] })
  expect(await backend.probe()).toMatchObject({
    ready: false,
    missing: [{ what: expect.stringContaining('/nowhere/backend') }],
  })
  const job = jobFor(join(corpus, 'runs', 'nowhere'))
  const training = runTraining(job, backend, new AbortController().signal, () => undefined)
  await expect(training).rejects.toMatchObject({ code: 'backend-unready' })
})

it('derives the result of a run that was started elsewhere from its events', async () => {
  const job = jobFor(join(corpus, 'runs', 'elsewhere'))
  expect(await settleElsewhere(job)).toBeUndefined()
  expect(readRun(job.run)).toEqual(job)
  for await (const _ of executableBackend(program()).train(job, new AbortController().signal));
  expect(existsSync(join(job.run, 'result.json'))).toBe(false)
  const verdict = await settleElsewhere(job)
  expect(verdict).toMatchObject({ exitCode: 0, outcome: 'done', step: 20 })
  expect(verdict?.slices.map(({ slice }) => slice)).toEqual(job.eval.slices.map(({ name }) => name))
  expect(JSON.parse(readFileSync(join(job.run, 'result.json'), 'utf8'))).toEqual(verdict)
  expect(existsSync(join(job.run, 'report.html'))).toBe(true)
})

it('leaves no process running when it is aborted', async () => {
  const job = jobFor(join(corpus, 'runs', 'aborted'), 2)
  const controller = new AbortController()
  const backend = executableBackend(program('silent'), { graceMs: 300 })
  const training = runTraining(job, backend, controller.signal, () => controller.abort())
  await expect(training).rejects.toMatchObject({ code: 'interrupted' })
  expect(JSON.parse(readFileSync(join(job.run, 'result.json'), 'utf8'))).toMatchObject({
    exitCode: 10,
  })
  const pids = [0, 1].map((rank) => join(job.run, `pid-${rank}`)).filter(existsSync)
  expect(pids).not.toEqual([])
  for (const path of pids)
    expect(() => process.kill(Number(readFileSync(path, 'utf8')), 0)).toThrow(/ESRCH/)
})
