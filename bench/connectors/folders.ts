// Inputs that consist of many files: papers, repositories, pages, books, scans.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { createCanvas, loadImage } from '@napi-rs/canvas'
import { pack } from 'tar-stream'
import { type Built, write, type Yard } from './dumps.ts'

/** arXiv: metadata, and a bundle of papers as on S3, each a gzipped tar of TeX. */
export async function buildPapers({
  samples,
  fixtures,
  folder,
  variation,
  bytes,
}: Yard): Promise<Built & { eprints: string }> {
  const dense = ['english', 'arabic'].map((name) =>
    readFileSync(join(fixtures, `../src/text/latex/fixtures/${name}.tex`), 'utf8'),
  )
  const sources = join(samples, 'arxiv/eprints')
  const papers = readdirSync(sources)
    .filter((name) => name.endsWith('.gz'))
    .sort()
    .map((name) => gunzipSync(readFileSync(join(sources, name))).toString())
  const preamble = (dense[0] ?? '').split('\\begin{document}')[0]
  // Papers give running text; fixtures give constructs that papers seldom have.
  const blocks = [...dense, ...papers]
    .flatMap((text) => [...text.matchAll(/\\begin\{document\}([\s\S]*?)\\end\{document\}/g)])
    .flatMap(([, body = '']) => body.split('\n\n'))
  const eprints = emptyFolder(folder, 'eprints')
  const bundle: Record<string, Uint8Array> = {}
  const metadata: string[] = []
  let size = 0
  while (size < bytes) {
    const id = `2601.${String(metadata.length + 1).padStart(5, '0')}`
    const tex = `${preamble}\\begin{document}\n${variation.grow(blocks, variation.number(20_000, 120_000))}\n\\end{document}\n`
    size += Buffer.byteLength(tex)
    bundle[`2601/${id}.gz`] = gzipSync(await tar({ 'main.tex': Buffer.from(tex) }))
    metadata.push(
      JSON.stringify({
        id,
        authors: 'A. Nobody',
        title: variation.vary('Distances of lanterns from afar'),
        categories: 'astro-ph.GA',
        license: 'http://creativecommons.org/licenses/by/4.0/',
        abstract: variation.vary(
          'We measure the distances of forty lanterns from their shadows and find them consistent.',
        ),
        versions: [{ version: 'v1', created: 'Mon, 5 Jan 2026 08:30:00 GMT' }],
      }),
    )
  }
  write(eprints, 'arXiv_src_2601_001.tar', await tar(bundle))
  return { ...write(folder, 'metadata.jsonl', `${metadata.join('\n')}\n`, size), eprints }
}

/**
 * A repository as GitHub packs it: our own sources repeated with other words in them, and the
 * fixture's licence.
 */
export async function buildRepository({
  fixtures,
  folder,
  variation,
  bytes,
}: Yard): Promise<Built> {
  const root = join(fixtures, '..')
  const names = ['src', 'connectors', 'filters', 'docs'].flatMap((part) =>
    readdirSync(join(root, part), { recursive: true, encoding: 'utf8' }).map((name) =>
      join(part, name),
    ),
  )
  const texts = names
    .filter((name) => /\.(?:ts|md)$/.test(name))
    .sort()
    .map((name) => ({ name, text: readFileSync(join(root, name), 'utf8') }))
  const files: Record<string, Uint8Array> = {
    'lantern/LICENSE': readFileSync(join(fixtures, 'github/fixtures/lantern/LICENSE')),
  }
  let size = 0
  for (let copy = 0; size < bytes; copy++) {
    for (const { name, text } of texts) {
      const varied = Buffer.from(variation.vary(text))
      size += varied.length
      files[`lantern/copy${copy}/${name}`] = varied
    }
  }
  return write(folder, 'lantern.tar.gz', gzipSync(await tar(files)), size)
}

/**
 * Pages of a crawl, one gzip member each, with the navigation and scripts that make up most of real
 * pages.
 */
export function buildArchive({ samples, folder, variation, bytes }: Yard): Built {
  const pages = pagesOf(join(samples, 'warc/sky.warc.gz'))
  const paragraphs = pages.flatMap((page) => page.match(/<p>.*?<\/p>/g) ?? [])
  const members: Buffer[] = []
  let size = 0
  while (size < bytes) {
    const page = webPage(
      variation.pick(pages),
      variation.grow(paragraphs, variation.number(500, 12_000), '\n'),
      variation.number(5, 80),
    )
    const http = Buffer.from(
      `HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n${page}`,
    )
    const head = `WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://sky.example/${members.length}\r\nWARC-Date: 2026-10-05T06:07:08Z\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: ${http.length}\r\n\r\n`
    const record = Buffer.concat([Buffer.from(head), http, Buffer.from('\r\n\r\n')])
    size += record.length
    members.push(gzipSync(record))
  }
  return write(folder, 'pages.warc.gz', Buffer.concat(members), size)
}

