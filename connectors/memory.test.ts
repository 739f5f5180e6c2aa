// Every connector reads much more data than it may keep in memory. The input is generated on the
// fly: either many items, or one item that never seems to end. Live bytes are counted after garbage
// collection, so the result does not depend on the machine or its load.
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { pack } from 'tar-stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Storage } from '../src/core/storage.ts'
import { collect, testContext } from '../src/testing/index.ts'
import { connectors } from './index.ts'

const MB = 1 << 20
/** Bytes a reader may keep alive above its starting level: windows, tables and one item. */
const LIMIT = 64 * MB
/** Bytes that are read: several times the limit. */
const STREAMED = 192 * MB

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/**
 * Live bytes on the heap and in buffers. Another thread frees dead buffers, and the second
 * collection waits for those of the first.
 */
function aliveBytes(): number {
  collectGarbage()
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** A file of `head`, then `unit` repeated, then `tail`. */
interface Repeated {
  readonly head?: Uint8Array
  readonly unit: Uint8Array
  /** Bytes of a unit after decompression; its own length if omitted. */
  readonly unpacked?: number
  readonly tail?: Uint8Array
  /** Target size of the file after decompression, in bytes. */
  readonly bytes?: number
}

const NOTHING = new Uint8Array(0)

/**
 * A storage that serves such a file at `path` and everything else from disk. It calls `onRead`
 * about `LOOKS` times, spread evenly over the file.
 */
function withFile(storage: Storage, path: string, file: Repeated, onRead: () => void): Storage {
  const { head = NOTHING, unit, unpacked = unit.length, tail = NOTHING, bytes = STREAMED } = file
  const body = Math.ceil(bytes / unpacked) * unit.length
  const size = head.length + body + tail.length
  const block = Buffer.concat(Array.from({ length: Math.ceil(MB / unit.length) }, () => unit))
  const at = (offset: number): Uint8Array => {
    if (offset < head.length) return head.subarray(offset)
    const inBody = offset - head.length
    if (inBody >= body) return tail.subarray(inBody - body)
    const start = inBody % block.length
    return block.subarray(start, Math.min(block.length, start + body - inBody))
  }
  const step = Math.max(4 << 10, Math.min(256 << 10, Math.ceil(size / 64)))
  let looked = 0
  const read = (offset: number, length: number): Uint8Array => {
    if (offset >= looked) onRead()
    if (offset >= looked) looked += size / LOOKS
    const parts: Uint8Array[] = []
    for (let from = offset, end = Math.min(size, offset + length); from < end; ) {
      const part = at(from).subarray(0, end - from)
      parts.push(part)
      from += part.length
    }
    return Uint8Array.from(Buffer.concat(parts))
  }
  return {
    ...storage,
    find: async (pattern) => (pattern === path ? [{ path, size }] : storage.find(pattern)),
    stat: async (name) => (name === path ? { path, size } : storage.stat(name)),
    open: async (name) =>
      name === path
        ? { size, read: async (offset, length) => read(offset, length), close: async () => {} }
        : storage.open(name),
    stream: (name, start = 0, end = size) =>
      name === path
        ? (async function* () {
            for (let from = start; from < Math.min(end, size); from += step)
              yield read(from, Math.min(step, end - from))
          })()
        : storage.stream(name, start, end),
  }
}

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'memory-test-'))
})
afterAll(() => rm(folder, { recursive: true }))

interface Reading {
  readonly items: number
  readonly reasons: ReadonlySet<string>
  /** Peak of live bytes, above the level before reading. */
  readonly most: number
}

/**
 * Measurements per reading, since garbage collection takes time. They are spread over the reads of
 * the file or over the items.
 */
const LOOKS = 8

/** Reads everything and measures live bytes at intervals. */
async function measure(
  name: string,
  options: object,
  file: string,
  content?: Repeated,
): Promise<Reading> {
  let [items, most, next, before] = [0, 0, 64, Number.POSITIVE_INFINITY]
  const look = (): void => {
    most = Math.max(most, aliveBytes() - before)
  }
  const plain = testContext(folder)
  const storage = content
    ? withFile(plain.storage, join(folder, file), content, look)
    : plain.storage
  const component = await connectors[name]!()
  const connector = await component.create(component.options.parse({ input: file, ...options }), {
    ...plain,
    storage,
  })
  const partitions = await collect(connector.partitions())
  before = aliveBytes()
  const reasons = new Set<string>()
  for (const partition of partitions) {
    for await (const item of connector.read(partition)) {
      items++
      if ('skipped' in item) reasons.add(item.skipped)
      if (items < next) continue
      next *= 4
      look()
    }
  }
  look()
  return { items, reasons, most }
}

const fixture = (name: string): Buffer => readFileSync(join(import.meta.dirname, name))
const prose = 'The tides follow the Moon, and صعود البحر يتبع القمر كل يوم. '.repeat(60)
const page = (text: string) =>
  '<page><title>Tide</title><ns>0</ns><id>7</id>' +
  `<revision><id>8</id><text>${text}</text></revision></page>\n`
