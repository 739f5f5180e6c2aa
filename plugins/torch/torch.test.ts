import { execFile, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TrainEvent } from '../../src/core/train-events.ts'
import { type TrainJob, trainJobSchema } from '../../src/core/train-job.ts'
import type { TrainerBackend } from '../../src/core/trainer.ts'
import { testContext } from '../../src/testing/context.ts'
import { torch } from './index.ts'
import { PACKAGE_FOLDER, SETUP } from './python.ts'

const run = promisify(execFile)
const python = join(PACKAGE_FOLDER, '.venv/bin/python')
const hasPytest =
  existsSync(python) && spawnSync(python, ['-c', 'import torch, pytest, transformers']).status === 0
if (!hasPytest)
  console.warn(
    `Skipping the tests of the PyTorch backend: \`${SETUP} --tests\` installs what they need.`,
  )

it('reports what is missing if there is no Python, without throwing', async () => {
  const backend = await torch.create(
    { ...torch.options.parse({}), python: '/nowhere/python' },
    testContext('/'),
  )
  const { ready, missing } = await backend.probe()
  expect(ready).toBe(false)
  expect(missing).toEqual([{ what: expect.stringContaining('/nowhere/python'), how: SETUP }])
})

it('prints the command for a run on several nodes, with paths quoted for the shell', async () => {
  const backend = await torch.create(
    { ...torch.options.parse({}), python: "/it's/bin/python" },
    testContext('/'),
  )
  const job = { name: 'far', run: '/a run', parallel: { ranks: 16 } } as TrainJob
  const command = backend.nodeCommand?.(job, 2) ?? ''
  const { stdout } = spawnSync('sh', ['-c', `for word in ${command}; do echo "$word"; done`])
  expect(stdout.toString().split('\n')).toEqual([
    `PYTHONPATH=${PACKAGE_FOLDER}`,
    "/it's/bin/torchrun",
    ...['--nnodes', '2', '--nproc-per-node', '8', '--rdzv-id', 'far', '--rdzv-backend', 'c10d'],
    ...[
      '--rdzv-endpoint',
      'FIRST_NODE:29500',
      '-m',
      'cosmos_torch',
      'train',
      '--job',
      '/a run/job.json',
      '',
    ],
  ])
})