function pagesOf(path: string): string[] {
  const text = gunzipSync(readFileSync(path)).toString()
  return (text.match(/<!doctype html>[\s\S]*?<\/html>/g) ?? []).filter(
    (page) => !page.includes('\ufffd'),
  )
}

function webPage(page: string, paragraphs: string, links: number): string {
  const menu = Array.from(
    { length: links },
    (_, at) => `<li class="item item-${at}"><a href="/section/${at}">Section ${at}</a></li>`,
  )
  const script = `<script>window.data=${JSON.stringify(menu).replaceAll('</', '<\\/')}</script>`
  return page
    .replace(/<p>.*<\/p>/, () => paragraphs)
    .replace('<nav><ul>', () => `${script}<nav><ul>${menu.join('\n')}`)
}

/** A folder of Markdown, plain text and HTML. */
export function buildTexts({ samples, folder, variation, bytes }: Yard): Built {
  const source = join(samples, 'text/notes')
  const notes = readdirSync(source)
    .sort()
    .map((name) => ({ name, text: readFileSync(join(source, name), 'utf8') }))
  const target = emptyFolder(folder, 'notes')
  let size = 0
  for (let count = 0; size < bytes; count++) {
    const { name, text } = variation.pick(notes)
    const isPage = name.endsWith('.html')
    const blocks = isPage ? (text.match(/<p>[\s\S]*?<\/p>/g) ?? []) : text.split('\n\n')
    const grown = variation.grow(blocks, variation.number(1000, 30_000))
    const content = isPage ? webPage(text.replaceAll('\n', ' '), grown, 20) : grown
    size += write(target, `${String(count).padStart(6, '0')}-${name}`, content).bytes
  }
  return { path: target, bytes: size }
}

/** Books of 200 kB and more. */
export function buildBooks({ samples, folder, variation, bytes }: Yard): Built {
  const source = join(samples, 'openiti')
  const books = readdirSync(source)
    .sort()
    .map((name) => readFileSync(join(source, name), 'utf8').split('#META#Header#End#'))
  const paragraphs = books.flatMap(([, body = '']) => body.split(/\n(?=#)/))
  const target = emptyFolder(folder, 'library')
  let size = 0
  for (let count = 1; size < bytes; count++) {
    const [header = ''] = variation.pick(books)
    const text = `${header}#META#Header#End#\n${variation.grow(paragraphs, variation.number(100_000, 800_000), '\n')}\n`
    size += write(
      target,
      `1001Rasid.Kitab${count}.Made${String(count).padStart(4, '0')}-ara1`,
      text,
    ).bytes
  }
  return { path: target, bytes: size }
}

/**
 * Scans of the fixture's page: unchanged, upside down, coarser, and with specks. `bytes` counts
 * pages.
 */
export async function buildScans({ fixtures, folder, variation }: Yard): Promise<Built> {
  const target = emptyFolder(folder, 'scans')
  const page = await loadImage(join(fixtures, 'arabic-ocr/fixtures/page.png'))
  const draw = (name: string, scale: number, turn: boolean, specks: number): void => {
    const canvas = createCanvas(Math.round(page.width * scale), Math.round(page.height * scale))
    const context = canvas.getContext('2d')
    if (turn) {
      context.translate(canvas.width, canvas.height)
      context.rotate(Math.PI)
    }
    context.drawImage(page, 0, 0, canvas.width, canvas.height)
    context.fillStyle = '#444'
    for (let speck = 0; speck < specks; speck++) {
      context.fillRect(variation.number(0, canvas.width), variation.number(0, canvas.height), 2, 1)
    }
    write(target, name, canvas.toBuffer('image/png'))
  }
  cpSync(join(fixtures, 'arabic-ocr/fixtures/page.png'), join(target, 'as-it-is.png'))
  draw('coarse.png', 0.7, false, 0)
  draw('specks.png', 1, false, 300)
  draw('upside-down.png', 1, true, 0)
  return { path: target, bytes: 4 }
}

function emptyFolder(parent: string, name: string): string {
  const path = join(parent, name)
  rmSync(path, { recursive: true, force: true })
  mkdirSync(path, { recursive: true })
  return path
}

async function tar(files: Readonly<Record<string, Uint8Array>>): Promise<Buffer> {
  const archive = pack()
  for (const [name, content] of Object.entries(files))
    archive.entry({ name, mtime: new Date(0) }, Buffer.from(content))
  archive.finalize()
  const chunks: Uint8Array[] = []
  for await (const chunk of archive) chunks.push(chunk as Uint8Array)
  return Buffer.concat(chunks)
}
