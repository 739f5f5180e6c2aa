import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** The package as a stranger gets it: packed, installed, imported, and extended by a plug-in. */
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const bin = (name) => join(root, 'node_modules/.bin', name)
const run = promisify(execFile)
let folder = ''
let tarball = ''
/** @type {readonly string[]} */
let files = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etl-package-'))
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]
  const [packed] = JSON.parse((await run('npm', pack, { cwd: root })).stdout)
  tarball = join(folder, packed.filename)
  files = packed.files.map(({ path }) => path)
}, 120_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the package', () => {
  it('holds what users run and read, and nothing else', () => {
    expect(files).toEqual(
      expect.arrayContaining([
        'bin/etl.js',
        'README.md',
        'LICENSE',
        'dist/src/kernels/kernels.wasm',
      ]),
    )
    expect(
      files.filter((path) =>
        /\.test\.|\/testing\/(?!backend|connector|context|filter|index|sketch-store)/.test(path),
      ),
    ).toEqual([])
    expect(
      files.filter((path) =>
        /\.map$|tsbuildinfo|\.ts$(?<!\.d\.ts)|__pycache__|fixtures\//.test(path),
      ),
    ).toEqual([])
    const tops = new Set(
      files.map((path) =>
        path
          .split('/')
          .slice(0, path.startsWith('dist/') ? 2 : 1)
          .join('/'),
      ),
    )
    expect([...tops].sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'bin',
      'dist/connectors',
      'dist/filters',
      'dist/plugins',
      'dist/src',
      'docs',
      'manifests',
      'package.json',
      'plugins',
      'samples',
    ])
  })

  it('is clean for publint and, as ES modules, for attw', { timeout: 120_000 }, async () => {
    expect((await run(bin('publint'), ['run', '--strict', tarball])).stdout).toContain('All good!')
    const checked = await run(bin('attw'), ['--profile', 'esm-only', '--format', 'json', tarball])
    expect(JSON.parse(checked.stdout).analysis.types).toMatchObject({ kind: 'included' })
  })
})

it('lets a stranger build a plug-in, test it by the contract suites and run it', {
  timeout: 300_000,
}, async () => {
  const plugin = join(folder, 'plugin')
  const skip = /\/(?:node_modules|dist|corpus)$/
  await cp(join(root, 'examples/plugin'), plugin, {
    recursive: true,
    filter: (path) => !skip.test(path),
  })
  const here = { cwd: plugin }
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], here)
  await run('npm', ['run', 'build'], here)
  const tested = await run('npm', ['test'], here)
  expect(tested.stdout).toMatch(/Tests .*\d+ passed/)
  await run('npx', ['--no-install', 'etl', 'run', 'corpus.json'], here)
  const { stdout } = await run('npx', ['--no-install', 'etl', 'inspect', 'corpus', '--json'], here)
  const shown = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const texts = shown.map(({ id, reason = 'kept' }) => `${id} ${reason}`).sort()
  expect(texts).toEqual([
    'diary:2025-12-30 kept',
    'diary:2025-12-31 one-word',
    'diary:2026-03-01 kept',
    'diary:2026-03-02 one-word',
    'diary:2026-03-03 kept',
  ])
})
