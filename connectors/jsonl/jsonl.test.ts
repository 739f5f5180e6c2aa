import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import type { Item } from '../../src/core/connector.ts'
import type { Document } from '../../src/core/document.ts'
import { collect, readItems, testConnector, testContext } from '../../src/testing/index.ts'
import { jsonl } from './index.ts'
import type { options as schema } from './options.ts'

testConnector({ component: jsonl, folder: import.meta.dirname })
testConnector({
  component: jsonl,
  folder: import.meta.dirname,
  options: { input: 'fixtures/basic.jsonl', partitionBytes: 100, maxLineBytes: 250 },
})
testConnector({
  component: jsonl,
  folder: import.meta.dirname,
  options: { input: 'fixtures/array.json' },
})

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etl-jsonl-'))
})
afterAll(() => rm(folder, { recursive: true }))

type Options = Omit<z.input<typeof schema>, 'input'>

/** All items read from a file with this content. */
async function read(content: string | Uint8Array, options: Options = {}): Promise<Item[]> {
  await writeFile(join(folder, 'rows.jsonl'), content)
  const connector = await jsonl.create(
    jsonl.options.parse({ input: 'rows.jsonl', ...options }),
    testContext(folder),
  )
  const items: Item[] = []
  for (const partition of await collect(connector.partitions()))
    items.push(...(await readItems(connector, partition)))
  return items
}

const documents = (items: readonly Item[]): Document[] =>
  items.flatMap((item) => ('document' in item ? [item.document] : []))
const texts = (items: readonly Item[]): string[] => documents(items).map(({ text }) => textOf(text))
const textOf = (text: string | Uint8Array): string =>
  typeof text === 'string' ? text : Buffer.from(text).toString()
const skips = (items: readonly Item[]): string[] =>
  items.flatMap((item) => ('skipped' in item ? [`${item.skipped} ${item.where}`] : []))
