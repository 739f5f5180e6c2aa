import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import type { Connector, Item } from '../../src/core/connector.ts'
import { isEtlError } from '../../src/core/errors.ts'
import { collect, testConnector } from '../../src/testing/connector.ts'
import { testContext } from '../../src/testing/context.ts'
import { wikipedia } from './index.ts'
import { LONG_PAGES, longDump } from './long-dump.ts'

type Options = z.input<typeof wikipedia.options>

const open = async (options: Options, folder = import.meta.dirname): Promise<Connector> =>
  wikipedia.create(wikipedia.options.parse(options), testContext(folder))

/** All items of all partitions, and the error that ended reading, if any. */
async function readAll(
  options: Options,
  folder?: string,
): Promise<{ items: Item[]; error: unknown }> {
  const items: Item[] = []
  const connector = await open(options, folder)
  try {
    for await (const partition of connector.partitions()) {
      for await (const item of connector.read(partition))
        if (!('progress' in item)) items.push(item)
    }
  } catch (error) {
    return { items, error }
  }
  return { items, error: undefined }
}

const outcomes = (items: readonly Item[]): string[] =>
  items.map((item) =>
    'document' in item ? `document ${item.document.key}` : 'skipped' in item ? item.skipped : '?',
  )
const contents = (items: readonly Item[]) =>
  items.map((item) =>
    'document' in item ? item.document : 'skipped' in item ? item.skipped : item,
  )

testConnector({ component: wikipedia, folder: import.meta.dirname })
testConnector({
  component: wikipedia,
  folder: import.meta.dirname,
  options: { input: 'fixtures/small-multistream.xml.bz2', partitionBytes: 700 },
})

describe('wikipedia', () => {
  it('keeps articles and gives a reason for every skipped page', async () => {
    const { items } = await readAll({ input: 'fixtures/small.xml' })
    expect(outcomes(items)).toEqual([
      'document 11',
      'redirect',
      'other-namespace',
      'disambiguation',
      'document 15',
      'deleted-text',
      'too-short',
      'not-wikitext',
    ])
  })

  it('reads text, address, licence, date and metadata of an Arabic article', async () => {
    const { items } = await readAll({ input: 'fixtures/small.xml' })
    expect(contents(items)[0]).toMatchInlineSnapshot(`
      {
        "key": "11",
        "kind": "prose",
        "lang": "ar",
        "license": "CC-BY-SA-4.0",
        "metadata": {
          "categories": [
            "سدم انبعاثية",
            "الجبار",
          ],
          "infobox": {
            "الاسم": "سديم الجبار",
            "المسافة": "1344 سنة ضوئية",
          },
          "revision": 110,
          "title": "سديم الجبار",
          "wiki": "arwiki",
        },
        "revised": "2026-01-02T03:04:05Z",
        "text": "سديم الجبار (بالإنجليزية: Orion Nebula) سديم انبعاثي يقع في كوكبة الجبار، على بعد 1344 سنة ضوئية من الأرض تقريبًا.

      ## الوصف

      تبلغ كتلته نحو 2000 كتلة شمسية، وتتبع كثافته العلاقة $\\rho(r) = \\rho_0 e^{-r/a}$.
      - نجوم فتية
      - غاز وغباره",
        "url": "https://ar.wikipedia.org/wiki/%D8%B3%D8%AF%D9%8A%D9%85_%D8%A7%D9%84%D8%AC%D8%A8%D8%A7%D8%B1",
      }
    `)
  })

  it('reads table, maths, quantities and superscripts of an English article', async () => {
    const { items } = await readAll({ input: 'fixtures/english.xml' })
    expect(outcomes(items)).toEqual(['document 21', 'redirect', 'disambiguation'])
    expect(contents(items)[0]).toMatchInlineSnapshot(`
      {
        "key": "21",
        "kind": "prose",
        "lang": "en",
        "license": "CC-BY-SA-4.0",
        "metadata": {
          "categories": [
            "Dust",
          ],
          "revision": 210,
          "title": "Cosmic dust & gas",
          "wiki": "enwiki",
        },
        "revised": "2025-05-05T05:05:05Z",
        "text": "Cosmic dust (from Ancient Greek: κόσμος) fills space within 5 to 10 km grains.

      ## Mass

      It obeys $m = \\frac{4}{3}\\pi r^3 \\rho$ for 10⁶ grains.

      | Grain | Size |
      | --- | --- |
      | silicate | 0.1 |",
        "url": "https://en.wikipedia.org/wiki/Cosmic_dust_%26_gas",
      }
    `)
  })

  it('keeps or skips disambiguation pages and stubs as configured', async () => {
    const kept = await readAll({
      input: 'fixtures/small.xml',
      disambiguation: 'keep',
      minCharacters: 0,
    })
    expect(outcomes(kept.items)[3]).toBe('document 14')
    const noStubs = await readAll({ input: 'fixtures/small.xml', stubs: 'skip' })
    expect(outcomes(noStubs.items)[4]).toBe('stub')
  })
})

