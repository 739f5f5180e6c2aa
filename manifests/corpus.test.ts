import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { load } from 'cheerio'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isText } from '../src/arrow/columns.ts'
import { readArrowFile } from '../src/arrow/reader.ts'
import { textAt } from '../src/core/batch.ts'
import { type RunReport, SPLITS } from '../src/core/report.ts'
import { decompress } from '../src/files/compression/decompress.ts'
import { localStorage } from '../src/files/local-storage.ts'
import { runCorpus } from '../src/index.ts'

const samples = join(import.meta.dirname, '../samples')
const storage = localStorage()
let folder: string
let output: string
let report: RunReport

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etl-corpus-'))
  output = join(folder, 'corpus')
  const manifest = JSON.parse(await readFile(join(import.meta.dirname, 'corpus.json'), 'utf8'))
  for (const source of manifest.sources) {
    for (const option of ['input', 'eprints']) {
      if (option in source) source[option] = resolve(import.meta.dirname, source[option])
    }
  }
  const path = join(folder, 'corpus.json')
  await writeFile(path, JSON.stringify({ ...manifest, $schema: undefined, output }))
  report = await runCorpus(path, { workers: 2 })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** All text in a published file: the text cells of an Arrow file, or the file itself. */
async function textsOf(path: string): Promise<string> {
  if (!path.endsWith('.arrow')) return readFile(path, 'utf8')
  let text = ''
  for await (const { rows, columns } of readArrowFile(storage, path)) {
    for (const values of Object.values(columns)) {
      if (!isText(values)) continue
      for (let row = 0; row < rows; row++) text += `${textAt(values, row)}\n`
    }
  }
  return text
}

/** Paths of all published files. The work folder is private and not included. */
async function publishedFiles(): Promise<string[]> {
  const entries = await readdir(output, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  return files.filter((path) => !path.startsWith(join(output, '.work'))).sort()
}

describe('the main manifest on the samples', () => {
  it('fills every split, with as many rows in its shards as the report says', async () => {
    const info = JSON.parse(await readFile(join(output, 'corpus.json'), 'utf8'))
    for (const split of SPLITS) {
      let rows = 0
      for (const shard of info.shards.filter((shard: { split: string }) => shard.split === split)) {
        for await (const part of readArrowFile(storage, join(output, shard.path))) rows += part.rows
      }
      expect(rows, split).toBeGreaterThan(0)
      expect(rows, split).toBe(report.splits[split].documents)
    }
  })

  it('accounts for every item of every source', () => {
    for (const { source, read, skipped, dropped, published } of report.sources) {
      const parts = [...skipped, ...dropped, ...Object.values(published)]
      expect(
        parts.reduce((sum, { items }) => sum + items, 0),
        source,
      ).toBe(read)
      expect(published.train.documents, source).toBeGreaterThan(0)
    }
  })

  it('exercises every filter, in both languages', () => {
    const drops = report.sources.flatMap((source) => source.dropped)
    expect(new Set(drops.map(({ filter }) => filter))).toEqual(
      // `normalise` repairs, and drops nothing.
      new Set(report.filters.map(({ type }) => type).filter((type) => type !== 'normalise')),
    )
    const reasons = new Set(drops.map(({ reason }) => reason))
    expect([...reasons]).toEqual(
      expect.arrayContaining(['other-language', 'link-farm', 'exact-duplicate', 'near-duplicate']),
    )
    const kept = report.sources.flatMap(({ languages }) => Object.entries(languages))
    for (const lang of ['ar', 'en']) {
      const documents = kept
        .filter(([name]) => name === lang)
        .reduce((sum, [, tally]) => sum + tally.documents, 0)
      expect(documents, lang).toBeGreaterThan(50)
    }
  })
})

describe('planted personal data', () => {
  it('is in the samples but in no published file', async () => {
    const { values }: { values: string[] } = JSON.parse(
      await readFile(join(samples, 'planted.json'), 'utf8'),
    )
    expect(values.length).toBeGreaterThan(15)
    const inputs = await sampleTexts()
    expect(values.filter((value) => !inputs.includes(JSON.stringify(value).slice(1, -1)))).toEqual(
      [],
    )

    const files = await publishedFiles()
    expect(files.length).toBeGreaterThan(15)
    let placeholders = 0
    for (const path of files) {
      const text = await textsOf(path)
      expect(
        values.filter((value) => text.includes(value)),
        path,
      ).toEqual([])
      placeholders +=
        text.match(/<(?:EMAIL|PHONE|KEY|IP_ADDRESS|IBAN|CARD|NATIONAL_ID)>/g)?.length ?? 0
    }
    expect(placeholders).toBeGreaterThanOrEqual(values.length)
  })

  async function sampleTexts(): Promise<string> {
    const essays = await readFile(join(samples, 'jsonl/essays.jsonl'), 'utf8')
    const web = gunzipSync(await readFile(join(samples, 'jsonl/web.jsonl.gz'))).toString()
    const path = join(samples, 'jsonl/code.jsonl.zst')
    const pieces: Uint8Array[] = []
    for await (const piece of decompress(storage, path, { compression: 'zstd', where: path }))
      pieces.push(piece)
    return essays + web + Buffer.concat(pieces).toString()
  }
})

describe('planted markup', () => {
  it('is published as text and has no effect in the report', async () => {
    const shards = await Promise.all(report.shards.map(({ path }) => textsOf(join(output, path))))
    expect(shards.join('')).toContain('<script>document.title="owned"</script>')
    const $ = load(await readFile(join(output, 'report.html'), 'utf8'))
    expect($('script, img, iframe').length).toBe(0)
    expect($('style').length).toBe(1)
  })
})
