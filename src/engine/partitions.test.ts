import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { manifestProblems } from './partitions.ts'
import { validateManifest } from './plan/check.ts'
import { testRegistry } from './testing/components.ts'

let folder = ''
afterEach(() => rm(folder, { recursive: true, force: true }))

it('reports missing inputs together with all other problems', async () => {
  folder = await mkdtemp(join(tmpdir(), 'etl-problems-'))
  await writeFile(join(folder, 'here.jsonl'), '')
  const raw = {
    name: 'corpus',
    output: 'out',
    sources: [
      { name: 'unknown', type: 'lnies', input: 'here.jsonl' },
      { name: 'here', type: 'lines', input: 'here.jsonl' },
      { name: 'gone', type: 'lines', input: 'gone.jsonl' },
    ],
    filters: [{ type: 'length', minBites: 3 }],
  }
  const validation = await validateManifest(raw, join(folder, 'manifest.json'), testRegistry)
  const found = await manifestProblems(validation)
  expect(found.map(({ path }) => path)).toEqual([
    'sources[0].type',
    'filters[0].minBites',
    'sources[2]',
  ])
  expect(found.at(-1)?.message).toBe('"gone" finds nothing to read')
})

it('reports missing base corpora and benchmarks, and a corpus that is its own base', async () => {
  folder = await mkdtemp(join(tmpdir(), 'etl-problems-'))
  await writeFile(join(folder, 'here.jsonl'), '')
  const problemsOf = async (base: string) => {
    const raw = {
      name: 'corpus',
      output: 'out',
      base: [base],
      sources: [{ name: 'here', type: 'lines', input: 'here.jsonl' }],
      decontaminate: { benchmarks: [{ name: 'quiz', input: 'quiz.jsonl' }] },
    }
    const validation = await validateManifest(raw, join(folder, 'manifest.json'), testRegistry)
    const found = await manifestProblems(validation)
    return found.map(({ path, message }) => `${path}: ${message}`)
  }
  const noQuiz = expect.stringMatching(/^decontaminate\.benchmarks: .*no benchmark file/)
  expect(await problemsOf('earlier')).toEqual([
    expect.stringMatching(/^base: .*base corpus is not there/),
    noQuiz,
  ])
  expect(await problemsOf('out')).toEqual([expect.stringMatching(/^base: .*its own base/), noQuiz])
})