describe('partitions of a dump', () => {
  const PACKED = ['fixtures/long-one-stream.xml.bz2', 'fixtures/long-many-streams.xml.bz2']
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wikipedia-test-'))
    await writeFile(join(folder, 'long.xml'), longDump())
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('yield every page once for any partition size, plain or compressed', async () => {
    const whole = await readAll({ input: 'long.xml' }, folder)
    expect(outcomes(whole.items)).toEqual(
      Array.from({ length: LONG_PAGES }, (_, index) => `document ${index + 1}`),
    )
    for (const partitionBytes of [997, 10_000, 123_457]) {
      const cut = await readAll({ input: 'long.xml', partitionBytes }, folder)
      expect(contents(cut.items), `plain, ${partitionBytes}`).toEqual(contents(whole.items))
    }
    for (const input of PACKED) {
      for (const partitionBytes of [5000, 17_001, 1 << 20]) {
        const cut = await readAll({ input, partitionBytes })
        expect(contents(cut.items), `${input}, ${partitionBytes}`).toEqual(contents(whole.items))
      }
    }
  })

  it('are found without an index and cover the whole file', async () => {
    const connector = await open({ input: PACKED[0]!, partitionBytes: 10_000 })
    const partitions = await collect(connector.partitions())
    expect(partitions.length).toBe(6)
    expect(partitions.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(
      (await readFile(join(import.meta.dirname, PACKED[0]!))).length,
    )
  })

  it('resume after any page', async () => {
    const connector = await open({ input: PACKED[1]!, partitionBytes: 30_000 })
    for (const partition of await collect(connector.partitions())) {
      const items = await collect(connector.read(partition))
      for (const index of [0, 7, Math.floor(items.length / 2), items.length - 1]) {
        const rest = await collect(connector.read(partition, items[index]!.cursor))
        expect(contents(rest.filter((item) => !('progress' in item)))).toEqual(
          contents(items.slice(index + 1).filter((item) => !('progress' in item))),
        )
      }
    }
  })

  it('ignore indexes and checksums in a folder', async () => {
    await writeFile(join(folder, 'enwiki-pages-articles-multistream-index.txt'), '597:10:Page')
    await writeFile(join(folder, 'enwiki-sha1sums.txt'), 'x')
    const connector = await open({ input: '.' }, folder)
    expect((await collect(connector.partitions())).map(({ key }) => key)).toEqual([
      'long.xml/00000',
    ])
  })
})

describe('bad dumps', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wikipedia-test-'))
  })
  afterAll(() => rm(folder, { recursive: true }))
  const fixture = (name: string) => readFile(join(import.meta.dirname, 'fixtures', name))
  const readBytes = async (
    name: string,
    bytes: Uint8Array | string,
    options: Partial<Options> = {},
  ) => {
    await writeFile(join(folder, name), bytes)
    return readAll({ input: name, ...options }, folder)
  }

  it.each(['long-one-stream.xml.bz2', 'long-many-streams.xml.bz2'])(
    '%s truncated: yields the pages before the cut, then an error with the position',
    async (name) => {
      const { items, error } = await readBytes(name, (await fixture(name)).subarray(0, 30_000))
      expect(items.length).toBeGreaterThan(20)
      expect(outcomes(items)).toEqual(items.map((_, index) => `document ${index + 1}`))
      expect(isEtlError(error) && error.code).toBe('input-corrupt')
      expect(String(error)).toMatch(new RegExp(`${name}:\\d+: `))
    },
  )

  it('plain XML truncated inside a page yields the pages before it, then an error', async () => {
    const { items, error } = await readBytes('cut.xml', longDump().slice(0, 100_000))
    expect(items.length).toBeGreaterThan(10)
    expect(error).toMatchObject({
      code: 'input-corrupt',
      where: expect.stringMatching(/^cut\.xml:\d+$/),
    })
  })

  it('damage inside a compressed file loses only the damaged pages and is counted', async () => {
    const bytes = Uint8Array.from(await fixture('long-one-stream.xml.bz2'))
    bytes[20_000] = bytes[20_000]! ^ 0xff
    const { items, error } = await readBytes('damaged.xml.bz2', bytes)
    expect(error).toBeUndefined()
    const keys = items.flatMap((item) => ('document' in item ? [Number(item.document.key)] : []))
    expect(outcomes(items).filter((outcome) => outcome === 'damaged-block').length).toBe(1)
    expect(keys.length).toBeGreaterThan(LONG_PAGES / 2)
    expect(keys).toEqual(keys.toSorted((a, b) => a - b))
    expect(keys.at(-1)).toBe(LONG_PAGES)
  })

  it('bad pages are skipped and quarantined, other pages are kept', async () => {
    const [before, after] = longDump().split('<title>Page 3</title>') as [string, string]
    const noTitle = await readBytes('no-title.xml', before + after)
    expect(outcomes(noTitle.items).slice(0, 4)).toEqual([
      'document 1',
      'document 2',
      'malformed-page',
      'document 4',
    ])
    expect(noTitle.items[2]).toHaveProperty('raw')
    const invalid = Buffer.concat([
      Buffer.from(before),
      Buffer.from('<title>Page 3</title>'),
      Buffer.from([0xff]),
      Buffer.from(after),
    ])
    expect(outcomes((await readBytes('invalid.xml', invalid)).items)[2]).toBe('invalid-utf8')
  })

  it('reads a tag of half a megabyte in linear time', async () => {
    const long = longDump().replace('<text ', `<text ${'a'.repeat(500_000)} `)
    expect(outcomes((await readBytes('tag.xml', long)).items).slice(0, 2)).toEqual([
      'document 1',
      'document 2',
    ])
  })

  it('skips a page longer than the limit', async () => {
    const huge = longDump().replace(
      '<title>Page 2</title>',
      `<title>Page 2</title><x>${'y'.repeat(3_000_000)}</x>`,
    )
    const { items } = await readBytes('huge.xml', huge, { maxPageBytes: 500_000 })
    expect(outcomes(items).slice(0, 3)).toEqual(['document 1', 'too-large', 'document 3'])
  })

  it('references nothing outside the file: DOCTYPE and entities are plain text', async () => {
    const text = (await fixture('english.xml')).toString()
    const doctype = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY b "&a;&a;">]>'
    const bomb = `${doctype}\n${text.replace('fills space', 'fills &a; &b; space')}`
    const { items } = await readBytes('bomb.xml', bomb)
    const [first] = contents(items)
    expect(first).toHaveProperty('text', expect.stringContaining('fills &a; &b; space'))
  })

  it('ignores the header if its language uses another script than the text', async () => {
    const text = (await fixture('small.xml')).toString()
    const lying = text
      .replace('xml:lang="ar"', 'xml:lang="en"')
      .replace('>arwiki<', '>enwiki<')
      .replace('//ar.', '//en.')
    const { items } = await readBytes('lying.xml', lying)
    const [first] = contents(items)
    expect(first).not.toHaveProperty('lang')
    expect(first).not.toHaveProperty('url')
    expect(first).not.toHaveProperty('metadata.wiki')
    expect(first).toHaveProperty('metadata.categories', ['سدم انبعاثية', 'الجبار'])
  })

  it('rejects files that are missing or not a dump', async () => {
    expect((await readBytes('page.xml', '<html><body>no</body></html>')).error).toMatchObject({
      code: 'input-unsupported',
    })
    expect((await readBytes('packed.xml', Uint8Array.of(0x1f, 0x8b, 8, 0))).error).toMatchObject({
      code: 'input-unsupported',
    })
    expect((await readAll({ input: 'nowhere.xml' }, folder)).error).toMatchObject({
      code: 'input-missing',
    })
  })
})
