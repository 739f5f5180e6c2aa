import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { publishedHashes, runToEnd, runUntil } from '../../testing/killing.ts'

const script = fileURLToPath(new URL('../../../dist/src/engine/testing/run.js', import.meta.url))

/** Enough rows for several stretches in every split. */
const ROWS = 110_000

const row = (index: number) =>
  JSON.stringify({
    key: `k${index}`,
    kind: 'prose',
    text: `Text ${index % 90_000}, نص رقم ${index % 90_000}. `.repeat(10),
  })

const MANIFEST = {
  name: 'publish',
  sources: [
    { name: 'first', type: 'lines', input: 'a*.jsonl' },
    { name: 'second', type: 'lines', input: 'b.jsonl' },
  ],
  filters: [{ type: 'length', minBytes: 24 }, { type: 'same-text' }],
  split: { train: 60, eval: 20, test: 20 },
  limits: { segmentBytes: 1 << 20 },
}

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'publish-'))
  const rows = Array.from({ length: ROWS }, (_, index) => row(index))
  await writeFile(join(folder, 'a1.jsonl'), rows.slice(0, 40_000).join('\n'))
  await writeFile(join(folder, 'a2.jsonl'), rows.slice(40_000, 80_000).join('\n'))
  await writeFile(join(folder, 'b.jsonl'), rows.slice(80_000).join('\n'))
})

/**
 * Writes a manifest that publishes into a folder of its own. Returns the command that runs it, and
 * that folder.
 */
async function corpus(output: string, workers: number, change: object = {}) {
  const path = join(folder, `${output}.json`)
  await writeFile(path, JSON.stringify({ ...MANIFEST, ...change, output }))
  return { args: [script, path, String(workers)], output: join(folder, output) }
}

async function hashesOf(output: string) {
  const { 'corpus.json': _, ...hashes } = await publishedHashes(output)
  return hashes
}

it('publishes shards of several stretches with the same bytes for any number of workers', {
  timeout: 200_000,
}, async () => {
  // With one worker the first shards are written whole; with four workers all are joined from
  // stretches. Without compression, values are written directly from the memory in which they are
  // collected.
  const hashes: Record<string, string>[] = []
  for (const workers of [1, 2, 4]) {
    const { args, output } = await corpus(`w${workers}`, workers, {
      shards: { bytes: 8_000_000, compression: 'none' },
    })
    expect(await runToEnd(args)).toMatchObject({ code: 0 })
    hashes.push(await hashesOf(output))
  }
  expect(Object.keys(hashes[0] ?? {}).filter((path) => path.startsWith('train/'))).toHaveLength(3)
  expect(hashes[1]).toEqual(hashes[0])
  expect(hashes[2]).toEqual(hashes[0])
})

it('completes a killed publication with the same bytes and without leftovers', {
  timeout: 200_000,
}, async () => {
  const { args, output } = await corpus('killed', 4)
  const partsAreJoined = async () => {
    const files = await filesBelow(join(output, '.work', 'publish', 'train'))
    const sizes = await Promise.all(files.filter((path) => path.endsWith('.tmp')).map(sizeOf))
    return sizes.some((size) => size > 1000)
  }
  expect(await runUntil(args, () => partsExist(output))).toBe(true)
  expect(await runUntil(args, partsAreJoined)).toBe(true)
  expect(await runToEnd(args)).toMatchObject({ code: 0 })
  await expectCalm(output)
})

describe.runIf(process.platform === 'linux')(
  'a publication whose workers die',
  { timeout: 200_000 },
  () => {
    it('lets another worker repeat the task of one that died within a shard', async () => {
      const { args, output } = await corpus('widowed', 4)
      let killed = false
      const { code } = await runToEnd(args, async (pid) => {
        killed = (await partsExist(output)) && (await killWorker(pid))
        return killed
      })
      expect({ killed, code }).toEqual({ killed: true, code: 0 })
      await expectCalm(output)
      const { warnings } = JSON.parse(await readFile(join(output, 'run.json'), 'utf8'))
      expect(warnings).toEqual([
        expect.stringMatching(/is done again: a worker ended with SIGKILL/),
      ])
    })

    it('fails if they die again and again, and can be resumed', async () => {
      const { args, output } = await corpus('bereaved', 4)
      const { code } = await runToEnd(args, async (pid) => {
        if (await partsExist(output)) await killWorker(pid)
        return false
      })
      expect(code).toBe(1)
      expect(await runToEnd(args)).toMatchObject({ code: 0 })
      await expectCalm(output)
    })
  },
)

const partsExist = async (output: string) =>
  (await filesBelow(join(output, '.work', 'publish.parts'))).length > 0

/** Expects the bytes that an undisturbed run publishes, and no unfinished files. */
async function expectCalm(output: string): Promise<void> {
  const calm = await corpus('calm', 2)
  if (!existsSync(calm.output)) expect(await runToEnd(calm.args)).toMatchObject({ code: 0 })
  expect(await hashesOf(output)).toEqual(await hashesOf(calm.output))
  expect(existsSync(join(output, '.work', 'publish.parts'))).toBe(false)
  expect((await filesBelow(output)).filter((path) => path.endsWith('.tmp'))).toEqual([])
}

async function filesBelow(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  )

/** Kills a child of a process. */
async function killWorker(pid: number): Promise<boolean> {
  try {
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
    const [child] = children.trim().split(' ').filter(Boolean).map(Number)
    return child !== undefined && process.kill(child, 'SIGKILL')
  } catch {
    return false // the process or its child has already ended
  }
}
