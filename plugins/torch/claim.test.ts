import { execFile, spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SliceResult, TrainEvent, TrainResult } from '../../src/core/train-events.ts'
import { readVocabulary, tokenizerOf } from '../../src/tokenizer/tokenizer.ts'
import { PACKAGE_FOLDER } from './python.ts'

/**
 * Builds a model that transformers can load from the samples, with the compiled commands and all
 * defaults.
 */

const run = promisify(execFile)
const root = resolve(import.meta.dirname, '../..')
const python = join(PACKAGE_FOLDER, '.venv/bin/python')
// One thread only: next to other test files, a second one mostly waits.
const env = { ...process.env, OMP_NUM_THREADS: '1' }
const isReady =
  existsSync(python) && spawnSync(python, ['-c', 'import torch, transformers']).status === 0

type Verdict = TrainResult & {
  readonly baselines: Readonly<Record<string, readonly SliceResult[]>>
}

describe.skipIf(!isReady)('etl train --backend cpu --preset tiny', { timeout: 15 * 60_000 }, () => {
  let folder: string
  let first: readonly TrainEvent[]
  let events: readonly TrainEvent[]
  let verdict: Verdict

  const etl = (...args: string[]) =>
    run(process.execPath, [join(root, 'bin/etl.js'), ...args], { cwd: folder, env })

  /**
   * Trains until `stopAt` steps are done, then asks for a stop as Ctrl-C does. Without `stopAt`,
   * trains to the end.
   */
  async function train(
    stopAt?: number,
  ): Promise<{ code: number | null; said: TrainEvent[]; last: Verdict }> {
    const args = [
      join(root, 'bin/etl.js'),
      'train',
      '--backend',
      'cpu',
      '--preset',
      'tiny',
      '--json',
    ]
    const child = spawn(process.execPath, args, {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const ended = new Promise<number | null>((done) => child.once('close', done))
    const said: TrainEvent[] = []
    let last: unknown
    for await (const line of createInterface({ input: child.stdout })) {
      const event = JSON.parse(line)
      if (event.type === 'result') last = event
      else said.push(event)
      if (event.type === 'step' && event.step === stopAt) child.kill('SIGINT')
    }
    return { code: await ended, said, last: last as Verdict }
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'etl-claim-'))
    const text = await readFile(join(root, 'manifests/corpus.json'), 'utf8')
    const manifest = JSON.parse(text, (_, value) =>
      typeof value === 'string' && value.startsWith('../')
        ? resolve(root, 'manifests', value)
        : value,
    )
    await writeFile(
      join(folder, 'corpus.json'),
      JSON.stringify({ ...manifest, $schema: undefined, output: 'corpus' }),
    )
    await etl('run', 'corpus.json', '--workers', '1')
    await etl('tokenize', 'corpus', '--workers', '1')
    const stopped = await train(30)
    expect(stopped.code).toBe(10)
    first = stopped.said
    const done = await train()
    expect(done.code).toBe(0)
    events = done.said
    verdict = done.last
  }, 15 * 60_000)
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const steps = (said: readonly TrainEvent[]) =>
    said.flatMap((event) => (event.type === 'step' ? [event] : []))

  it('stops on request with a checkpoint, and the same command resumes from it', () => {
    const saved = first.find((event) => event.type === 'checkpoint')
    expect(saved).toMatchObject({ step: steps(first).at(-1)?.step })
    expect(events.find(({ type }) => type === 'plan')).toMatchObject({
      resumedFrom: saved?.path.split('/').at(-1),
    })
    expect(steps(events)[0]?.step).toBe((saved?.step ?? 0) + 1)
    expect(events.at(-1)).toMatchObject({ type: 'done', reason: 'finished', step: 292 })
    expect(verdict).toMatchObject({ exitCode: 0, checkpoint: 'checkpoints/step-0000000292' })
  })

  it('reduces its loss to at least half a nat below unigrams on the same tokens', () => {
    expect(steps(events).at(-1)?.smoothed).toBeLessThan((steps(first)[0]?.loss ?? 0) - 1.5)
    expect(verdict.slices.map(({ slice }) => slice)).toEqual(['ar', 'en'])
    for (const { slice, tokens, loss } of verdict.slices) {
      const [unigrams, trigrams] = [verdict.baselines.unigrams, verdict.baselines.trigrams].map(
        (scores) => scores?.find((one) => one.slice === slice),
      )
      expect([unigrams?.tokens, trigrams?.tokens], slice).toEqual([tokens, tokens])
      console.info(
        `${slice}: ${loss.toFixed(3)}, unigrams ${unigrams?.loss.toFixed(3)}, ` +
          `trigrams ${trigrams?.loss.toFixed(3)}`,
      )
      expect(loss, slice).toBeLessThan((unigrams?.loss ?? 0) - 0.5)
    }
  })

  it('spends under 0.5 % of its time waiting for data', () => {
    const all = steps(events)
    const waited = all.reduce((sum, { dataWaitMs }) => sum + dataWaitMs, 0)
    expect(
      waited / all.reduce((sum, { tokensPerSecond }) => sum + (512 / tokensPerSecond) * 1000, 0),
    ).toBeLessThan(0.005)
  })

  it('reports how much of the held-out text occurs in the training text', async () => {
    const {
      slices,
      run: length,
      searchedTokens,
      trainTokens,
    } = verdict.contamination ?? { slices: [] }
    expect([length, searchedTokens]).toEqual([13, trainTokens])
    expect(slices.map(({ slice }) => slice)).toEqual(['ar', 'en'])
    for (const { documents, found } of slices) expect(found).toBeLessThan(documents)
    const report = await readFile(join(folder, 'runs/cpu-tiny/report.html'), 'utf8')
    expect(report).toContain('Held-out documents that share 13 tokens in a row with training text')
  })

  it('generates the same text for the same seed', async () => {
    const texts = await Promise.all(
      [1, 2].map(() => etl('generate', 'كانت', '--tokens', '24', '--seed', '3')),
    )
    expect(texts[0]?.stdout).toMatch(/^كانت.*\p{L}/su)
    expect(texts[1]?.stdout).toBe(texts[0]?.stdout)
  })

  it('exports a model that transformers loads with equal logits and ids, and runs', async () => {
    const { stdout } = await etl('export', 'model', '--json')
    const { folder: output, files } = JSON.parse(stdout)
    expect(files.map(({ path }: { path: string }) => path)).toEqual([
      'chat_template.jinja',
      'config.json',
      'cosmos-export.json',
      'generation_config.json',
      'model.safetensors',
      'tokenizer.json',
      'tokenizer.model',
      'tokenizer_config.json',
    ])
    const texts = [
      'كانت السماء صافية 2024 ١٢',
      'The galaxy turns; x = 3.14',
      'def f(x):\n    return x  # 🌌',
    ]
    const script = join(PACKAGE_FOLDER, 'tests/check_export.py')
    const request = JSON.stringify({
      run: join(folder, 'runs/cpu-tiny'),
      output,
      texts,
      prompt: 'The galaxy',
    })
    const answer = await run(python, [script, request], {
      env: { ...env, PYTHONPATH: PACKAGE_FOLDER },
    })
    const found = JSON.parse(answer.stdout.trim().split('\n').at(-1) ?? '')
    console.info(`largest difference of logits: ${found.difference}`)
    expect(found.difference).toBeLessThan(1e-4)
    expect(found.spread).toBeGreaterThan(0.5)
    expect(found.continued).toMatch(/^The galaxy.+/su)
    const codec = tokenizerOf(await readVocabulary(join(folder, 'corpus/tokens/bpe')))
    expect(found.ids).toEqual(texts.map((text) => [...codec.encode(text)]))
  })

  it('refuses to export a missing run or checkpoint, or to overwrite a folder', async () => {
    await etl('export', 'model') // its own folder is written anew
    await mkdir(join(folder, 'taken'))
    await writeFile(join(folder, 'taken/notes.txt'), 'not a model')
    await expect(etl('export', 'taken')).rejects.toMatchObject({
      code: 20,
      stderr: expect.stringMatching(/something else here[\s\S]*another output folder/),
    })
    await expect(etl('export', 'other', '--checkpoint', 'step-0000000001')).rejects.toMatchObject({
      code: 21,
    })
    await expect(etl('export', 'other', '--run', 'nowhere', '--json')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('"code":"run-missing"'),
    })
    expect(existsSync(join(folder, 'other'))).toBe(false)
  })
})