const lines = (...rows: unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('')

describe('reading a folder of small files', () => {
  const row = (name: string, number: number): string =>
    JSON.stringify({ id: `${name}${number}`, text: `${name} ${number}` })
  const file = (name: string): string => `${row(name, 1)}\n\n{"text":\n${row(name, 2)}`

  /** A connector over a folder of these files, and its partitions in order of file name. */
  async function open(files: Readonly<Record<string, string | Uint8Array>>, options: Options = {}) {
    const name = await mkdtemp(join(folder, 'small-'))
    for (const [path, content] of Object.entries(files)) await writeFile(join(name, path), content)
    const connector = await jsonl.create(
      jsonl.options.parse({ input: name, ...options }),
      testContext(folder),
    )
    return { connector, partitions: await collect(connector.partitions()) }
  }

  it('groups small plain files, but not arrays or compressed files', async () => {
    const files = {
      'a.jsonl': file('a'),
      'b.jsonl': '',
      'c.jsonl': file('c'),
      'd.jsonl': JSON.stringify([{ text: 'd 1' }]),
      'e.jsonl.gz': gzipSync(file('e')),
      'f.jsonl': file('f'),
      'g.jsonl': file('g'),
    }
    const { connector, partitions } = await open(files)
    expect(partitions.map(({ key }) => key)).toEqual([
      'a.jsonl/00000-and-2-more',
      'd.jsonl/00000',
      'e.jsonl.gz/00000',
      'f.jsonl/00000-and-1-more',
    ])
    expect(partitions[0]?.bytes).toBe(file('a').length + file('c').length)
    const items = (
      await Promise.all(partitions.map((partition) => readItems(connector, partition)))
    ).flat()
    expect(texts(items)).toEqual([
      'a 1',
      'a 2',
      'c 1',
      'c 2',
      'd 1',
      'e 1',
      'e 2',
      'f 1',
      'f 2',
      'g 1',
      'g 2',
    ])
    expect(skips(items)).toEqual(
      ['a.jsonl', 'c.jsonl', 'e.jsonl.gz', 'f.jsonl', 'g.jsonl'].map(
        (name) => `malformed-row ${name}:line 3 (byte 26)`,
      ),
    )
  })

  it('resumes in the file that the cursor points into', async () => {
    const { connector, partitions } = await open({
      'a.jsonl': file('a'),
      'b.jsonl': file('b'),
      'c.jsonl': file('c'),
    })
    expect(partitions).toHaveLength(1)
    const items = await readItems(connector, partitions[0]!)
    expect(items).toHaveLength(9)
    for (const [index, { cursor }] of items.entries()) {
      expect(await readItems(connector, partitions[0]!, cursor), `after ${index}`).toEqual(
        items.slice(index + 1),
      )
    }
  })

  it('closes a group when it reaches partitionBytes', async () => {
    const files = Object.fromEntries(
      ['a', 'b', 'c', 'd', 'e'].map((name) => [`${name}.jsonl`, file(name)]),
    )
    const { partitions } = await open(
      { ...files, 'd.jsonl': file('d').repeat(9) },
      { partitionBytes: 110 },
    )
    expect(partitions.map(({ key }) => key)).toEqual([
      'a.jsonl/00000-and-1-more',
      'c.jsonl/00000',
      ...Array.from(
        { length: Math.ceil((file('d').length * 9) / 110) },
        (_, part) => `d.jsonl/0000${part}`,
      ),
      'e.jsonl/00000',
    ])
  })
})

describe('reading a JSON array', () => {
  const rows = [{ id: 1, text: 'one [' }, { id: 2, text: 'قمر, "two"' }, 3, { id: 4, text: 'four' }]

  it.each([
    ['one line', JSON.stringify(rows)],
    ['pretty-printed', JSON.stringify(rows, null, 2)],
    ['compressed', gzipSync(JSON.stringify(rows, null, 2))],
  ])('reads the elements as rows: %s', async (_, content) => {
    const items = await read(content, { partitionBytes: 20 })
    expect(texts(items)).toEqual(['one [', 'قمر, "two"', 'four'])
    expect(skips(items)).toEqual([
      expect.stringMatching(/^malformed-row rows\.jsonl:element 3 \(byte \d+\)$/),
    ])
  })

  it('finds no rows in an empty array', async () => {
    expect(await read('[\n]\n')).toEqual([])
  })
})

describe('reading rows', () => {
  it('maps JSON members to the columns of a document', async () => {
    const [first] = documents(
      await read(
        lines({
          id: 7,
          text: 'قمر',
          url: 'u',
          license: 'MIT',
          author: 'a',
          created: 0,
          lang: 'ar',
          kind: 'mixed',
        }),
      ),
    )
    expect(first && { ...first, text: textOf(first.text) }).toEqual({
      key: '7',
      text: 'قمر',
      url: 'u',
      license: 'MIT',
      author: 'a',
      created: '1970-01-01T00:00:00.000Z',
      lang: 'ar',
      kind: 'mixed',
    })
  })

  it('follows nested paths and JSON Pointers, and keeps the requested metadata', async () => {
    const row = {
      doc: { body: ['x', 'the text'] },
      'a.b': 'key',
      meta: { stars: 4, tags: ['q'] },
      other: 1,
    }
    const [document] = documents(
      await read(lines(row), {
        textField: 'doc.body.1',
        idField: '/a.b',
        metadataFields: ['meta.stars', 'meta', 'none'],
      }),
    )
    expect(document).toMatchObject({ text: 'the text', key: 'key' })
    expect(document?.metadata).toEqual({ 'meta.stars': 4, meta: { stars: 4, tags: ['q'] } })
  })

  it('survives values nested 20,000 levels deep', async () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
    const rows = Buffer.from(`{"text":${deep}}\n{"text":"fine","meta":${deep}}\n`)
    const [document] = documents(await read(rows, { metadataFields: ['meta'] }))
    expect(String(document?.text)).toBe('fine')
    expect(JSON.stringify(document?.metadata).length).toBeLessThan(1000)
  })

  it('finds the text under any of its common field names', async () => {
    expect(
      texts(
        await read(lines({ body: 'one' }, { markdown: 'two', content: '' }, { content: 'three' })),
      ),
    ).toEqual(['one', 'two', 'three'])
  })

  it('keeps conversations as messages and renders them as text', async () => {
    const row = {
      messages: [
        { role: 'user', content: 'مرحبا' },
        { role: 'assistant', content: [{ type: 'text', text: 'hi' }] },
      ],
    }
    const [document] = documents(await read(lines(row)))
    expect(document?.text).toBe('user:\nمرحبا\n\nassistant:\nhi')
    expect(document?.metadata).toEqual({
      messages: [
        { role: 'user', content: 'مرحبا' },
        { role: 'assistant', content: 'hi' },
      ],
    })
  })

  it('reads dates as ISO, seconds or milliseconds, in UTC in any local time zone', async () => {
    const dates = [
      '2024-05-06',
      '2024-05-06 07:08:09',
      '2024-05-06T07:08:09+03:00',
      1714979289,
      '1714979289000',
      'soon',
    ]
    const items = await read(lines(...dates.map((created) => ({ text: 'x', created }))))
    expect(documents(items).map(({ created }) => created)).toEqual([
      '2024-05-06T00:00:00.000Z',
      '2024-05-06T07:08:09.000Z',
      '2024-05-06T04:08:09.000Z',
      '2024-05-06T07:08:09.000Z',
      '2024-05-06T07:08:09.000Z',
      undefined,
    ])
  })

  it('keeps every digit of ids above 2^53', async () => {
    expect(documents(await read('{"id":9007199254740993,"text":"x"}\n'))[0]?.key).toBe(
      '9007199254740993',
    )
  })

  it('passes unescaped text through as bytes and replaces lone surrogates', async () => {
    const items = await read('{"text":"plain قمر"}\n{"text":"half \\ud83d"}\n')
    expect(documents(items)[0]?.text).toBeInstanceOf(Uint8Array)
    expect(texts(items)).toEqual(['plain قمر', 'half \ufffd'])
  })

  it('splits at line feeds only, not at U+2028 or a lone carriage return', async () => {
    expect(texts(await read('\ufeff{"text":"a\u2028b"}\r\n \n{"text":\r"c"}\n'))).toEqual([
      'a\u2028b',
      'c',
    ])
  })
})

