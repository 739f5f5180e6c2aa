import { execFile, spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sampleCorpusTexts, writeTestCorpus } from '../../src/testing/tokens.ts'
import { PACKAGE_FOLDER } from './python.ts'

/**
 * Kills a run of three ranks at random moments, a rank or `etl` itself, and compares what it ends
 * with. `npm run test:kills` does it forty times.
 */

const KILLS = Number(process.env.KILLS ?? 4)
const STEP_TOKENS = 3 * 64
/** Enough for every attempt to come to a checkpoint or two. */
const STEPS = 40 + 20 * KILLS

const run = promisify(execFile)
const root = resolve(import.meta.dirname, '../..')
const python = join(PACKAGE_FOLDER, '.venv/bin/python')
const env = { ...process.env, OMP_NUM_THREADS: '1' }
const isReady = existsSync(python) && spawnSync(python, ['-c', 'import torch']).status === 0

/** The same numbers in every run of the test. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

describe.skipIf(!isReady)(`a run of three ranks, killed ${KILLS} times`, () => {
  let folder: string
  const etl = join(root, 'bin/etl.js')

  beforeAll(async () => {
    folder = await writeTestCorpus(sampleCorpusTexts(90))
    await run(process.execPath, [etl, 'tokenize', folder, '--workers', '1'], { cwd: folder })
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  async function manifestOf(name: string): Promise<string> {
    const path = join(folder, `${name}.json`)
    const manifest = {
      name,
      corpora: ['.'],
      backend: 'cpu',
      preset: 'tiny',
      tokens: STEPS * STEP_TOKENS,
      contexts: [{ context: 64, share: 1 }],
      batch: { startTokens: STEP_TOKENS, tokens: STEP_TOKENS, microTokens: 64 },
      checkpoints: { everySeconds: 1, everyTokens: 0, keep: 2 },
      eval: { everyTokens: 0, tokens: 200 },
      parallel: { ranks: 3 },
    }
    await writeFile(path, JSON.stringify(manifest))
    return path
  }

  /** Trains until the end, or until it is killed some milliseconds after its first step. */
  async function attempt(manifest: string, kill?: { after: number; victim: number }) {
    const child = spawn(process.execPath, [etl, 'train', manifest, '--json'], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const ended = new Promise<number | null>((done) => child.once('close', done))
    let planned = false
    for await (const line of createInterface({ input: child.stdout })) {
      if (planned || !kill || !line.includes('"type":"step"')) continue
      planned = true
      void sleep(kill.after).then(() => {
        const pids = [child.pid ?? 0, ...childrenOf(child.pid ?? 0)]
        const victim = pids[kill.victim % pids.length] ?? 0
        if (victim > 0 && child.exitCode === null) process.kill(victim, 'SIGKILL')
      })
    }
    const code = await ended
    await sleep(200) // orphans of a killed launcher end with it
    return code
  }

  const childrenOf = (pid: number): number[] => {
    try {
      const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      return text.trim().split(' ').map(Number)
    } catch {
      return []
    }
  }

  /** Hashes of all tensors at the end of a run. */
  async function resultOf(name: string): Promise<Record<string, string>> {
    const checkpoints = join(folder, 'runs', name, 'checkpoints')
    const last = (await readdir(checkpoints)).sort().at(-1) ?? ''
    const { step, files } = JSON.parse(
      await readFile(join(checkpoints, last, 'manifest.json'), 'utf8'),
    ) as { step: number; files: Record<string, { sha256: string }> }
    const tensors = Object.entries(files).filter(([file]) => file.endsWith('.safetensors'))
    return Object.fromEntries([
      ['step', String(step)],
      ...tensors.map(([file, { sha256 }]) => [file, sha256] as const),
    ])
  }

  it('ends with the weights of an undisturbed one, bit for bit', {
    timeout: 60 * 60_000,
  }, async () => {
    expect(await attempt(await manifestOf('whole'))).toBe(0)
    const random = seeded(7)
    const manifest = await manifestOf('killed')
    let killed = 0
    for (let tries = 0; killed < KILLS && tries < 3 * KILLS; tries++) {
      const kill = { after: random() * 2500, victim: Math.floor(random() * 4) }
      if ((await attempt(manifest, kill)) === 0) break
      killed++
    }
    expect(killed).toBe(KILLS)
    expect(await attempt(manifest)).toBe(0)
    expect(await resultOf('killed')).toEqual(await resultOf('whole'))
    // What fills no block is left out, so there may be a step less.
    expect(Number((await resultOf('whole')).step)).toBeGreaterThan(STEPS - 3)
  })
})
