// Dumps of the sources that are one big file: Wikipedia, Stack Exchange, Reddit, Hacker News, JSON
// Lines, Parquet.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { parquetWriteBuffer } from 'hyparquet-writer'
import type { Variation } from './variation.ts'

/** Where an input is built, and its raw material. */
export interface Yard {
  /** Folder of the samples. */
  readonly samples: string
  /** Folder of the connectors, for their fixtures. */
  readonly fixtures: string
  /** Folder to build in. */
  readonly folder: string
  readonly variation: Variation
  /** Approximate size of an input, unpacked, in bytes. */
  readonly bytes: number
}

/** An input that was built. */
export interface Built {
  readonly path: string
  /** Unpacked. */
  readonly bytes: number
}

const PAGES_PER_STREAM = 100

/** A Wikipedia dump in each compression; half of the articles are Arabic. */
export function buildWikipedia(
  yard: Yard,
): Record<'plain' | 'multistream' | 'one-stream', Built> | undefined {
  const { samples, folder, variation } = yard
  const arabic = run(
    'bzip2',
    ['-dc'],
    readFileSync(join(samples, 'wikipedia/arwiki-20261101-pages-articles-multistream.xml.bz2')),
  )
  if (!arabic) return undefined
  const english = readFileSync(
    join(samples, 'wikipedia/enwiki-20261101-pages-articles.xml'),
    'utf8',
  )
  const wikis = [
    { xml: english, language: 'en' },
    { xml: arabic.toString(), language: 'ar' },
  ].map(({ xml, language }) => ({
    pages: xml.match(/<page>[\s\S]*?<\/page>/g) ?? [],
    blocks: [
      ...[...xml.matchAll(/<text[^>]*>([\s\S]*?)<\/text>/g)].flatMap(([, text = '']) =>
        text.split('\n\n'),
      ),
      ...wikitextFixtures(yard.fixtures, language),
    ],
  }))
  const header = english.slice(0, english.indexOf('<page>'))
  const pages: string[] = []
  for (let size = 0; size < yard.bytes; size += Buffer.byteLength(pages.at(-1) ?? '')) {
    const { pages: templates, blocks } = variation.pick(wikis)
    const text = variation.grow(blocks, variation.number(2, 30) ** 2 * 20)
    const id = pages.length + 1
    pages.push(
      variation
        .pick(templates)
        .replace(/<title>[^<]*/, `<title>Article ${id}`)
        .replace(/<id>\d+/, `<id>${id}`)
        .replace(
          /(<text[^>]*>)[\s\S]*(<\/text>)/,
          (_, open: string, close: string) => open + text + close,
        ),
    )
  }
  const streams = [
    header,
    ...groups(pages, PAGES_PER_STREAM).map((group) => `  ${group.join('\n  ')}\n`),
    '</mediawiki>\n',
  ]
  const xml = streams.join('')
  const packed = streams.map(
    (stream) => run('bzip2', ['-c'], Buffer.from(stream)) ?? Buffer.alloc(0),
  )
  const bytes = Buffer.byteLength(xml)
  return {
    plain: write(folder, 'articles.xml', xml, bytes),
    multistream: write(folder, 'articles-multistream.xml.bz2', Buffer.concat(packed), bytes),
    'one-stream': write(
      folder,
      'articles.xml.bz2',
      run('bzip2', ['-c'], Buffer.from(xml)) ?? Buffer.alloc(0),
      bytes,
    ),
  }
}

/** Templates, tables, references and links in all their forms, as XML holds them. */
function wikitextFixtures(connectors: string, language: string): string[] {
  const folder = join(connectors, '../src/text/wikitext/fixtures')
  const names = readdirSync(folder).filter(
    (name) => name.startsWith(`${language}-`) && name.endsWith('.wikitext'),
  )
  const texts = names.sort().map((name) => readFileSync(join(folder, name), 'utf8'))
  return texts.map((text) =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
  )
}

function groups<T>(values: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, at) =>
    values.slice(at * size, (at + 1) * size),
  )
}

/**
 * Posts.xml: one row in four is a question, and most answers have too few votes to be kept, as on
 * the real sites.
 */
