import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { publishedHashes, runToEnd } from '../src/testing/killing.ts'

/**
 * Hashes of what the main manifest publishes from the samples, in the format of `sha256sum`. After
 * an intended change of output: `GOLDEN=write npx vitest run manifests/golden.test.ts -u`.
 */
const golden = join(import.meta.dirname, 'fixtures/corpus.sha256')
const etl = join(import.meta.dirname, '../bin/etl.js')
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etl-golden-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/**
 * Runs the manifest in a copy of the repository layout, so that the result holds no path of this
 * machine.
 */
async function publish(workers: number): Promise<string> {
  const copy = join(folder, String(workers))
  await mkdir(join(copy, 'manifests'), { recursive: true })
  await cp(join(import.meta.dirname, '../samples'), join(copy, 'samples'), { recursive: true })
  await cp(join(import.meta.dirname, 'corpus.json'), join(copy, 'manifests/corpus.json'))
  const manifest = join(copy, 'manifests/corpus.json')
  expect(await runToEnd([etl, 'run', manifest, '--workers', String(workers)])).toMatchObject({
    code: 0,
  })
  const hashes = Object.entries(await publishedHashes(join(copy, 'corpus')))
  return hashes
    .map(([path, hash]) => `${hash}  ${path}\n`)
    .sort()
    .join('')
}

it.each([1, 2, 4])(
  'publishes the recorded bytes with %i workers',
  { timeout: 300_000 },
  async (workers) => {
    const published = await publish(workers)
    if (process.env.GOLDEN === 'write') await expect(published).toMatchFileSnapshot(golden)
    else expect(published).toBe(await readFile(golden, 'utf8'))
  },
)