const SITE = '<mediawiki xml:lang="en"><siteinfo><dbname>enwiki</dbname></siteinfo>\n'
const row = (attributes: string) =>
  Buffer.from(
    '  <row Id="1" PostTypeId="1" Score="5" CreationDate="2020-01-01T00:00:00.000" ' +
      `${attributes} />\n`,
  )
const line = (value: unknown) => Buffer.from(`${JSON.stringify(value)}\n`)
const record = (body: string) => {
  const block = `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n${body}`
  return Buffer.from(
    'WARC/1.0\r\nWARC-Type: response\r\n' +
      `Content-Length: ${Buffer.byteLength(block)}\r\n\r\n${block}\r\n\r\n`,
  )
}

async function tar(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const archive = pack()
  for (const [name, content] of Object.entries(files)) archive.entry({ name }, content)
  archive.finalize()
  const chunks: Uint8Array[] = []
  for await (const chunk of archive) chunks.push(chunk as Uint8Array)
  return Buffer.concat(chunks)
}

const zeros = gzipSync(Buffer.alloc(16 * MB))

/** Files with many items. */
const MANY: Record<
  string,
  { file: string; content: () => Repeated | Promise<Repeated>; options?: object }
> = {
  wikipedia: {
    file: 'wiki.xml',
    content: () => ({
      head: Buffer.from(SITE),
      unit: Buffer.from(page(prose.repeat(8))),
      tail: Buffer.from('</mediawiki>'),
    }),
  },
  'wikipedia, packed': {
    file: 'wiki.xml.bz2',
    content: () => ({
      unit: fixture('wikipedia/fixtures/long-many-streams.xml.bz2'),
      unpacked: 550_000,
      bytes: 96 * MB,
    }),
  },
  stackoverflow: {
    file: 'Posts.xml',
    content: () => ({ unit: row(`Title="Tides" Body="${prose}"`) }),
    options: { site: 'sky.stackexchange.com' },
  },
  jsonl: { file: 'rows.jsonl', content: () => ({ unit: line({ id: 'a', text: prose }) }) },
  'jsonl, packed': {
    file: 'rows.jsonl.gz',
    content: () => {
      const rows = Buffer.concat(Array.from({ length: 100 }, () => line({ id: 'a', text: prose })))
      return { unit: gzipSync(rows), unpacked: rows.length }
    },
  },
  reddit: {
    file: 'RC_2026-01',
    content: () => ({
      unit: line({
        id: 'a',
        link_id: 't3_b',
        parent_id: 't3_b',
        body: prose,
        score: 9,
        author: 'x',
        subreddit: 's',
      }),
    }),
    options: { documents: 'posts' },
  },
  hackernews: {
    file: 'items.jsonl',
    content: () => ({ unit: line({ id: 5, type: 'story', by: 'x', time: 9, text: prose }) }),
  },
  arxiv: {
    file: 'metadata.jsonl',
    content: () => ({
      unit: line({ id: '2601.00001', title: 'T', abstract: prose, categories: 'gr-qc' }),
    }),
  },
  'arxiv, OAI-PMH': {
    file: 'answer.xml',
    content: () => ({
      head: Buffer.from('<ListRecords>'),
      unit: Buffer.from(
        '<record><metadata><arXiv><id>2601.00001</id><title>T</title>' +
          `<categories>gr-qc</categories><abstract>${prose}</abstract>` +
          '</arXiv></metadata></record>',
      ),
      tail: Buffer.from('</ListRecords>'),
    }),
  },
  github: {
    file: 'lantern.tar',
    content: async () => {
      const [license, source] = [
        await tar({ 'lantern/LICENSE': String(fixture('github/fixtures/lantern/LICENSE')) }),
        await tar({ 'lantern/a.py': `x = 1  # ${'tide '.repeat(12_000)}\n` }),
      ]
      return {
        head: license.subarray(0, -1024),
        unit: source.subarray(0, -1024),
        tail: Buffer.alloc(1024),
      }
    },
  },
  warc: {
    file: 'pages.warc',
    content: () => ({
      unit: record(`<html><body><p>${prose.repeat(20)}</p></body></html>`),
      bytes: 128 * MB,
    }),
  },
}

/** Files with one endless item, and the reason it is skipped for. */
const ONE: Record<
  string,
  { file: string; content: () => Repeated; options?: object; reason: string }