describe('bad rows', () => {
  it('reports each bad row with its line and byte, and reads the rest', async () => {
    const bad = Buffer.from('{"text":"caf\xe9"}\n', 'latin1')
    const content = Buffer.concat([
      Buffer.from('{"text":"ok"}\n[1]\n{"text":1}\n'),
      bad,
      Buffer.from('{"text":"end"}\n{"te'),
    ])
    const items = await read(content)
    expect(texts(items)).toEqual(['ok', 'end'])
    expect(skips(items)).toEqual([
      'malformed-row rows.jsonl:line 2 (byte 14)',
      'no-text rows.jsonl:line 3 (byte 18)',
      'invalid-utf8 rows.jsonl:line 4 (byte 29)',
      'malformed-row rows.jsonl:line 6 (byte 60)',
    ])
  })

  it('skips a line longer than the limit without keeping it in memory', async () => {
    const items = await read(`{"text":"a"}\n{"text":"${'x'.repeat(3_000_000)}"}\n{"text":"b"}\n`, {
      maxLineBytes: 1000,
    })
    expect(texts(items)).toEqual(['a', 'b'])
    expect(skips(items)).toEqual(['line-too-long rows.jsonl:line 2 (byte 13)'])
    expect(items.map((item) => ('raw' in item ? item.raw?.length : 0))).toEqual([0, 1002, 0])
  })
})

describe('files', () => {
  it('yields the same rows for any partition size', async () => {
    const content = Array.from({ length: 12 }, (_, row) =>
      lines({ id: row, text: 'نص '.repeat(row % 7) + row }),
    ).join('')
    const whole = texts(await read(content))
    expect(whole).toHaveLength(12)
    for (const partitionBytes of [1, 7, 64, 100, 1000]) {
      expect(texts(await read(content, { partitionBytes })), `${partitionBytes} bytes`).toEqual(
        whole,
      )
    }
  })

  it('recognises gzip and zstd by their first bytes, not by file name', async () => {
    const content = lines({ text: 'one' }, { text: 'two' })
    expect(
      texts(
        await read(Buffer.concat([gzipSync(content.slice(0, 16)), gzipSync(content.slice(16))])),
      ),
    ).toEqual(['one', 'two'])
    const frame = zstdFrame(Buffer.from(content))
    expect(texts(await read(Buffer.concat([frame, frame])))).toEqual(['one', 'two', 'one', 'two'])
  })

  it('resumes inside a compressed file', async () => {
    await writeFile(
      join(folder, 'rows.jsonl'),
      gzipSync(lines({ text: 'a' }, { text: 'b' }, { text: 'c' })),
    )
    const connector = await jsonl.create(
      jsonl.options.parse({ input: 'rows.jsonl' }),
      testContext(folder),
    )
    const [partition] = await collect(connector.partitions())
    const [first] = await readItems(connector, partition!)
    expect(texts(await readItems(connector, partition!, first!.cursor))).toEqual(['b', 'c'])
  })

  it('names the input that does not exist', async () => {
    const connector = await jsonl.create(
      jsonl.options.parse({ input: 'none/*.jsonl' }),
      testContext(folder),
    )
    await expect(collect(connector.partitions())).rejects.toMatchObject({
      code: 'input-missing',
      where: 'none/*.jsonl',
    })
  })
})

/** A zstd frame with one uncompressed block, which any encoder may write. */
function zstdFrame(content: Buffer): Buffer {
  const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58])
  const block = Buffer.alloc(3)
  block.writeUIntLE((content.length << 3) | 1, 0, 3)
  return Buffer.concat([header, block, content])
}