// Every command starts Python with PyTorch, which takes two seconds on an idle machine; hence the
// long timeouts.
describe.skipIf(!hasPytest)('with PyTorch', { timeout: 5 * 60_000 }, () => {
  let folder: string
  let backend: TrainerBackend

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cosmos-torch-test-'))
    backend = await torch.create(torch.options.parse({}), testContext(folder))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  /**
   * A job over the small corpus of the Python tests, validated by the schema on the TypeScript
   * side.
   */
  async function makeJob(name: string, changes: object = {}): Promise<TrainJob> {
    const script = [
      'import json, sys; from pathlib import Path; from corpus import make_job, write_corpus',
      'folder = Path(sys.argv[1]) / "tokens"',
      'folder.exists() or (folder.mkdir(), write_corpus(folder))',
      'make_job(folder, Path(sys.argv[1]) / sys.argv[2], **json.loads(sys.argv[3]))',
    ].join('\n')
    await run(python, ['-c', script, folder, name, JSON.stringify(changes)], {
      env: { ...process.env, PYTHONPATH: `${PACKAGE_FOLDER}:${join(PACKAGE_FOLDER, 'tests')}` },
    })
    return trainJobSchema.parse(JSON.parse(await readFile(join(folder, name, 'job.json'), 'utf8')))
  }

  async function eventsOf(
    job: TrainJob,
    each: (event: TrainEvent) => unknown = () => undefined,
  ): Promise<TrainEvent[]> {
    const all: TrainEvent[] = []
    for await (const event of backend.train(job, new AbortController().signal)) {
      all.push(event)
      await each(event)
    }
    return all
  }

  it('is ready and reports its versions', async () => {
    expect(await backend.probe()).toMatchObject({
      ready: true,
      missing: [],
      versions: { torch: expect.any(String) },
    })
  })

  it('trains, scores, benchmarks and generates; export names a missing tokenizer', async () => {
    const job = await makeJob('whole')
    const events = await eventsOf(job)
    expect(events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['hello', 'plan', 'step', 'eval', 'checkpoint']),
    )
    expect(events.at(-1)).toMatchObject({ type: 'done', step: 12, reason: 'finished' })
    const losses = events.flatMap((event) =>
      event.type === 'step' ? [event.loss ?? Number.NaN] : [],
    )
    expect(losses).toHaveLength(12)
    expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) - 1)

    expect(await backend.plan(job)).toMatchObject({ steps: 12, tokens: 6144, notes: [] })
    const reference = { protocol: 1 as const, run: job.run, checkpoint: 'latest' }
    const slices = await backend.evaluate({ ...reference, task: 'eval', slices: job.eval.slices })
    const said = events.find((event) => event.type === 'eval')
    expect(said?.type === 'eval' && said.slices).toEqual(slices)

    expect(await backend.bench?.(job, new AbortController().signal)).toMatchObject({
      preset: 'test',
      timedSteps: 50,
      tokensPerSecond: expect.any(Number),
      mfuFullAttention: null,
      mfu6N: null,
      memoryBytes: expect.any(Number),
      torch: expect.stringContaining('2.'),
    })

    const ids: number[] = []
    const wanted = {
      prompt: [1],
      maxTokens: 9,
      temperature: 0,
      topP: 1,
      topK: 0,
      stop: [],
      seed: 1,
    }
    for await (const group of backend.generate({ ...reference, task: 'generate', ...wanted }))
      ids.push(...group)
    expect(ids).toHaveLength(9)
    await expect(
      backend.export({
        ...reference,
        task: 'export',
        format: 'huggingface',
        output: join(folder, 'hf'),
      }),
    ).rejects.toMatchObject({
      code: 'job-invalid',
      message: expect.stringContaining('tokenizer.json: missing'),
    })
  })

  it('stops on request with a checkpoint and resumes from it on two ranks', async () => {
    const changes = { stages: [{ context: 32, tokens: 40_000 }] }
    const job = await makeJob('stopped', changes)
    const request = (): Promise<void> =>
      writeFile(join(job.run, 'control.json'), '{"seq": 1, "action": "stop"}')
    const first = await eventsOf(
      job,
      (event) => event.type === 'step' && event.step === 2 && request(),
    )
    const stopped = first.at(-1)
    expect(stopped).toMatchObject({ type: 'done', reason: 'stopped' })
    const again = await eventsOf(
      await makeJob('stopped', { ...changes, parallel: { ranks: 2, data: 2 } }),
    )
    const next = again.find((event) => event.type === 'step')
    expect(next?.type === 'step' && stopped?.type === 'done' && next.step - stopped.step).toBe(1)
    expect(again.at(-1)).toMatchObject({ type: 'done', reason: 'finished' })
  })

  it('ends all ranks when one is killed, on abort, and when the consumer stops', async () => {
    const endless = {
      stages: [{ context: 32, tokens: 500_000_000 }],
      parallel: { ranks: 2, data: 2 },
    }
    const job = await makeJob('killed', endless)
    const isStep = (event: TrainEvent): boolean => event.type === 'step' && event.step === 2
    await expect(
      eventsOf(job, async (event) => {
        if (isStep(event)) process.kill((await runningRanks()).at(-1)?.pid ?? 0, 'SIGKILL')
      }),
    ).rejects.toMatchObject({ code: 'backend-lost', retryable: true })
    expect(await runningRanks()).toEqual([])

    const controller = new AbortController()
    const aborted = (async () => {
      for await (const event of backend.train(job, controller.signal))
        if (isStep(event)) controller.abort()
    })()
    await expect(aborted).rejects.toMatchObject({ code: 'interrupted' })
    expect(await runningRanks()).toEqual([])

    for await (const event of backend.train(job, new AbortController().signal))
      if (isStep(event)) break
    expect(await runningRanks()).toEqual([])
  })

  it('passes on the error of a failed run', async () => {
    const job = await makeJob('bad', {
      data: { corpora: [{ path: folder, fingerprint: 'f'.repeat(64) }] },
    })
    await expect(eventsOf(job)).rejects.toMatchObject({
      code: 'data-mismatch',
      hint: expect.stringContaining('etl tokenize'),
    })
  })

  /** Running ranks that this process started. */
  async function runningRanks(): Promise<{ pid: number }[]> {
    const { stdout } = await run('ps', ['-eo', 'pid=,ppid=,args='])
    return stdout.split('\n').flatMap((line) => {
      const [pid, parent] = line.trim().split(/ +/, 2).map(Number)
      return parent === process.pid && line.includes('cosmos_torch train')
        ? [{ pid: pid ?? 0 }]
        : []
    })
  }

  it('passes its Python tests', { timeout: 15 * 60_000 }, async () => {
    const tests = run(python, ['-m', 'pytest', 'tests'], {
      cwd: PACKAGE_FOLDER,
      env: { ...process.env, OMP_NUM_THREADS: '1' },
    })
    const { stdout } = await tests.catch((failure: { stdout: string }) => ({
      stdout: `FAILED\n${failure.stdout}`,
    }))
    expect(stdout).toMatch(/^\d+ passed/m)
    expect(stdout).not.toMatch(/FAILED|\d+ failed|\d+ error/)
    for (const skipped of stdout.match(/^SKIPPED.*$/gm) ?? []) console.warn(skipped)
  })

  it('passes ruff', async () => {
    await run(python, ['-m', 'ruff', 'check', 'cosmos_torch', 'tests'], { cwd: PACKAGE_FOLDER })
    await run(python, ['-m', 'ruff', 'format', '--check', 'cosmos_torch', 'tests'], {
      cwd: PACKAGE_FOLDER,
    })
  })
})