export function buildPosts({ samples, folder, variation, bytes }: Yard): Built {
  const rows =
    readFileSync(join(samples, 'stackexchange/Posts.xml'), 'utf8').match(/<row .*\/>/g) ?? []
  const questions = rows.filter((row) => row.includes('PostTypeId="1"'))
  const answers = rows.filter((row) => row.includes('PostTypeId="2"'))
  const lines: string[] = []
  let question = 1
  for (let size = 0; size < bytes; size += Buffer.byteLength(lines.at(-1) ?? '') + 1) {
    const id = lines.length + 1
    const isQuestion = id % 4 === 1
    if (isQuestion) question = id
    const row = variation.vary(variation.pick(isQuestion ? questions : answers))
    lines.push(
      row
        .replace(/ Id="\d+"/, ` Id="${id}"`)
        .replace(/ ParentId="\d+"/, ` ParentId="${question}"`)
        .replace(/ AcceptedAnswerId="\d+"/, ` AcceptedAnswerId="${id + 1}"`)
        .replace(/ Score="-?\d+"/, ` Score="${variation.pick([0, 0, 1, 1, 2, 3, 5, 12])}"`),
    )
  }
  const xml = `<?xml version="1.0" encoding="utf-8"?>\r\n<posts>\r\n  ${lines.join('\r\n  ')}\r\n</posts>\r\n`
  return write(folder, 'sky.stackexchange.com-Posts.xml', xml)
}

/** Fields of real rows that nobody reads; most of a row. */
const REDDIT_BALLAST = {
  all_awardings: [],
  author_flair_css_class: null,
  author_flair_richtext: [],
  author_flair_text: null,
  author_fullname: 't2_abcdef',
  can_gild: true,
  collapsed_because_crowd_control: null,
  controversiality: 0,
  distinguished: null,
  gilded: 0,
  gildings: {},
  locked: false,
  no_follow: true,
  retrieved_on: 1767300000,
  score_hidden: false,
  send_replies: true,
  subreddit_id: 't5_2qh1i',
  subreddit_type: 'public',
  total_awards_received: 0,
  treatment_tags: [],
  updated_on: 1767300000,
}

type Row = Record<string, unknown>

/** Comments and their submissions, one submission in twenty; keys sorted as in the dumps. */
export function buildReddit({ samples, folder, variation, bytes }: Yard): Built {
  const read = (name: string): Row[] => parseLines(join(samples, 'reddit', name))
  const [comments, submissions] = [read('RC_2026-01'), read('RS_2026-01')]
  const texts = [
    ...comments.map(({ body }) => body),
    ...submissions.map(({ selftext }) => selftext),
  ].map(String)
  const sentences = texts
    .flatMap((text) => text.split(/(?<=[.؟?]) /))
    .filter((text) => text.length > 20)
  const lines: string[] = []
  let thread = 's0'
  for (let size = 0; size < bytes; size += Buffer.byteLength(lines.at(-1) ?? '') + 1) {
    const id = lines.length
    const text = variation.grow(sentences, variation.number(1, 25) ** 2, ' ')
    const score = variation.number(-1, 9)
    if (id % 20 === 0) thread = `s${id}`
    const own: Row =
      id % 20 === 0
        ? { ...variation.pick(submissions), id: thread, selftext: text, score: score + 2 }
        : {
            ...variation.pick(comments),
            id: `c${id}`,
            link_id: `t3_${thread}`,
            parent_id: `t3_${thread}`,
            body: text,
            score,
          }
    const row = { ...REDDIT_BALLAST, ...own, author: `user${id % 997}` }
    lines.push(
      JSON.stringify(Object.fromEntries(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)))),
    )
  }
  return write(folder, 'RC_2026-01', `${lines.join('\n')}\n`)
}