> = {
  wikipedia: {
    file: 'wiki.xml',
    content: () => ({
      head: Buffer.from(`${SITE}${page('x').split('</text>')[0]}`),
      unit: Buffer.from(prose),
      tail: Buffer.from('</text></revision></page>\n</mediawiki>'),
    }),
    options: { maxPageBytes: MB },
    reason: 'too-large',
  },
  stackoverflow: {
    file: 'Posts.xml',
    content: () => ({
      head: row('Body="').subarray(0, -4),
      unit: Buffer.from(prose),
      tail: Buffer.from('" />\n'),
    }),
    options: { maxLineBytes: MB },
    reason: 'line-too-long',
  },
  jsonl: {
    file: 'rows.jsonl',
    content: () => ({
      head: Buffer.from('{"text":"'),
      unit: Buffer.from(prose),
      tail: Buffer.from('"}\n'),
    }),
    options: { maxLineBytes: MB },
    reason: 'line-too-long',
  },
  reddit: {
    file: 'RC_2026-01.gz',
    content: () => ({ unit: zeros, unpacked: 16 * MB }),
    options: { maxLineBytes: MB },
    reason: 'line-too-long',
  },
  hackernews: {
    file: 'items.jsonl',
    content: () => ({
      head: Buffer.from('{"text":"'),
      unit: Buffer.from(prose),
      tail: Buffer.from('"}\n'),
    }),
    options: { maxLineBytes: MB },
    reason: 'line-too-long',
  },
  arxiv: {
    file: 'answer.xml',
    content: () => ({
      head: Buffer.from('<ListRecords><record><metadata><arXiv><id>2601.00001</id><abstract>'),
      unit: Buffer.from(prose),
      tail: Buffer.from('</abstract></arXiv></metadata></record></ListRecords>'),
    }),
    reason: 'record-too-large',
  },
  github: {
    file: 'lantern.tar.gz',
    content: () => {
      const header = Buffer.alloc(512)
      header.write('lantern/a.py')
      header.write('0000644\0', 100)
      header.write(`${STREAMED.toString(8).padStart(11, '0')}\0`, 124)
      header.write('ustar\x0000', 257)
      header.write('        ', 148)
      header.write(
        `${header
          .reduce((sum, byte) => sum + byte, 0)
          .toString(8)
          .padStart(6, '0')}\0 `,
        148,
      )
      return {
        head: gzipSync(header),
        unit: zeros,
        unpacked: 16 * MB,
        tail: gzipSync(Buffer.alloc(1024)),
      }
    },
    reason: 'file-too-large',
  },
  warc: {
    file: 'pages.warc.gz',
    content: () => ({
      head: gzipSync(`WARC/1.0\r\nWARC-Type: response\r\nContent-Length: ${STREAMED}\r\n\r\n`),
      unit: zeros,
      unpacked: 16 * MB,
      tail: gzipSync('\r\n\r\n'),
    }),
    reason: 'too-large',
  },
  text: {
    file: 'notes.txt.gz',
    content: () => ({ unit: zeros, unpacked: 16 * MB }),
    options: { maxFileBytes: MB },
    reason: 'too-large',
  },
  openiti: {
    file: '0001Rasid.Bahr.Made0001-ara1',
    content: () => ({
      head: Buffer.from('######OpenITI#\n#META#Header#End#\n'),
      unit: Buffer.from(prose),
    }),
    options: { maxFileBytes: MB },
    reason: 'too-large',
  },
  'arabic-ocr': {
    file: 'book.pdf',
    content: () => ({ head: Buffer.from('%PDF-1.7\n'), unit: Buffer.from(prose) }),
    options: { maxFileBytes: MB },
    reason: 'file-too-large',
  },
}

describe('memory use', () => {
  it.each(Object.keys(MANY))('of %s does not grow with the number of items', async (title) => {
    const { file, content, options = {} } = MANY[title]!
    const { items, most } = await measure(title.split(',')[0]!, options, file, await content())
    expect(items).toBeGreaterThan(100)
    expect(most).toBeLessThan(LIMIT)
  })

  it.each(Object.keys(ONE))('of %s does not grow with an item that is too long', async (name) => {
    const { file, content, options = {}, reason } = ONE[name]!
    const { reasons, most } = await measure(name, options, file, content())
    expect(most).toBeLessThan(LIMIT)
    expect([...reasons]).toEqual([reason])
  })

  it('of arxiv does not grow when the source of a paper decompresses to gigabytes', async () => {
    const license = 'http://creativecommons.org/licenses/by/4.0/'
    const paper = { id: '2601.00001', title: 'T', abstract: prose, categories: 'gr-qc', license }
    await writeFile(join(folder, 'one.jsonl'), line(paper))
    const eprints = '2601.00001.gz'
    const content = { unit: zeros, unpacked: 16 * MB, bytes: 2 ** 31 }
    const { reasons, most } = await measure(
      'arxiv',
      { input: 'one.jsonl', eprints },
      eprints,
      content,
    )
    expect([...reasons]).toEqual(['tex-too-large'])
    expect(most).toBeLessThan(LIMIT)
  })

  it('of parquet does not grow with the number of row groups', async () => {
    const text = Array.from({ length: 64 * 1024 }, () => prose)
    const bytes = parquetWriteBuffer({
      columnData: [{ name: 'text', type: 'STRING', data: text }],
      rowGroupSize: 1024,
    })
    await writeFile(join(folder, 'rows.parquet'), Buffer.from(bytes))
    const { items, most } = await measure('parquet', {}, 'rows.parquet')
    expect(items).toBe(64 * 1024)
    expect(most).toBeLessThan(LIMIT)
  })

  it('is measured for every connector', () => {
    const looked = new Set([
      ...Object.keys(MANY).map((title) => title.split(',')[0]),
      ...Object.keys(ONE),
      'parquet',
    ])
    expect([...looked].sort()).toEqual(Object.keys(connectors).sort())
  })
})
