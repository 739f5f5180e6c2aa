import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TokenManifest } from '../core/tokens.ts'
import type { TrainJob } from '../core/train-job.ts'
import { parseTrainManifest } from './manifest.ts'
import { type ChosenBackend, resolveJob } from './resolve.ts'
import { forkOf, orderOf, readRun, refuseIfNeeded, settleJob } from './settle.ts'

const RUNTIME = ['threads']
const BACKEND: ChosenBackend = {
  name: 'cpu',
  family: 'neural',
  device: 'cpu',
  options: { threads: 0, order: 3 },
  runtime: RUNTIME,
  memoryBytes: 2 ** 33,
}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'etl-settle-'))
  mkdirSync(join(folder, 'tokens'))
  writeFileSync(join(folder, 'tokens', 'tokenizer.json'), '{"a":1}')
})
afterEach(() => rmSync(folder, { recursive: true }))

function jobOf(
  manifest: object,
  options: Record<string, number> = {},
  vocab = 1024,
  order: 1 | 2 = 2,
): TrainJob {
  const group = { group: 'a/prose/en', source: 'a', kind: 'prose', lang: 'en' } as const
  const counts = { documents: 9, tokens: 500_000, textBytes: 2e6, words: 4e5 }
  const tokens: TokenManifest = {
    format: 'cosmos-tokens',
    version: 1,
    fingerprint: 'a'.repeat(64),
    corpus: 'c',
    dtype: 'uint16',
    tokenizer: { path: '.', sha256: 'b'.repeat(64), vocab, pad: 0, bos: 2, eos: 3 },
    groups: [{ ...group, split: 'train', ...counts }],
    shards: [],
  }
  const chosen = { ...BACKEND, options: { ...BACKEND.options, ...options } }
  const all = { name: 'one', preset: 'tiny', ...manifest }
  const opened = [{ path: join(folder, 'tokens'), manifest: tokens }]
  return resolveJob(parseTrainManifest(all, ''), opened, chosen, join(folder, 'runs', 'one'), order)
}

/** A run with a checkpoint; `change` edits its job file. */
async function started(
  change: (job: Record<string, unknown>) => void = () => undefined,
  order: 1 | 2 = 2,
) {
  const job = await settleJob(jobOf({}, {}, 1024, order), RUNTIME)
  const path = join(job.run, 'job.json')
  const written = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
  change(written)
  writeFileSync(path, JSON.stringify(written))
  mkdirSync(join(job.run, 'checkpoints', 'step-0000000010'), { recursive: true })
  writeFileSync(join(job.run, 'checkpoints', 'step-0000000010', 'COMPLETE'), '')
}

describe('a run with a checkpoint', () => {
  it('goes on with other threads, micro-batches, ranks and devices', async () => {
    await started()
    const other = jobOf({ batch: { microTokens: 256 }, parallel: { ranks: 2 } }, { threads: 4 })
    const settled = await settleJob(other, RUNTIME)
    expect(settled).toEqual(other)
    expect(readRun(settled.run)).toEqual(other)
  })

  it('goes on if an earlier release made it, with the hash in its checkpoints', async () => {
    await started((job) => {
      job.hash = 'e'.repeat(64)
      delete job.start
      delete (job.model as Record<string, unknown>).qkNorm
      delete (job.optimizer as Record<string, unknown>).zLoss
      delete (job.optimizer as Record<string, unknown>).momentum
      delete (job.data as Record<string, unknown>).documentMask
      delete (job.data as Record<string, unknown>).order
    }, 1)
    expect(orderOf(jobOf({}).run)).toBe(1)
    expect((await settleJob(jobOf({}, {}, 1024, 1), RUNTIME)).hash).toBe('e'.repeat(64))
  })

  it.each([
    [{ learningRate: 0.0005 }, {}, 'learningRate 0.002 → 0.0005'],
    [{ contexts: [{ context: 128, share: 1 }] }, {}, 'contexts '],
    [{ dropout: 0.1 }, {}, 'preset.dropout 0 → 0.1'],
    [{}, { order: 4 }, 'options.order 3 → 4'],
  ])('refuses %j %j, names both values, and how to go on', async (manifest, options, words) => {
    await started()
    const settling = settleJob(jobOf(manifest, options), RUNTIME)
    await expect(settling).rejects.toMatchObject({
      code: 'data-mismatch',
      message: expect.stringContaining(words),
      hint: expect.stringContaining('`--fork <another name>` continues from step-0000000010'),
    })
  })

  it('keeps a copy of its tokenizer', async () => {
    await started()
    writeFileSync(join(folder, 'tokens', 'tokenizer.json'), '{"replaced":1}')
    await settleJob(jobOf({}), RUNTIME)
    const kept = join(folder, 'runs', 'one', 'tokenizer', 'tokenizer.json')
    expect(readFileSync(kept, 'utf8')).toBe('{"a":1}')
  })

  it('whose job file is cut says so', async () => {
    await started()
    const path = join(folder, 'runs', 'one', 'job.json')
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, 100))
    await expect(settleJob(jobOf({}), RUNTIME)).rejects.toMatchObject({ code: 'job-invalid' })
    expect(() => readRun(dirname(path))).toThrow(/cut off/)
  })
})