/** Hacker News items: a story, then nine comments that reply to one another. */
export function buildHackerNews({
  samples,
  folder,
  variation,
  bytes,
}: Yard): Record<'lines' | 'parquet', Built> {
  const items = parseLines(join(samples, 'hackernews/items.jsonl')).filter(({ text }) => text)
  const sentences = items.flatMap(({ text }) => String(text).split(/(?<=[.?]) /))
  const rows: Row[] = []
  for (let size = 0; size < bytes; size += JSON.stringify(rows.at(-1)).length + 1) {
    const id = 1000 + rows.length
    const story = id - (id % 10)
    const text = variation.grow(
      sentences,
      variation.number(4, 30) ** 2,
      variation.pick([' ', ' ', '<p>']),
    )
    const common = { id, by: `user${id % 997}`, time: 1767225600 + id }
    rows.push(
      id === story
        ? {
            ...common,
            type: 'story',
            title: variation.vary('Show HN: Small programs about large distances'),
            text,
            score: id % 90,
          }
        : { ...common, type: 'comment', parent: variation.number(story, id - 1), text },
    )
  }
  const lines = `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`
  const bytesOfRows = Buffer.byteLength(lines)
  const column = (name: string, type: 'INT64' | 'STRING') => ({
    name,
    type,
    nullable: true,
    data: rows.map((row) =>
      row[name] === undefined ? null : type === 'INT64' ? BigInt(row[name] as number) : row[name],
    ),
  })
  const parquet = parquetWriteBuffer({
    columnData: [
      ...['id', 'time', 'parent', 'score'].map((name) => column(name, 'INT64')),
      ...['by', 'type', 'title', 'text'].map((name) => column(name, 'STRING')),
    ],
    rowGroupSize: 20_000,
  })
  return {
    lines: write(folder, 'items.jsonl', lines),
    parquet: write(folder, 'items.parquet', Buffer.from(parquet), bytesOfRows),
  }
}

/** Rows of a data set: text, address, date and a number. */
export function buildRows({
  samples,
  folder,
  variation,
  bytes,
}: Yard): Record<'lines' | 'gzip' | 'zstd' | 'parquet', Built | undefined> {
  const essays = parseLines(join(samples, 'jsonl/essays.jsonl')).flatMap(({ text }) =>
    typeof text === 'string' ? [text] : [],
  )
  const rows: { id: string; text: string; url: string; created: string }[] = []
  for (let size = 0; size < bytes; size += Buffer.byteLength(rows.at(-1)?.text ?? '') + 120) {
    const id = `row-${rows.length}`
    const text = variation.grow(essays, variation.number(3, 80) ** 2)
    rows.push({ id, text, url: `https://sky.example/${id}`, created: '2026-01-01' })
  }
  const lines = Buffer.from(`${rows.map((row) => JSON.stringify(row)).join('\n')}\n`)
  const columnData = (['id', 'text', 'url', 'created'] as const).map((name) => ({
    name,
    type: 'STRING' as const,
    data: rows.map((row) => row[name]),
  }))
  const zstd = run('zstd', ['-c', '-q'], lines)
  return {
    lines: write(folder, 'rows.jsonl', lines),
    gzip: write(folder, 'rows.jsonl.gz', gzipSync(lines), lines.length),
    zstd: zstd && write(folder, 'rows.jsonl.zst', zstd, lines.length),
    parquet: write(
      folder,
      'rows.parquet',
      Buffer.from(parquetWriteBuffer({ columnData, rowGroupSize: 2000 })),
      lines.length,
    ),
  }
}

function parseLines(path: string): Row[] {
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.flatMap((line) => {
    try {
      const value: unknown = JSON.parse(line)
      return typeof value === 'object' && value !== null ? [value as Row] : []
    } catch {
      return [] // some lines of the samples are broken on purpose
    }
  })
}

/** Writes an input; `bytes` is its unpacked size where that differs. */
export function write(
  folder: string,
  name: string,
  content: string | Uint8Array,
  bytes?: number,
): Built {
  const path = join(folder, name)
  writeFileSync(path, content)
  return { path, bytes: bytes ?? Buffer.byteLength(content) }
}

/** Output of a program for some bytes; undefined if the program is missing. */
export function run(
  program: string,
  args: readonly string[],
  input: Uint8Array,
): Buffer | undefined {
  const { stdout, status } = spawnSync(program, args, { input, maxBuffer: 2 ** 31 - 1 })
  return status === 0 ? stdout : undefined
}
