import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { publishedHashes, runAndKill, runToEnd } from '../src/testing/killing.ts'

const etl = join(import.meta.dirname, '../bin/etl.js')
const KILLS = 5

let folder = ''
let calm: Record<string, string> = {}
let milliseconds = 0

/**
 * Writes the main manifest with another output, and with small segments so that there is much to
 * interrupt.
 */
async function manifestFor(output: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(import.meta.dirname, 'corpus.json'), 'utf8'))
  for (const source of manifest.sources) {
    for (const [name, value] of Object.entries(source)) {
      if (typeof value === 'string' && value.startsWith('../'))
        source[name] = resolve(import.meta.dirname, value)
    }
  }
  const path = join(folder, `${output}.json`)
  const limits = { segmentBytes: 4096 }
  await writeFile(
    path,
    JSON.stringify({ ...manifest, $schema: undefined, output: join(folder, output), limits }),
  )
  return path
}

/** Hashes of all published files except corpus.json, which names the output folder. */
async function published(output: string): Promise<Record<string, string>> {
  const { 'corpus.json': _, ...files } = await publishedHashes(join(folder, output))
  return files
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etl-determinism-'))
  const finished = await runToEnd([etl, 'run', await manifestFor('calm'), '--workers', '1'])
  expect(finished.code).toBe(0)
  milliseconds = finished.milliseconds
  calm = await published('calm')
})

it.each([2, 4])(
  'publishes the same bytes with %i workers',
  { timeout: 300_000 },
  async (workers) => {
    const output = `workers${workers}`
    expect(
      await runToEnd([etl, 'run', await manifestFor(output), '--workers', String(workers)]),
    ).toMatchObject({
      code: 0,
    })
    expect(await published(output)).toEqual(calm)
  },
)

it(`publishes the same bytes after ${KILLS} kills of the process group`, {
  timeout: 300_000,
}, async () => {
  const run = [etl, 'run', await manifestFor('troubled'), '--workers', '2']
  for (let kill = 0; kill < KILLS; kill++) {
    await runAndKill(run, milliseconds * ((kill + 0.4 + 0.6 * Math.random()) / KILLS))
  }
  expect(await runToEnd(run)).toMatchObject({ code: 0 })
  expect(await published('troubled')).toEqual(calm)
})
