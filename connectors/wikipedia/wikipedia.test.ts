import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import type { Connector, Item } from '../../src/core/connector.ts'
import { testConnector } from '../../src/testing/connector.ts'
import { testContext } from '../../src/testing/context.ts'
import { wikipedia } from './index.ts'

type Options = z.input<typeof wikipedia.options>

const open = async (options: Options, folder = import.meta.dirname): Promise<Connector> =>
  wikipedia.create(wikipedia.options.parse(options), testContext(folder))

/** Every item of every partition; what is thrown comes last. */
async function readAll(options: Options, folder?: string): Promise<{ items: Item[]; error: unknown }> {
  const items: Item[] = []
  const connector = await open(options, folder)
  try {
    for await (const partition of connector.partitions()) {
      for await (const item of connector.read(partition)) if (!('progress' in item)) items.push(item)
    }
  } catch (error) {
    return { items, error }
  }
  return { items, error: undefined }
}

const outcomes = (items: readonly Item[]): string[] =>
  items.map((item) => ('document' in item ? `document ${item.document.key}` : 'skipped' in item ? item.skipped : '?'))
const contents = (items: readonly Item[]) =>
  items.map((item) => ('document' in item ? item.document : 'skipped' in item ? item.skipped : item))

testConnector({ component: wikipedia, folder: import.meta.dirname })
testConnector({
  component: wikipedia,
  folder: import.meta.dirname,
  options: { input: 'fixtures/small-multistream.xml.bz2', partitionBytes: 700 },
})

describe('wikipedia', () => {
  it('keeps articles and says why every other page is left out', async () => {
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

  it('gives an Arabic article its text, address, licence, date and metadata', async () => {
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

  it('gives an English article its table, maths, quantities and superscripts', async () => {
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

  it('keeps or leaves out lists of meanings and stubs as it is told', async () => {
    const kept = await readAll({ input: 'fixtures/small.xml', disambiguation: 'keep', minCharacters: 0 })
    expect(outcomes(kept.items)[3]).toBe('document 14')
    const noStubs = await readAll({ input: 'fixtures/small.xml', stubs: 'skip' })
    expect(outcomes(noStubs.items)[4]).toBe('stub')
  })
})
