import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Item, SourceRecord } from '../../src/core/connector.ts'
import type { Document } from '../../src/core/document.ts'
import { collect, readItems, testConnector, testContext } from '../../src/testing/index.ts'
import { reddit } from './index.ts'

testConnector({ component: reddit, folder: import.meta.dirname })
testConnector({
  component: reddit,
  folder: import.meta.dirname,
  options: { ...reddit.example, documents: 'posts', partitionBytes: 500 },
})

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etl-reddit-'))
})
afterAll(() => rm(folder, { recursive: true }))

type Options = Parameters<typeof reddit.options.parse>[0] & object

async function read(options: Options): Promise<{ documents: Document[]; skips: string[] }> {
  const connector = await reddit.create(reddit.options.parse(options), testContext(folder))
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

const fixtures = { input: join(import.meta.dirname, 'fixtures') }
const rows = (...values: object[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join('')
const comment = {
  id: 'c',
  body: 'text',
  author: 'a',
  subreddit: 's',
  link_id: 't3_t',
  parent_id: 't3_t',
  score: 5,
}

describe('threads', () => {
  it('joins submissions and comments across files, nested and sorted by score', async () => {
    const { documents } = await read(fixtures)
    expect(documents.map(({ key, items }) => [key, items])).toEqual([
      ['t3_aa1', 4],
      ['t3_zz9', 1],
    ])
    expect(documents[0]?.text).toBe(
      [
        '# Why is the sky dark at night? & other questions',
        'An old paradox.\n\n\n\nWho solved it?',
        '- Space expands too.',
        '- Light from far stars has not reached us.\n\n  > old paradox\n\n  It is not that old.',
        '  - يشكرك الجميع <3',
      ].join('\n\n'),
    )
    expect(documents[0]).toMatchObject({
      url: 'https://www.reddit.com/r/askscience/comments/aa1/sky/',
      created: '2023-11-14T22:13:20.000Z',
      metadata: {
        subreddit: 'askscience',
        score: 40,
        comments: [{ id: 't1_c2' }, { id: 't1_c1' }, { id: 't1_c3' }],
      },
    })
  })

  it('skips deleted, removed, promoted, adult and bot posts with a reason', async () => {
    const { skips } = await read(fixtures)
    expect(skips.toSorted()).toEqual([
      'bot',
      'deleted',
      'deleted',
      'deleted',
      'low-score',
      'malformed-row',
      'moderator-notice',
      'no-text',
      'over-18',
      'promoted',
    ])
  })

  it('does not name authors but tells them apart', async () => {
    const { documents } = await read(fixtures)
    expect(JSON.stringify(documents)).not.toMatch(/nadia|lina|omar/)
    expect(documents[0]?.metadata?.author).toMatch(/^[\da-f]{32}$/)
  })

  it('cuts long chains and cycles of replies, and keeps the newest of two versions', async () => {
    const chain = Array.from({ length: 14 }, (_, depth) => ({
      ...comment,
      id: `c${depth}`,
      parent_id: depth === 0 ? 't3_t' : `t1_c${depth - 1}`,
    }))
    const ring = [
      { ...comment, id: 'r1', parent_id: 't1_r2' },
      { ...comment, id: 'r2', parent_id: 't1_r1' },
    ]
    const edited = { ...comment, id: 'c0', body: 'edited', edited: 1700000000 }
    await writeFile(join(folder, 'deep'), rows(...chain, ...ring, edited))
    const { documents, skips } = await read({ input: 'deep' })
    expect(documents.map(({ items, text }) => [items, String(text).slice(0, 8)])).toEqual([
      [12, '- edited'],
    ])
    expect(skips.toSorted()).toEqual(['superseded', 'too-deep', 'too-deep', 'too-deep', 'too-deep'])
  })
})

describe('single posts', () => {
  it('become one document each, with the text they have', async () => {
    const { documents, skips } = await read({ ...fixtures, documents: 'posts', minScore: 10 })
    expect(documents.map(({ key }) => key)).toEqual(['t1_c1', 't1_c2', 't3_aa1'])
    expect(skips.filter((skip) => skip === 'low-score').length).toBeGreaterThan(3)
  })

  it('are read with every type a field has had over the years', async () => {
    await writeFile(
      join(folder, 'types'),
      rows(
        { ...comment, id: 'a', created_utc: 1134365188, edited: true },
        { ...comment, id: 'b', created_utc: '1134365188', edited: 1134365200.5 },
        { ...comment, id: 'c', created_utc: null, score: '7', parent_id: 17 },
      ),
    )
    const { documents } = await read({ input: 'types', documents: 'posts' })
    expect(documents.map(({ created, revised }) => [created, revised])).toEqual([
      ['2005-12-12T05:26:28.000Z', '2005-12-12T05:26:28.000Z'],
      ['2005-12-12T05:26:28.000Z', '2005-12-12T05:26:40.500Z'],
      [undefined, undefined],
    ])
  })

  it('are skipped for every placeholder of a deleted text', async () => {
    const marks = [
      '[deleted]',
      '[removed]',
      '[ Removed by Reddit ]',
      '[deleted by user]',
      '[UNICODE ENCODE ERROR]',
    ]
    await writeFile(join(folder, 'marks'), rows(...marks.map((body) => ({ ...comment, body }))))
    expect((await read({ input: 'marks', documents: 'posts' })).skips).toEqual(
      marks.map(() => 'deleted'),
    )
  })

  it('do not include rows that are neither submission nor comment', async () => {
    await writeFile(
      join(folder, 'odd'),
      `${rows({ id: 'x' }, { body: 'no id' }, { ...comment, link_id: null })}null\n`,
    )
    const { skips } = await read({ input: 'odd', documents: 'posts' })
    expect(skips).toEqual(['not-a-post', 'not-a-post', 'orphan-comment', 'malformed-row'])
  })
})
