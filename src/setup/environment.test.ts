import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { setUp, stateOf } from './environment.ts'
import type { Part } from './part.ts'

const hasVenv = spawnSync('python3', ['-c', 'import venv, ensurepip']).status === 0

let folder: string
let part: Part
const quiet = { say: () => undefined }
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'etl-setup-'))
  writeFileSync(join(folder, 'use.txt'), '# nothing\n')
  writeFileSync(join(folder, 'tests.txt'), '-r use.txt\n')
  part = {
    name: 'small',
    summary: 'nothing',
    folder,
    requirements: { use: 'use.txt', tests: 'tests.txt' },
    size: '',
    check: 'print("works")',
  }
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

describe.skipIf(!hasVenv)('a part', { timeout: 120_000 }, () => {
  it('is absent, then ready, and of other versions when the pins change', async () => {
    expect(await stateOf(part)).toMatchObject({ state: 'absent' })
    expect(await setUp(part, quiet)).toBe('works')
    expect(await stateOf(part)).toMatchObject({ state: 'ready' })
    writeFileSync(join(folder, 'use.txt'), '# another version\n')
    expect(await stateOf(part)).toMatchObject({ state: 'incomplete' })
    expect(await setUp(part, { ...quiet, tests: true })).toBe('works')
    expect(await stateOf(part)).toMatchObject({ state: 'ready' })
  })

  it('is finished after an interruption that left half an environment', async () => {
    mkdirSync(join(folder, '.venv', 'bin'), { recursive: true })
    writeFileSync(join(folder, '.venv', 'bin', 'python'), '')
    expect(await stateOf(part)).toMatchObject({ state: 'incomplete' })
    expect(await setUp(part, quiet)).toBe('works')
  })

  it('says that the index cannot be reached, and how to go on', async () => {
    await setUp(part, quiet)
    writeFileSync(join(folder, 'use.txt'), 'no-such-package==1.0\n')
    vi.stubEnv('PIP_INDEX_URL', 'http://127.0.0.1:9/simple')
    vi.stubEnv('PIP_RETRIES', '1')
    await expect(setUp(part, quiet)).rejects.toMatchObject({
      code: 'setup-failed',
      message: expect.stringContaining('cannot be reached'),
      hint: expect.stringContaining('`etl setup small` again'),
    })
    vi.unstubAllEnvs()
    expect(await stateOf(part)).toMatchObject({ state: 'incomplete' })
  })

  it('that does not work is not ready', async () => {
    const broken = { ...part, check: 'raise ValueError("no device")' }
    await expect(setUp(broken, quiet)).rejects.toThrow(/does not work: ValueError: no device/)
    expect(existsSync(join(folder, '.venv', 'etl-ready'))).toBe(false)
  })
})

it('needs a Python', async () => {
  vi.stubEnv('PATH', '/nowhere')
  vi.stubEnv('ETL_PYTHON', '')
  await expect(setUp(part, quiet)).rejects.toMatchObject({
    code: 'setup-failed',
    message: expect.stringContaining('no Python 3.11'),
  })
  vi.unstubAllEnvs()
})
