import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Item } from '../../src/core/connector.ts'
import { collect, readItems, testConnector, testContext } from '../../src/testing/index.ts'
import { warc } from './index.ts'

const fixture = join(import.meta.dirname, warc.example.input)

testConnector({ component: warc, folder: import.meta.dirname })

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etl-warc-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function read(input: string, extra: object = {}): Promise<Item[]> {
  const connector = await warc.create(warc.options.parse({ input, ...extra }), testContext(folder))
  const items: Item[] = []
  for (const partition of await collect(connector.partitions()))
    items.push(...(await readItems(connector, partition)))
  return items
}

const documents = (items: readonly Item[]) =>
  items.flatMap((item) => ('document' in item ? [item.document] : []))
const skips = (items: readonly Item[]) =>
  items.flatMap((item) => ('skipped' in item ? [item.skipped] : []))

function response(body: Uint8Array | string, headers = 'Content-Type: text/html\r\n'): Buffer {
  const block = Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${headers}\r\n`), Buffer.from(body)])
  const head =
    'WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://a.example/\r\n' +
    `Content-Length: ${block.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), block, Buffer.from('\r\n\r\n')])
}

describe('pages', () => {
  it.each([
    ['English', 'The sea was calm that morning. ', ['noai', '*: noimageai']],
    ['Arabic', 'كان البحر هادئا في ذلك الصباح. ', 'noai'],
  ] as const)('keep what head and header say to robots: %s', async (language, text, tags) => {
    const path = join(folder, `robots-${language}.warc`)
    const html =
      '<html><head><META NAME=Robots content="noindex"><meta name="tdm-reservation" content="1">' +
      '<meta name="googlebot" content="none"><meta content="nofollow" name="robots"></head>' +
      `<body><p>${text.repeat(20)}</p></body></html>`
    const lines = [tags].flat().map((tag) => `X-Robots-Tag: ${tag}\r\n`)
    await writeFile(path, response(html, `Content-Type: text/html\r\n${lines.join('')}`))
    const [found] = documents(await read(path))
    expect(found?.metadata).toEqual({
      charset: 'utf-8',
      robots: 'noindex, nofollow',
      tdm_reservation: '1',
      x_robots_tag: tags,
    })
  })

  it('yield their main text in any charset, transfer encoding and compression', async () => {
    const found = documents(await read(fixture))
    expect(found.map(({ key, lang, metadata }) => [key, lang, metadata?.charset])).toEqual([
      ['https://sky.example/planets', 'en', 'utf-8'],
      ['https://sky.example/ar/pole', 'ar', 'windows-1256'],
      ['https://sky.example/ar/meteors', 'ar', 'iso-8859-6'],
      ['https://sky.example/cooling', 'en', 'utf-8'],
      ['https://sky.example/wet/planets', undefined, undefined],
    ])
    expect(found[0]).toMatchObject({
      revised: '2026-10-05T06:07:08.000Z',
      license: 'https://creativecommons.org/publicdomain/zero/1.0/',
      metadata: { title: 'Why planets do not twinkle' },
    })
    expect(found[1]?.text).toMatch(/^# كيف تعرف القطب\n\nأسهل طريق إلى معرفة القطب/)
    expect(found[3]?.text).toMatch(/leave the planets for later\.$/)
    for (const { text } of found) expect(text).not.toMatch(/Home|Archive|الرئيسية|track/)
  })

  it('that cannot be used are skipped with a reason', async () => {
    expect(skips(await read(fixture))).toEqual([
      'revisit',
      'status-4xx',
      'status-3xx',
      'not-html',
      'no-text',
      'malformed-http',
    ])
  })

  it('above the size limit are skipped, gzip bombs and long records alike', async () => {
    const bomb = response(gzipSync(Buffer.alloc(64 << 20)), 'Content-Encoding: gzip\r\n')
    await writeFile(
      join(folder, 'bombs.warc'),
      Buffer.concat([bomb, response('x'.repeat(200_000)), response('<p>ok')]),
    )
    const items = await read('bombs.warc', { maxRecordBytes: 100_000 })
    expect(skips(items)).toEqual(['too-large', 'too-large'])
    expect(documents(items).map(({ text }) => text)).toEqual(['ok'])
  })

  it('nested 100,000 levels deep are read', async () => {
    await writeFile(join(folder, 'deep.warc'), response(`${'<div>'.repeat(100_000)}clear skies`))
    expect(documents(await read('deep.warc')).map(({ text }) => text)).toEqual(['clear skies'])
  })
})

describe('files', () => {
  it('yield and resume alike: compressed by record, as a whole, or not at all', async () => {
    const plain = gunzipSync(await readFile(fixture))
    const expected = documents(await read(fixture))
    for (const [name, bytes] of [
      ['plain.warc', plain],
      ['one.warc.gz', gzipSync(plain)],
    ] as const) {
      await writeFile(join(folder, name), bytes)
      const items = await read(name)
      expect(documents(items), name).toEqual(expected)
      const connector = await warc.create(warc.options.parse({ input: name }), testContext(folder))
      const [partition] = await collect(connector.partitions())
      for (const [index, { cursor }] of items.entries()) {
        expect(await readItems(connector, partition!, cursor), `${name} ${index}`).toEqual(
          items.slice(index + 1),
        )
      }
    }
  })

  it('have cursors at the start of gzip members, so resuming reads nothing twice', async () => {
    const cursors = (await read(fixture)).map(
      ({ cursor }) => cursor as { offset: number; skip: number },
    )
    const bytes = await readFile(fixture)
    for (const { offset, skip } of cursors.slice(0, -1)) {
      expect([bytes[offset], bytes[offset + 1], skip]).toEqual([0x1f, 0x8b, 0])
    }
  })

  it('that are truncated yield every record before the cut, then an error', async () => {
    const whole = await readFile(fixture)
    await writeFile(join(folder, 'cut.warc.gz'), whole.subarray(0, whole.length - 50))
    const connector = await warc.create(
      warc.options.parse({ input: 'cut.warc.gz' }),
      testContext(folder),
    )
    const [partition] = await collect(connector.partitions())
    const items: Item[] = []
    const reading = (async () => {
      for await (const item of connector.read(partition!)) items.push(item)
    })()
    await expect(reading).rejects.toMatchObject({ code: 'input-corrupt' })
    expect(documents(items)).toHaveLength(4)
  })

  it('that are not WARC are named in the error', async () => {
    await writeFile(join(folder, 'page.warc'), '<html>')
    await expect(read('page.warc')).rejects.toMatchObject({
      code: 'input-corrupt',
      where: 'page.warc:byte 0',
    })
  })
})
