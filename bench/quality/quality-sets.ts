// Labelled pages, whole Arabic books and other clean texts that the filter `quality` is measured
// on.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { inflateRawSync } from 'node:zlib'
import { readBook } from '../../connectors/openiti/markdown.ts'
import { primaryTexts } from '../../connectors/openiti/versions.ts'
import { MASAKHANE_NEWS, OPENITI_300, openiti, SAUDI_NEWS, XQUAD } from './public-sets.ts'
import { halfOf } from './score.ts'
import type { QualityContext } from './section.ts'
import type { PublicSet } from './sets.ts'

/** A text and the row of a table that it counts in. */
export interface Sample {
  readonly group: string
  readonly text: string
}

/** A page with the label that people gave it. */
export interface LabelledPage {
  readonly text: string
  readonly isGood: boolean
  /** Whether all who labelled it agreed. */
  readonly isAgreed: boolean
}

const DCLM: PublicSet = {
  repository: 'mlfoundations/dclm',
  commit: '361714bdd60bb9b7f4b2d8354cebbf0dec0c329e',
  license: 'MIT',
}
/** The books that limits were measured on, by the century of the author's death (AH). */
const FITTED_BOOKS = OPENITI_300
const OTHER_BOOKS: readonly PublicSet[] = [
  openiti('0200AH', '5ec180e255a964c44eb69c45797ced3082e060ae'),
  openiti('0500AH', '152d518101b5f7680488e8d0a18f7f5ce1642e44'),
  openiti('0800AH', '7b745ec7b83d6d4971f937364dbdec2fe0ba2a40'),
  openiti('1300AH', '4dca1d5c15be4469b5bf3aab32dbe2c0b642a6ca'),
]
/** Books of the Hindawi foundation, most of them modern; public domain or CC BY. */
const HINDAWI = openiti('RAW_Hindawi', '07482ababe466a117d108602816a92e679829b0e')
const REGISTERS: PublicSet = {
  repository: 'TurkuNLP/multilingual-register-labeling',
  commit: '98c8beb106c26b6fab58b974c16026339052f157',
  license: 'CC BY-SA 4.0 for its French and Swedish parts',
}
const ARCD: PublicSet = {
  repository: 'husseinmozannar/SOQAL',
  commit: '1229d34aa2b7a0b9a2e4858c9268e68f45d7e3c4',
  license: 'MIT',
}

const HPLT: PublicSet = {
  repository: 'hplt-project/release2_inspection',
  commit: '401e9e57f291d1d97284b774162fe5f21190b243',
  license: 'MIT',
}

/** Plays of Shakespeare, of which the rule on speakers' lines was made. */
const PLAYS: PublicSet = {
  repository: 'karpathy/char-rnn',
  commit: '6f9487a6fe5b420b7ca9afb0d7c078e37c1d1b4e',
  license: 'public domain',
}

/** Every set of the section. */
export const SETS: readonly PublicSet[] = [
  DCLM,
  HPLT,
  FITTED_BOOKS,
  ...OTHER_BOOKS,
  HINDAWI,
  REGISTERS,
  SAUDI_NEWS,
  MASAKHANE_NEWS,
  XQUAD,
  ARCD,
  PLAYS,
]

/** DCLM's pages of this half: those of the smaller file had the same label from all. */
export function labelledPages(context: QualityContext): LabelledPage[] {
  const folder = join(context.open(DCLM), 'data')
  const read = (name: string): { text: string; label: number }[] =>
    readFileSync(join(folder, name), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  const agreed = new Set(read('agreement_data.jsonl').map(({ text }) => text))
  return read('majority_data.jsonl')
    .filter(({ text }) => halfOf(text) === context.half)
    .map(({ text, label }) => ({ text, isGood: label === 1, isAgreed: agreed.has(text) }))
}

/**
 * Excerpts of Arabic pages, all on one line, that a native speaker found natural or not: porn, word
 * lists for search engines, mostly boilerplate. None was fitted on.
 */
export function naturalPages(context: QualityContext): LabelledPage[] {
  const path = join(context.open(HPLT), 'annot_round1/ara_Arab/batch0.tsv')
  const [, ...rows] = readFileSync(path, 'utf8').trim().split('\n')
  return rows
    .map((row) => row.split('\t'))
    .filter(([, , isArabic]) => isArabic === '1')
    .map(([porn, unnatural, , text = '']) => {
      return { text, isGood: porn === '' && unnatural === '', isAgreed: false }
    })
}

/** Whole Arabic books, grouped by century, those of Hindawi by genre. */
export function* wholeBooks(context: QualityContext): Iterable<Sample> {
  for (const set of context.half === 'fit' ? [FITTED_BOOKS] : OTHER_BOOKS) {
    const group = `books of ${set.repository.slice('OpenITI/'.length)}`
    for (const { text } of booksIn(context.open(set))) yield { group, text }
  }
  for (const { book, text, genre } of booksIn(context.open(HINDAWI))) {
    if (halfOf(book) === context.half) yield { group: `modern books, ${genre}`, text }
  }
}

const LARGEST_FILE = 4 << 20
const GENRES = ['novels', 'plays', 'poetry']

/** One text per book, of files of less than 4 MiB. */
function* booksIn(
  folder: string,
): Iterable<{ readonly book: string; readonly text: string; readonly genre: string }> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => join(folder, path))
    .filter((path) => /-ara\d+/.test(path) && statSync(path).isFile())
    .filter((path) => statSync(path).size < LARGEST_FILE)
    .sort()
  for (const [book, path] of primaryTexts(files)) {
    const source = readFileSync(path, 'utf8')
    const text = readBook(source)?.text ?? ''
    const categories = /"BookCats": "([^"]*)"/.exec(source)?.[1] ?? ''
    const genre = GENRES.find((name) => categories.includes(name)) ?? 'other prose'
    if (text !== '') yield { book, text, genre }
  }
}

