import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { publishedHashes, runAndKill, runToEnd } from '../testing/killing.ts'

const script = fileURLToPath(new URL('../../dist/src/engine/testing/run.js', import.meta.url))

/** How often the process group is killed before the run may finish. */
const KILLS = 6

const post = (index: number) =>
  JSON.stringify({ thread: `t${index % 97}`, text: `post ${index} – منشور ${index}` })
const row = (index: number) =>
  JSON.stringify({
    key: `k${index}`,
    kind: 'prose',
    text: `Text ${index % 900}, with a secret. `.repeat(1 + (index % 5)),
  })
const lines = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n')

interface Layout {
  readonly name: string
  readonly workers: string
  readonly files: Readonly<Record<string, string>>
  readonly sources: readonly object[]
}

const LAYOUTS: readonly Layout[] = [
  {
    name: 'several partitions and threads',
    workers: '2',
    files: {
      'a1.jsonl': lines(800, row),
      'a2.jsonl': lines(800, (index) => row(index + 500)),
      'posts.jsonl': lines(900, post),
    },
    sources: [
      { name: 'rows', type: 'lines', input: 'a*.jsonl' },
      { name: 'talk', type: 'threads', input: 'posts.jsonl' },
    ],
  },
  {
    name: 'one partition judged by all workers',
    workers: '4',
    files: { 'a.jsonl': lines(2500, row) },
    sources: [{ name: 'rows', type: 'lines', input: 'a.jsonl' }],
  },
]

it.each(LAYOUTS)(
  `publishes the same bytes after ${KILLS} kills at random moments: $name`,
  { timeout: 300_000 },
  async ({ workers, files, sources }) => {
    const folder = await mkdtemp(join(tmpdir(), 'kill-'))
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
    const manifest = {
      name: 'kill',
      output: 'calm',
      sources,
      filters: [{ type: 'length' }, { type: 'censor', maxSecrets: 4 }, { type: 'same-text' }],
      split: { train: 60, eval: 20, test: 20 },
      shards: { bytes: 1 << 16 },
      limits: { segmentBytes: 4096 },
    }
    const calm = join(folder, 'calm.json')
    await writeFile(calm, JSON.stringify(manifest))
    const { milliseconds } = await runToEnd([script, calm, workers])

    const troubled = join(folder, 'troubled.json')
    await writeFile(troubled, JSON.stringify({ ...manifest, output: 'troubled' }))
    for (let kill = 0; kill < KILLS; kill++) {
      // Kills are spread over the whole run, each a little later than the last, so that stage,
      // dedup and publication are all hit.
      await runAndKill(
        [script, troubled, workers],
        milliseconds * ((kill + 0.3 + 0.6 * Math.random()) / KILLS),
      )
    }
    expect(await runToEnd([script, troubled, workers])).toMatchObject({ code: 0 })
    const { 'corpus.json': _, ...expected } = await publishedHashes(join(folder, 'calm'))
    expect(Object.keys(expected).length).toBeGreaterThan(8)
    expect(await publishedHashes(join(folder, 'troubled'))).toMatchObject(expected)
  },
)
