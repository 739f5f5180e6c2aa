// Which connector reads which input, and what it is compared with.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BARE } from './bare.ts'
import {
  type Built,
  buildHackerNews,
  buildPosts,
  buildReddit,
  buildRows,
  buildWikipedia,
  run,
  write,
  type Yard,
} from './dumps.ts'
import {
  buildArchive,
  buildBooks,
  buildPapers,
  buildRepository,
  buildScans,
  buildTexts,
} from './folders.ts'
import { variation } from './variation.ts'

/** One line of the table. */
export interface Case {
  readonly connector: string
  readonly title: string
  readonly options: Readonly<Record<string, unknown>>
  readonly input: Built
  readonly parser: keyof typeof BARE
  /** What is merely parsed, if that is not the input itself. */
  readonly bareInput?: string
  /** Target in MB/s per core. */
  readonly aim?: number
}

/** Bytes of an input, unpacked. */
const INPUT_BYTES = 32_000_000

type Build = (yard: Yard) => Promise<(Case | undefined)[]> | (Case | undefined)[]

/**
 * Builds inputs one after the other, so that each is read while it is still in the page cache.
 */
export async function* buildCases(
  root: string,
  folder: string,
  wanted: readonly string[],
): AsyncIterable<Case> {
  for (const [at, [connector, build]] of Object.entries(BUILDS).entries()) {
    if (wanted.length > 0 && !wanted.includes(connector)) continue
    const yard = {
      samples: join(root, 'samples'),
      fixtures: join(root, 'connectors'),
      folder,
      variation: variation(root, at + 1),
      bytes: INPUT_BYTES,
    }
    for (const one of await build(yard)) if (one) yield one
  }
}

const BUILDS: Readonly<Record<string, Build>> = {
  wikipedia(yard) {
    const built = buildWikipedia(yard)
    const one = (title: string, input: Built | undefined, aim?: number): Case | undefined =>
      input && {
        connector: 'wikipedia',
        title,
        options: { input: input.path },
        input,
        parser: 'xml',
        ...(aim ? { aim } : {}),
      }
    return [
      one('XML', built?.plain, 15),
      one('bz2, many streams', built?.multistream),
      one('bz2, one stream', built?.['one-stream']),
    ]
  },
  stackoverflow(yard) {
    const input = buildPosts(yard)
    const options = { input: input.path, site: 'sky.stackexchange.com' }
    return [
      { connector: 'stackoverflow', title: 'Posts.xml', options, input, parser: 'xml', aim: 40 },
    ]
  },
  async arxiv(yard) {
    const { eprints, ...input } = await buildPapers(yard)
    const options = { input: input.path, eprints }
    return [
      {
        connector: 'arxiv',
        title: 'TeX, tar.gz in tar',
        options,
        input,
        parser: 'files',
        bareInput: eprints,
        aim: 10,
      },
    ]
  },
  reddit(yard) {
    const plain = buildReddit(yard)
    const packed = run('zstd', ['-c', '-q', '--long=31'], readFileSync(plain.path))
    const zstd = packed && write(yard.folder, 'RC_2026-02.zst', packed, plain.bytes)
    const one = (title: string, input: Built | undefined, documents: string): Case | undefined =>
      input && {
        connector: 'reddit',
        title,
        options: { input: input.path, documents },
        input,
        parser: 'json',
        aim: 100,
      }
    return [
      one('NDJSON, posts', plain, 'posts'),
      one('NDJSON, threads', plain, 'threads'),
      one('zst, posts', zstd, 'posts'),
    ]
  },
  hackernews(yard) {
    const { lines, parquet } = buildHackerNews(yard)
    return [
      {
        connector: 'hackernews',
        title: 'NDJSON',
        options: { input: lines.path },
        input: lines,
        parser: 'json',
      },
      {
        connector: 'hackernews',
        title: 'Parquet',
        options: { input: parquet.path },
        input: parquet,
        parser: 'parquet',
      },
    ]
  },
  jsonl(yard) {
    const { lines, gzip, zstd } = buildRows(yard)
    const one = (title: string, input: Built | undefined): Case | undefined =>
      input && {
        connector: 'jsonl',
        title,
        options: { input: input.path },
        input,
        parser: 'json',
        aim: 100,
      }
    return [one('NDJSON', lines), one('gz', gzip), one('zst', zstd)]
  },
  parquet(yard) {
    const { parquet } = buildRows(yard)
    return [
      parquet && {
        connector: 'parquet',
        title: 'Parquet',
        options: { input: parquet.path },
        input: parquet,
        parser: 'parquet',
      },
    ]
  },
  async github(yard) {
    const input = await buildRepository(yard)
    return [
      {
        connector: 'github',
        title: 'tar.gz',
        options: { input: input.path },
        input,
        parser: 'files',
      },
    ]
  },
  warc(yard) {
    const input = buildArchive(yard)
    return [
      {
        connector: 'warc',
        title: 'HTML, gz',
        options: { input: input.path },
        input,
        parser: 'html',
      },
    ]
  },
  text(yard) {
    const input = buildTexts(yard)
    return [
      {
        connector: 'text',
        title: 'txt, md, HTML',
        options: { input: input.path },
        input,
        parser: 'files',
      },
    ]
  },
  openiti(yard) {
    const input = buildBooks(yard)
    return [
      {
        connector: 'openiti',
        title: 'mARkdown',
        options: { input: input.path },
        input,
        parser: 'files',
      },
    ]
  },
  async 'arabic-ocr'(yard) {
    const input = await buildScans(yard)
    return [
      {
        connector: 'arabic-ocr',
        title: 'PNG, recognised',
        options: { input: input.path },
        input,
        parser: 'pictures',
      },
    ]
  },
}
