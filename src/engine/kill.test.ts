import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const script = fileURLToPath(new URL('../../dist/src/engine/testing/run.js', import.meta.url))

/** How often the process group is killed before the run may finish. */
const KILLS = 6

function start(manifest: string): ChildProcess {
  return spawn(process.execPath, [script, manifest, '2'], { detached: true, stdio: 'ignore' })
}

async function runToEnd(manifest: string): Promise<number> {
  const started = performance.now()
  const [code] = await once(start(manifest), 'exit')
  expect(code).toBe(0)
  return performance.now() - started
}

/** Lets a run work for a while, then kills it and all its workers. */
async function runAndKill(manifest: string, milliseconds: number): Promise<void> {
  const child = start(manifest)
  const exit = once(child, 'exit')
  await Promise.race([sleep(milliseconds), exit])
  try {
    process.kill(-(child.pid ?? 0), 'SIGKILL')
  } catch {
    // It had finished already.
  }
  await exit
}

async function published(output: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {}
  for (const entry of await readdir(output, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (!entry.isFile() || path.includes('/.work/') || entry.name === 'run.json') continue
    hashes[path.slice(output.length + 1)] = createHash('sha256')
      .update(await readFile(path))
      .digest('hex')
  }
  return hashes
}

it(`publishes the same bytes after ${KILLS} kills at any moment`, { timeout: 300_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kill-'))
  const post = (index: number) => JSON.stringify({ thread: `t${index % 97}`, text: `post ${index} – منشور ${index}` })
  const row = (index: number) =>
    JSON.stringify({
      key: `k${index}`,
      kind: 'prose',
      text: `Text ${index % 900}, with a secret. `.repeat(1 + (index % 5)),
    })
  await writeFile(join(folder, 'a1.jsonl'), Array.from({ length: 800 }, (_, index) => row(index)).join('\n'))
  await writeFile(join(folder, 'a2.jsonl'), Array.from({ length: 800 }, (_, index) => row(index + 500)).join('\n'))
  await writeFile(join(folder, 'posts.jsonl'), Array.from({ length: 900 }, (_, index) => post(index)).join('\n'))
  const manifest = {
    name: 'kill',
    output: 'calm',
    sources: [
      { name: 'rows', type: 'lines', input: 'a*.jsonl' },
      { name: 'talk', type: 'threads', input: 'posts.jsonl' },
    ],
    filters: [{ type: 'length' }, { type: 'censor', maxSecrets: 4 }, { type: 'same-text' }],
    split: { train: 60, eval: 20, test: 20 },
    shards: { bytes: 1 << 16 },
    limits: { segmentBytes: 4096 },
  }
  const calm = join(folder, 'calm.json')
  await writeFile(calm, JSON.stringify(manifest))
  const duration = await runToEnd(calm)

  const troubled = join(folder, 'troubled.json')
  await writeFile(troubled, JSON.stringify({ ...manifest, output: 'troubled' }))
  for (let kill = 0; kill < KILLS; kill++) {
    // Spread over the whole run, each a little further: stage, dedup and publication are all hit.
    await runAndKill(troubled, duration * ((kill + 0.3 + 0.6 * Math.random()) / KILLS))
  }
  await runToEnd(troubled)
  const { 'corpus.json': _, ...expected } = await published(join(folder, 'calm'))
  expect(Object.keys(expected).length).toBeGreaterThan(8)
  expect(await published(join(folder, 'troubled'))).toMatchObject(expected)
})
