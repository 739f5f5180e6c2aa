import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { localStorage } from '../files/local-storage.ts'
import { validateManifest } from './check.ts'
import { manifestProblems } from './partitions.ts'
import { makePlan } from './plan.ts'
import { testRegistry } from './testing/components.ts'

let folder = ''
afterEach(() => rm(folder, { recursive: true, force: true }))

it('tells of missing inputs beside everything else that is wrong', async () => {
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
  const context = { storage: localStorage(), signal: new AbortController().signal, warn: () => undefined }
  const found = await manifestProblems(validation, (manifest) => makePlan(manifest, context))
  expect(found.map(({ path }) => path)).toEqual(['sources[0].type', 'filters[0].minBites', 'sources[2]'])
  expect(found.at(-1)?.message).toBe('"gone" finds nothing to read')
})
