import { join } from 'node:path'
import { expect, it } from 'vitest'
import { collect, readItems, testConnector, testContext } from '../../src/testing/index.ts'
import { text } from './index.ts'

testConnector({ component: text, folder: import.meta.dirname })

async function read(extra: object = {}) {
  const connector = await text.create(
    text.options.parse({ input: 'fixtures/notes', ...extra }),
    testContext(import.meta.dirname),
  )
  const items = []
  for (const partition of await collect(connector.partitions()))
    items.push(...(await readItems(connector, partition)))
  const documents = new Map(
    items.flatMap((item) => ('document' in item ? [[item.document.key, item.document]] : [])),
  )
  return {
    documents,
    skips: items.flatMap((item) => ('skipped' in item ? [`${item.skipped} ${item.where}`] : [])),
  }
}

it('reads visible files in byte order of their paths and reports skips', async () => {
  const { documents, skips } = await read()
  expect([...documents.keys()]).toEqual([
    'ar/moon-1256.txt',
    'ar/moon-6.txt',
    'ar/moon-utf16.txt',
    'cafe.txt',
    'packed.txt.gz',
    'page.html',
    'tides.md',
  ])
  expect(skips).toEqual([
    'damaged cut.txt.gz',
    'no-text empty.txt',
    'other-format picture.png',
    'binary zeros.txt',
  ])
})

it('detects the encoding of each file', async () => {
  const { documents } = await read()
  const arabic = ['ar/moon-1256.txt', 'ar/moon-6.txt', 'ar/moon-utf16.txt'].map((key) =>
    documents.get(key),
  )
  expect(new Set(arabic.map((document) => document?.text)).size).toBe(1)
  expect(arabic[0]?.text).toMatch(/^القمر يدور حول الأرض/)
  expect(arabic.map((document) => document?.metadata?.charset)).toEqual([
    'windows-1256',
    'iso-8859-6',
    'utf-16le',
  ])
  expect(documents.get('cafe.txt')?.text).toBe('Le café près de l’observatoire.')
})

it('keeps the main text of a page and the language, title and licence it declares', async () => {
  const page = (await read({ lang: 'ar' })).documents.get('page.html')
  expect(page?.text).toMatch(/^# Keep a notebook\n\nObservers who keep/)
  expect(page?.text).not.toMatch(/Home|telescopes|Copyright/)
  expect(page).toMatchObject({
    lang: 'en',
    license: 'https://creativecommons.org/publicdomain/zero/1.0/',
    metadata: { title: 'Keep a notebook & a pencil' },
  })
})

it('skips files above the size limit without reading them whole', async () => {
  const { skips } = await read({ input: join('fixtures', 'notes', 'tides.md'), maxFileBytes: 10 })
  expect(skips).toEqual(['too-large tides.md'])
})