/** Stretches of whole lines of books, of at least so many words each. */
export function* pieces(
  { group, text }: Sample,
  { words, most }: { readonly words: number; readonly most: number },
): Iterable<Sample> {
  let lines: string[] = []
  let count = 0
  const found: string[] = []
  for (const line of text.split('\n')) {
    lines.push(line)
    count += line.split(/\s+/).filter((word) => word !== '').length
    if (count < words) continue
    found.push(lines.join('\n'))
    lines = []
    count = 0
  }
  const step = Math.max(1, found.length / most)
  for (let at = step / 2; at < found.length; at += step)
    yield { group, text: found[Math.floor(at)] ?? '' }
}

/** News and articles of encyclopedias in both languages, and Arabic web pages by register. */
export function* articles(context: QualityContext): Iterable<Sample & { readonly lang: string }> {
  const isHalf = (key: string): boolean => halfOf(key) === context.half
  for (const { url, content } of newsOf(join(context.open(SAUDI_NEWS), 'dataset/2015-08-09.zip')))
    if (isHalf(url)) yield { group: 'Arabic news', text: content, lang: 'ar' }
  const english = join(context.open(MASAKHANE_NEWS), 'data/eng/test.tsv')
  for (const [, text = ''] of readFileSync(english, 'utf8').matchAll(NEWS_ROW))
    if (isHalf(text)) yield { group: 'English news', text: text.replaceAll('""', '"'), lang: 'en' }
  for (const [file, lang] of [
    [join(context.open(ARCD), 'data/arcd.json'), 'ar'],
    [join(context.open(XQUAD), 'xquad.ar.json'), 'ar'],
    [join(context.open(XQUAD), 'xquad.en.json'), 'en'],
  ] as const) {
    const group = `Wikipedia, ${lang === 'ar' ? 'Arabic' : 'English'}`
    for (const text of questionContexts(file)) if (isHalf(text)) yield { group, text, lang }
  }
  const plays = readFileSync(join(context.open(PLAYS), 'data/tinyshakespeare/input.txt'), 'utf8')
  const group = 'English plays in verse, pieces, fitted on'
  for (const piece of pieces({ group, text: plays }, { words: 150, most: 200 }))
    yield { ...piece, lang: 'en' }
  const pages = join(context.open(REGISTERS), 'register-annotations/ArCORE/ar-raw.tsv')
  for (const { text, register } of registerPages(pages))
    if (isHalf(text)) yield { group: `Arabic web, ${register}`, text, lang: 'ar' }
}

/** Category, headline, text and address; texts of more than one line are quoted. */
const NEWS_ROW = /^\w+\t(?:"(?:[^"]|"")*"|[^\t\n]*)\t"?((?:[^"]|"")*)"?\t\S+$/gm

function newsOf(path: string): { url: string; content: string }[] {
  // The first file of the archive is its only one.
  const zip = readFileSync(path)
  const start = 30 + zip.readUInt16LE(26) + zip.readUInt16LE(28)
  return JSON.parse(inflateRawSync(zip.subarray(start)).toString())
}

/** The passages of each article as one text. */
function questionContexts(path: string): string[] {
  interface Article {
    readonly paragraphs: readonly { readonly context: string }[]
  }
  const { data } = JSON.parse(readFileSync(path, 'utf8')) as { data: readonly Article[] }
  return data.map(({ paragraphs }) => paragraphs.map(({ context }) => context).join('\n'))
}

/** Pages of ArCORE; those that annotators rejected or called persuasion count as commercial. */
function registerPages(path: string): { text: string; register: string }[] {
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((row) => {
      const [, , , , verdict = '', label = '', page = ''] = row.split('\t')
      const isClean = verdict === 'accept' && /^(?:NA|OP|HI|IN)\b/.test(label)
      return { text: pageText(page), register: isClean ? 'informing or telling' : 'the rest' }
    })
}

const BLOCK_END = /<\/(?:p|h\d|li|item|head|quote|list|blockquote|tr|div)>|<br ?\/?>|<lb\/>/g

/** The text of an XML page of trafilatura. */
function pageText(page: string): string {
  const body = page.slice(page.indexOf('<div class="trafilatura-content">'))
  return body
    .replace(BLOCK_END, '\n')
    .replace(/<[^>]+>/g, ' ')
    .replace(/&(lt|gt|amp|quot);/g, (_, name) => ENTITIES[name as keyof typeof ENTITIES])
    .split('\n')
    .map((line) => line.replace(/\s+/g, ' ').trim())
    .filter((line) => line !== '')
    .join('\n')
}

const ENTITIES = { lt: '<', gt: '>', amp: '&', quot: '"' } as const
