import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Connector, Item, SourceRecord } from '../../src/core/connector.ts'
import type { Document } from '../../src/core/document.ts'
import { collect, readItems, testConnector, testContext } from '../../src/testing/index.ts'
import { stackoverflow } from './index.ts'
import { readTags } from './post.ts'
import { guessSite, licenseByDate } from './sites.ts'

testConnector({ component: stackoverflow, folder: import.meta.dirname })
testConnector({
  component: stackoverflow,
  folder: import.meta.dirname,
  options: { ...stackoverflow.example, partitionBytes: 300 },
})

const fixture = join(import.meta.dirname, stackoverflow.example.input)

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etl-stackoverflow-'))
})
afterAll(() => rm(folder, { recursive: true }))

type Options = Parameters<typeof stackoverflow.options.parse>[0] & object

/** Threads and skips of an input, grouped the way the engine groups records. */
async function read(options: Options): Promise<{ threads: Document[]; skips: string[] }> {
  const connector: Connector = await stackoverflow.create(
    stackoverflow.options.parse(options),
    testContext(folder),
  )
  const items: Item[] = []
  for (const partition of await collect(connector.partitions()))
    items.push(...(await readItems(connector, partition)))
  const groups = new Map<string, SourceRecord[]>()
  for (const item of items) {
    if (!('record' in item)) continue
    const key = connector.grouping?.key(item.record) ?? ''
    groups.set(key, [...(groups.get(key) ?? []), item.record])
  }
  const results = [
    ...items,
    ...[...groups.values()].flatMap((records) => [
      ...(connector.grouping?.assemble(records) ?? []),
    ]),
  ]
  return {
    threads: results.flatMap((result) => ('document' in result ? [result.document] : [])),
    skips: results.flatMap((result) =>
      'skipped' in result ? [`${result.skipped} ${result.where}`] : [],
    ),
  }
}

const row = (attributes: string): string => `  <row ${attributes} />\n`
const question = (id: number, more = ''): string =>
  row(
    `Id="${id}" PostTypeId="1" CreationDate="2020-01-01T00:00:00.000" Score="5" ` +
      `Body="&lt;p&gt;q${id}" ${more}`,
  )

