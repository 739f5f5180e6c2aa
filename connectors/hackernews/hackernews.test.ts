import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Item, SourceRecord } from '../../src/core/connector.ts'
import type { Document } from '../../src/core/document.ts'
import { collect, readItems, testConnector, testContext } from '../../src/testing/index.ts'
import { hackernews } from './index.ts'
import { rootTable } from './roots.ts'

const fixture = join(import.meta.dirname, hackernews.example.input)

testConnector({ component: hackernews, folder: import.meta.dirname })
testConnector({
  component: hackernews,
  folder: import.meta.dirname,
  options: { ...hackernews.example, partitionBytes: 200 },
})

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etl-hackernews-'))
})
afterAll(() => rm(folder, { recursive: true }))

type Options = Parameters<typeof hackernews.options.parse>[0] & object

async function read(options: Options): Promise<{ documents: Document[]; skips: string[] }> {
  const connector = await hackernews.create(hackernews.options.parse(options), testContext(folder))
  const items: Item[] = []
  for (const partition of await collect(connector.partitions()))
    items.push(...(await readItems(connector, partition)))
  const groups = new Map<string, SourceRecord[]>()
  for (const item of items) {
    if (!('record' in item)) continue
    const key = connector.grouping?.key(item.record) ?? ''
    groups.set(key, [...(groups.get(key) ?? []), item.record])
  }
  const assembled = [...groups.values()].flatMap((records) => [
    ...(connector.grouping?.assemble(records) ?? []),
  ])
  const results = [...items, ...assembled]
  return {
    documents: results.flatMap((result) => ('document' in result ? [result.document] : [])),
    skips: results.flatMap((result) => ('skipped' in result ? [result.skipped] : [])),
  }
}

/** The items of the fixture that are well-formed objects. */
async function fixtureItems(): Promise<Record<string, unknown>[]> {
  const lines = (await readFile(fixture, 'utf8')).trim().split('\n').slice(0, -1)
  return lines
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter((item) => item !== null)
}

describe('threads', () => {
  it('nests comments under the comment they reply to, in the order of the page', async () => {
    const { documents } = await read({ input: fixture })
    expect(documents.map(({ key, items }) => [key, items])).toEqual([
      ['100', 5],
      ['50', 1],
    ])
    expect(documents[0]?.text).toBe(
      [
        '# Ask HN: Telescopes for beginners & children?',
        'Budget is small.\n\nWhich one do you love?',
        '- منظار بسيط يكفي.',
        '- Binoculars. See https://example.org/a/very/long/path',
        '  - Code:\n\n    ```\n      let a = 1;\n      let b = a < 2;\n    ```',
        "    - By Algolia's names.",
      ].join('\n\n'),
    )
    expect(documents[0]).toMatchObject({
      url: 'https://news.ycombinator.com/item?id=100',
      created: '2023-11-14T22:13:20.000Z',
      revised: '2023-11-14T22:23:20.000Z',
      metadata: { type: 'story', score: 12, links: ['https://example.org/a/very/long/path'] },
    })
  })

  it('gives a reason for every skipped item', async () => {
    const { skips } = await read({ input: fixture })
    expect(skips).toEqual(['null-item', 'deleted', 'dead', 'malformed-row', 'no-text'])
  })

  it('does not name authors', async () => {
    expect(JSON.stringify(await read({ input: fixture }))).not.toMatch(/nadia|omar|lina|yusuf/)
  })

  it('joins comments to their story across files, and keeps the newest version', async () => {
    const items = await fixtureItems()
    await mkdir(join(folder, 'parts'))
    for (const [index, part] of [items.slice(2), items.slice(0, 3)].entries()) {
      await writeFile(
        join(folder, 'parts', `${index}.jsonl`),
        part.map((item) => JSON.stringify(item)).join('\n'),
      )
    }
    const { documents, skips } = await read({ input: 'parts' })
    expect(documents.map(({ key, items }) => [key, items]).sort()).toEqual([
      ['100', 5],
      ['50', 1],
    ])
    expect(skips).toContain('superseded')
  })
})

describe('Parquet dumps', () => {
  it('yield the same threads as JSON Lines, and resume at any row', async () => {
    const items = (await fixtureItems()).filter((item) => 'id' in item)
    const column = <T>(name: string, none: T): T[] => items.map((item) => (item[name] ?? none) as T)
    const buffer = parquetWriteBuffer({
      columnData: [
        { name: 'id', data: column('id', 0), type: 'INT32' },
        { name: 'type', data: column('type', ''), type: 'STRING' },
        { name: 'by', data: column('by', ''), type: 'STRING' },
        { name: 'time', data: column('time', 0).map((time) => BigInt(time)), type: 'INT64' },
        { name: 'text', data: column('text', ''), type: 'STRING' },
        { name: 'title', data: column('title', ''), type: 'STRING' },
        { name: 'parent', data: column('parent', 0), type: 'INT32' },
        { name: 'score', data: column('score', 0), type: 'INT32' },
        { name: 'dead', data: column('dead', false), type: 'BOOLEAN' },
        { name: 'deleted', data: column('deleted', false), type: 'BOOLEAN' },
        { name: 'unused', data: column('id', 0), type: 'INT32' },
      ],
      rowGroupSize: 3,
    })
    await writeFile(join(folder, 'items.parquet'), new Uint8Array(buffer))
    const { documents, skips } = await read({ input: 'items.parquet' })
    expect(documents.map(({ key, items }) => [key, items])).toEqual([
      ['100', 4],
      ['50', 1],
    ])
    expect(documents[0]?.created).toBe('2023-11-14T22:13:20.000Z')
    expect(skips).toEqual(['deleted', 'dead', 'no-text'])
    const connector = await hackernews.create(
      hackernews.options.parse({ input: 'items.parquet' }),
      testContext(folder),
    )
    const partitions = await collect(connector.partitions())
    expect(partitions.map(({ key }) => key)).toEqual([
      'items.parquet/00000',
      'items.parquet/00001',
      'items.parquet/00002',
    ])
    const all = await readItems(connector, partitions[0]!)
    expect(await readItems(connector, partitions[0]!, all[0]!.cursor)).toEqual(all.slice(1))
  })

  it('that are damaged do not stop the plan; reading them names the file', async () => {
    await writeFile(join(folder, 'bad.parquet'), 'PAR1 and nothing of a footer')
    const connector = await hackernews.create(
      hackernews.options.parse({ input: 'bad.parquet' }),
      testContext(folder),
    )
    expect(await collect(connector.partitions())).toHaveLength(1)
    await expect(read({ input: 'bad.parquet' })).rejects.toMatchObject({
      code: 'input-corrupt',
      where: 'bad.parquet',
    })
  })
})

describe('rootTable', () => {
  it('finds roots in any order, or the topmost id mentioned if a parent is missing', async () => {
    async function* links() {
      yield [
        { id: 900_000, parent: 20 },
        { id: 20, parent: 10 },
      ]
      yield [
        { id: 10, parent: 0 },
        { id: 30, parent: 5 },
      ]
    }
    const rootOf = await rootTable(links())
    expect([900_000, 20, 10, 30, 5, 7].map(rootOf)).toEqual([10, 10, 10, 5, 5, 7])
  })
})
