import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { publishedHashes, runAndKill, runToEnd } from '../testing/killing.ts'

const script = fileURLToPath(new URL('../../dist/src/engine/testing/run.js', import.meta.url))

/** How often the process group is killed before the run may finish. */
const KILLS = 6

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
  const { milliseconds } = await runToEnd([script, calm, '2'])

  const troubled = join(folder, 'troubled.json')
  await writeFile(troubled, JSON.stringify({ ...manifest, output: 'troubled' }))
  for (let kill = 0; kill < KILLS; kill++) {
    // Spread over the whole run, each a little further: stage, dedup and publication are all hit.
    await runAndKill([script, troubled, '2'], milliseconds * ((kill + 0.3 + 0.6 * Math.random()) / KILLS))
  }
  expect(await runToEnd([script, troubled, '2'])).toMatchObject({ code: 0 })
  const { 'corpus.json': _, ...expected } = await publishedHashes(join(folder, 'calm'))
  expect(Object.keys(expected).length).toBeGreaterThan(8)
  expect(await publishedHashes(join(folder, 'troubled'))).toMatchObject(expected)
})