describe('threads', () => {
  it('keeps a question with its good answers: accepted first, then by numeric score', async () => {
    const { threads } = await read({ input: fixture })
    expect(threads.map(({ key }) => key)).toEqual([
      'history.stackexchange.com/1',
      'history.stackexchange.com/5',
    ])
    expect(threads[0]).toMatchObject({
      text: [
        '# Who first measured the Earth?',
        'Who measured the Earth & how?',
        '## Answer',
        'البيروني قاس نصف قطر الأرض من جبل.',
        '## Answer',
        'Eratosthenes, with a well and a shadow:',
        '```py\n360 / 7.2 * 5000\n```',
      ].join('\n\n'),
      kind: 'mixed',
      items: 3,
      url: 'https://history.stackexchange.com/questions/1',
      license: 'CC-BY-SA-2.5 AND CC-BY-SA-3.0 AND CC-BY-SA-4.0',
      created: '2011-03-01T10:00:00.000Z',
      revised: '2019-01-01T00:00:00.000Z',
    })
    expect(threads[0]?.metadata).toMatchObject({
      tags: ['astronomy', 'antiquity'],
      links: ['https://example.org/well'],
      posts: [
        { id: 1, author: 'user 7', profile: 'https://history.stackexchange.com/users/7' },
        { id: 4, accepted: true, license: 'CC-BY-SA-4.0' },
        { id: 2, author: 'Hypatia', license: 'CC-BY-SA-3.0' },
      ],
    })
  })

  it('keeps a low-score question if one of its answers is good', async () => {
    const { threads } = await read({ input: fixture })
    expect(threads[1]).toMatchObject({ items: 2, metadata: { tags: ['libraries'] } })
  })

  it('gives a reason for every skipped row', async () => {
    const { skips } = await read({ input: fixture })
    expect(
      skips.map((skip) =>
        skip.replace(/ \(byte.*/, '').replace('history.stackexchange.com-Posts.xml:', ''),
      ),
    ).toEqual([
      'low-score line 9',
      'not-a-question-or-answer line 15',
      'malformed-row line 16',
      'fabricated line 17',
      'low-score line 13',
      'orphan-answer line 14',
    ])
  })

  it('joins posts in any order and file, and keeps the newest version of each', async () => {
    const posts = join(folder, 'several')
    await mkdir(posts)
    const answer = (edited: string, text: string) =>
      row(
        'Id="1" PostTypeId="2" ParentId="2" CreationDate="2020-01-01T00:00:00.000" ' +
          `LastEditDate="${edited}T00:00:00.000" Score="12" Body="${text}"`,
      )
    await writeFile(join(posts, 'a-Posts.xml'), `<posts>\n${answer('2022-01-01', 'new')}</posts>`)
    await writeFile(
      join(posts, 'b-Posts.xml'),
      `<posts>\n${question(2)}${answer('2021-01-01', 'old')}</posts>`,
    )
    await writeFile(join(posts, 'b-Users.xml'), `<users>\n${row('Id="1"')}</users>`)
    const { threads, skips } = await read({ input: 'several' })
    expect(threads.map(({ key, text }) => [key, text])).toEqual([['2', 'q2\n\n## Answer\n\nnew']])
    expect(skips).toEqual(['superseded b-Posts.xml:line 3 (byte 109)'])
  })

  it('applies another threshold and another site', async () => {
    const { threads } = await read({ input: fixture, minScore: 10, site: 'stackoverflow.com' })
    expect(threads.map(({ key, items, url }) => [key, items, url])).toEqual([
      ['1', 2, 'https://stackoverflow.com/questions/1'],
    ])
  })
})

describe('dump files', () => {
  it('yield the same threads when compressed or split', async () => {
    const name = 'history.stackexchange.com-Posts.xml.gz'
    await writeFile(join(folder, name), gzipSync(await readFile(fixture)))
    const whole = await read({ input: fixture })
    expect((await read({ input: name })).threads).toEqual(whole.threads)
    expect((await read({ input: fixture, partitionBytes: 50 })).threads).toEqual(whole.threads)
  })

  it('cannot load or expand anything through a DOCTYPE', async () => {
    const doctype =
      '<!DOCTYPE posts [\n<!ENTITY a "aaaa">\n<!ENTITY b "&a;&a;">\n' +
      '<!ENTITY x SYSTEM "file:///etc/hostname">\n]>\n'
    await writeFile(
      join(folder, 'evil.xml'),
      `${doctype}<posts>\n${question(1, 'Title="&b; &x;"')}</posts>`,
    )
    const { threads, skips } = await read({ input: 'evil.xml' })
    expect(threads[0]?.text).toBe('# &b; &x;\n\nq1')
    expect(skips).toEqual([])
  })

  it('with invalid UTF-8 or overlong rows lose only those rows', async () => {
    const rows = [
      question(1, 'Title="\xff"'),
      question(2),
      question(3, `Title="${'x'.repeat(999)}"`),
    ]
    const bytes = Buffer.from(`<posts>\n${rows.join('')}`, 'latin1')
    await writeFile(join(folder, 'bad.xml'), bytes)
    const { threads, skips } = await read({ input: 'bad.xml', maxLineBytes: 500 })
    expect(threads.map(({ key }) => key)).toEqual(['2'])
    expect(skips.map((skip) => skip.split(' ')[0])).toEqual(['invalid-utf8', 'line-too-long'])
  })

  it('lose generated answers and answers without a question', async () => {
    const answer = (attributes: string) =>
      row(`${attributes} PostTypeId="2" CreationDate="2020-01-01T00:00:00.000" Score="5" Body="x"`)
    await writeFile(
      join(folder, 'odd.xml'),
      `<posts>\n${answer('Id="2" ParentId="1" OwnerUserId="-2"')}${answer('Id="3"')}</posts>`,
    )
    expect((await read({ input: 'odd.xml' })).skips.map((skip) => skip.split(' ')[0])).toEqual([
      'answer-bot',
      'orphan-answer',
    ])
  })
})

describe('format details', () => {
  it('reads both tag notations', () => {
    expect([readTags('<c++><c#>'), readTags('|c++|c#|'), readTags('')]).toEqual([
      ['c++', 'c#'],
      ['c++', 'c#'],
      [],
    ])
  })

  it('guesses the site from file or folder', () => {
    expect(guessSite('/d/genai.stackexchange.com-Posts.xml')).toBe('genai.stackexchange.com')
    expect(guessSite('/d/stackoverflow.com-Posts.7z')).toBe('stackoverflow.com')
    expect(guessSite('/dumps/meta.mathoverflow.net/Posts.xml')).toBe('meta.mathoverflow.net')
    expect(guessSite('/stackoverflow.com/x/y/Posts.xml')).toBeUndefined()
  })

  it('knows which licence applied at which date', () => {
    expect(
      ['2011-04-07T23', '2011-04-08T00', '2018-05-01T23', '2018-05-02T00'].map(licenseByDate),
    ).toEqual(['CC-BY-SA-2.5', 'CC-BY-SA-3.0', 'CC-BY-SA-3.0', 'CC-BY-SA-4.0'])
  })
})
