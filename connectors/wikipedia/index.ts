import { isUtf8 } from 'node:buffer'
import { z } from 'zod'
import type { Context } from '../../src/core/component.ts'
import {
  type Connector,
  type Cursor,
  defineConnector,
  type Item,
  type Partition,
} from '../../src/core/connector.ts'
import { EtlError } from '../../src/core/errors.ts'
import { compressionOf } from '../../src/files/compression/sniff.ts'
import { findInputs, type InputFile } from '../../src/files/inputs.ts'
import { describePlace, type Place, type Range } from './chunks.ts'
import { type PageReader, pageReader } from './document.ts'
import { type Found, readPages } from './pages.ts'
import { readSiteInfo } from './siteinfo.ts'

const options = z.strictObject({
  input: z
    .string()
    .min(1)
    .describe(
      'File, folder or glob: `pages-articles` XML, plain or .bz2, single-stream or multistream. ' +
        'In a folder, files with .xml in their name are read.',
    ),
  namespaces: z
    .array(z.int())
    .min(1)
    .default([0])
    .describe('Numbers of the namespaces to read; 0 is the article namespace.'),
  disambiguation: z
    .enum(['skip', 'keep'])
    .default('skip')
    .describe('What to do with disambiguation pages.'),
  stubs: z
    .enum(['skip', 'keep'])
    .default('keep')
    .describe('What to do with articles marked as stubs; kept ones are flagged in their metadata.'),
  minCharacters: z
    .int()
    .min(0)
    .default(100)
    .describe('Shortest text in UTF-16 units; shorter ones are skipped as `too-short`.'),
  partitionBytes: z
    .int()
    .min(1)
    .default(32 << 20)
    .describe('Bytes per partition, as stored in the file; workers read partitions in parallel.'),
  maxPageBytes: z
    .int()
    .min(1000)
    .default(32 << 20)
    .describe('Longest page in bytes of XML; longer ones are skipped as `too-large`.'),
})

type Options = z.output<typeof options>

/** Reads Wikipedia articles from `pages-articles` dumps, one document per article. */
export const wikipedia = defineConnector({
  name: 'wikipedia',
  version: 2,
  summary:
    'Wikipedia articles from XML dumps: wikitext to Markdown, ' +
    'with maths, lists, headings and small tables kept.',
  options,
  example: { input: 'fixtures/small.xml' },
  create: (chosen: Options, context: Context): Connector => {
    const readers = new Map<string, Promise<PageReader>>()
    const readerOf = (range: Range): Promise<PageReader> => {
      const reader =
        readers.get(range.path) ??
        readSiteInfo(context, range).then((info) => pageReader(info, chosen))
      readers.set(range.path, reader)
      return reader
    }
    return {
      partitions: () => partitions(context, chosen),
      read: (partition, from) => read(context, chosen, readerOf, partition, from),
    }
  },
})

async function* partitions(
  context: Context,
  { input, partitionBytes }: Options,
): AsyncIterable<Partition> {
  const files = await findInputs(context, input)
  for (const file of files) {
    if (files.length > 1 && !isDump(file)) continue
    const packed = await isPacked(context, file)
    for (
      let start = 0, part = 0;
      start < file.size || part === 0;
      start += partitionBytes, part++
    ) {
      const end = Math.min(start + partitionBytes, file.size)
      const spec: Range = { path: file.path, label: file.label, packed, start, end }
      yield { key: `${file.key}/${String(part).padStart(5, '0')}`, bytes: end - start, spec }
    }
  }
}

/**
 * Whether a file in a folder is a dump and not an index or a checksum file. Indexes are not needed,
 * because blocks are found in the dump itself.
 */
const isDump = ({ label }: InputFile): boolean =>
  /\.xml(?:[.-]|$)/i.test(label) && !/-index\d*\.|-rss\./i.test(label)

async function isPacked(context: Context, file: InputFile): Promise<boolean> {
  const compression = await compressionOf(context.storage, file.path)
  if (compression === 'bzip2') return true
  if (compression === 'none') return false
  throw new EtlError('input-unsupported', {
    where: file.label,
    what: `the dump is compressed with ${compression}`,
    hint: 'Use the .xml.bz2 file that Wikimedia publishes, or decompress this one.',
  })
}

async function* read(
  context: Context,
  chosen: Options,
  readerOf: (range: Range) => Promise<PageReader>,
  partition: Partition,
  from: Cursor | undefined,
): AsyncIterable<Item> {
  const range = partition.spec as Range
  const readPage = await readerOf(range)
  const start = from as Place | undefined
  const pages = readPages(context, range, {
    maxPageBytes: chosen.maxPageBytes,
    ...(start ? { from: start } : {}),
  })
  for await (const found of pages) yield toItem(found, range, readPage)
}

function toItem(found: Found, range: Range, readPage: PageReader): Item {
  const cursor = found.next
  const where = describePlace(range, found.start)
  if ('progress' in found) return { cursor, progress: true }
  if ('oversized' in found) return { cursor, skipped: 'too-large', where }
  if ('damage' in found)
    return { cursor, skipped: 'damaged-block', where: `${where} (${found.damage})` }
  if ('cut' in found) throw new EtlError('input-corrupt', { where, what: found.cut })
  if (!isUtf8(found.page))
    return { cursor, skipped: 'invalid-utf8', where, raw: Uint8Array.from(found.page) }
  const result = readPage(
    Buffer.from(found.page.buffer, found.page.byteOffset, found.page.length).toString('utf8'),
  )
  if ('document' in result) return { cursor, document: result.document }
  if (result.skipped !== 'malformed-page') return { cursor, skipped: result.skipped, where }
  return { cursor, skipped: result.skipped, where, raw: Uint8Array.from(found.page) }
}