describe('tokens that a run needs', () => {
  const runs = () => join(folder, 'runs')
  const replaced = (fingerprint = 'a'.repeat(64)) => refuseIfNeeded(runs(), '/corpus', fingerprint)

  it('are not replaced while it is unfinished, and may be when it is done', async () => {
    replaced()
    await started()
    expect(() => replaced()).toThrow(/still needs those tokens/)
    replaced('b'.repeat(64))
    const result = { protocol: 1, exitCode: 0, outcome: 'done', step: 10, tokens: 10 }
    const rest = { checkpoint: null, slices: [], contamination: null, error: null }
    writeFileSync(join(runs(), 'one', 'result.json'), JSON.stringify({ ...result, ...rest }))
    replaced()
  })
})

describe('a run without a checkpoint', () => {
  it('takes another job, and forgets the events of the first', async () => {
    const { run } = await settleJob(jobOf({}), RUNTIME)
    writeFileSync(join(run, 'events.jsonl'), '{}\n')
    const other = jobOf({ contexts: [{ context: 128, share: 1 }] })
    expect(await settleJob(other, RUNTIME)).toEqual(other)
    expect(existsSync(join(run, 'events.jsonl'))).toBe(false)
  })

  it('takes a job where the job file is damaged', async () => {
    const { run } = await settleJob(jobOf({}), RUNTIME)
    writeFileSync(join(run, 'job.json'), '{"proto')
    expect(await settleJob(jobOf({}), RUNTIME)).toEqual(jobOf({}))
  })
})

describe('a fork', () => {
  const from = { name: 'two', checkpoint: undefined }

  it('goes on where the checkpoint is if the data stays', async () => {
    await started()
    const job = forkOf(jobOf({ learningRate: 0.0005 }), from, RUNTIME)
    expect(job).toMatchObject({
      name: 'two',
      seed: 1,
      schedule: { peak: 0.0005 },
      start: {
        checkpoint: 'step-0000000010',
        hash: readRun(join(folder, 'runs', 'one')).hash,
        continues: true,
      },
    })
    expect(job.run).toBe(join(folder, 'runs', 'two'))
    expect(await settleJob(job, RUNTIME)).toEqual(job)
  })

  it('begins a pass of its own, in another order, with other data or more of it', async () => {
    await started()
    for (const other of [{ tokens: 900_000 }, { contexts: [{ context: 128, share: 1 }] }])
      expect(forkOf(jobOf(other), from, RUNTIME)).toMatchObject({
        seed: 2,
        start: { continues: false },
      })
  })

  it('with more tokens goes on from the last checkpoint before a decay, at its rate', async () => {
    const wsd = { schedule: 'wsd', decayShare: 0.2, tokens: 51_200, learningRate: 0.001 }
    const source = await settleJob(jobOf(wsd), RUNTIME)
    expect(source.schedule).toMatchObject({ totalSteps: 100, decaySteps: 20, decayShape: '1-sqrt' })
    for (const step of [40, 80, 100]) {
      const checkpoint = join(source.run, 'checkpoints', `step-${String(step).padStart(10, '0')}`)
      mkdirSync(checkpoint, { recursive: true })
      writeFileSync(join(checkpoint, 'COMPLETE'), '')
    }
    const latest = { name: 'two', checkpoint: undefined }
    expect(forkOf(jobOf({ ...wsd, tokens: 102_400 }), latest, RUNTIME)).toMatchObject({
      start: { checkpoint: 'step-0000000080', continues: false },
      schedule: { peak: 0.001, warmupFrom: 0.001 },
    })
    expect(forkOf(jobOf({ ...wsd, decayShare: 0.1 }), latest, RUNTIME).start).toMatchObject({
      checkpoint: 'step-0000000100',
      continues: true,
    })
  })

  it('re-warms to the peak and over the steps that the manifest states', async () => {
    await started()
    const again = { ...from, rewarm: { peak: 0.0005, steps: 50 } }
    const { schedule } = jobOf({})
    expect(forkOf(jobOf({}), again, RUNTIME)).toMatchObject({
      seed: 2,
      start: { continues: false },
      schedule: { peak: 0.0005, warmupSteps: 50, totalSteps: schedule.totalSteps },
    })
  })

  it('needs a checkpoint of the same model', async () => {
    await settleJob(jobOf({}), RUNTIME)
    expect(() => forkOf(jobOf({}), from, RUNTIME)).toThrow(/no complete checkpoint/)
    await started()
    const unknown = { name: 'two', checkpoint: 'step-0000000099' }
    expect(() => forkOf(jobOf({}), unknown, RUNTIME)).toThrow(/there are step-0000000010/)
    for (const other of [jobOf({ qkNorm: true }), jobOf({ tied: false }), jobOf({}, {}, 900)])
      expect(() => forkOf(other, from, RUNTIME)).toThrow(/of another model/)
    expect(() => forkOf(jobOf({ optimizer: 'muon' }), from, RUNTIME)).toThrow(/optimizer.type/)
  })
})
