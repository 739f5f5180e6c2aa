// What the models are counted on, and the sentences and documents that they are tried on.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { MASAKHANE_NEWS, NTREX, SAUDI_NEWS } from './public-sets.ts'
import { type Half, halfOf } from './score.ts'
import type { QualityContext } from './section.ts'
import { linesOf, rowsOf } from './tables.ts'

export const LANGUAGES = ['ar', 'en'] as const
/** A language that is measured. */
export type Language = (typeof LANGUAGES)[number]

/** Bytes of articles that a model is counted on, at most. */
const MAX_BYTES = 16 << 20

/** News articles in a language, of another set than those that are tried. */
export function articles(context: QualityContext, language: Language): string[] {
  const found = language === 'ar' ? arabicArticles(context) : englishArticles(context)
  const kept: string[] = []
  let bytes = 0
  for (const text of found) {
    bytes += Buffer.byteLength(text)
    if (bytes > MAX_BYTES) break
    kept.push(text)
  }
  return kept
}

function* arabicArticles({ open, python }: QualityContext): Iterable<string> {
  const program = python([]) ?? 'python3'
  const folder = join(open(SAUDI_NEWS), 'dataset')
  const unzip =
    'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); ' +
    '[sys.stdout.buffer.write(z.read(n)) for n in z.namelist()[:1]]'
  for (const file of readdirSync(folder)
    .filter((name) => name.endsWith('.zip'))
    .sort()) {
    const { stdout } = spawnSync(program, ['-c', unzip, join(folder, file)], { maxBuffer: 1 << 28 })
    for (const { content } of JSON.parse(stdout.toString()) as { content: string }[]) yield content
  }
}

function* englishArticles({ open }: QualityContext): Iterable<string> {
  for (const file of ['dev.tsv', 'test.tsv']) {
    const text = readFileSync(join(open(MASAKHANE_NEWS), 'data/eng', file), 'utf8')
    for (const [, , article = ''] of rowsOf(text, '\t').slice(1)) yield article
  }
}

/** A sentence and the document it stands in. */
export interface Sentence {
  readonly document: string
  readonly text: string
}

/** Sentences of NTREX in a language, of the documents of one half. */
export function sentences({ open, half }: QualityContext, language: Language): Sentence[] {
  const folder = open(NTREX)
  const file = language === 'ar' ? 'newstest2019-ref.arb.txt' : 'newstest2019-src.eng.txt'
  const documents = linesOf(readFileSync(join(folder, 'DOCUMENT_IDS.tsv'), 'utf8'))
  return linesOf(readFileSync(join(folder, 'NTREX-128', file), 'utf8'))
    .map((text, index) => ({ text, document: documents[index]?.split('\t')[0] ?? '' }))
    .filter(({ document }) => inHalf(document, half))
}

const inHalf = (document: string, half: Half): boolean => halfOf(document) === half

/** How texts are damaged. Each gets the text and numbers from 0 to 1. */
export const DAMAGES: Readonly<Record<string, (text: string, draw: () => number) => string>> = {
  'words in random order': (text, draw) =>
    text
      .split(' ')
      .map((word) => [draw(), word] as const)
      .sort(([a], [b]) => a - b)
      .map(([, word]) => word)
      .join(' '),
  '5 % of letters misread': (text, draw) => {
    const letters = text.match(/\p{L}/gu) ?? []
    return text.replace(/\p{L}/gu, (letter) =>
      draw() < 0.05 ? (letters[Math.floor(draw() * letters.length)] ?? letter) : letter,
    )
  },
  '10 % of letters lost': (text, draw) =>
    text.replace(/\p{L}/gu, (letter) => (draw() < 0.1 ? '' : letter)),
  'words cut and joined': (text, draw) =>
    text
      .replace(/ /g, () => (draw() < 0.15 ? '' : ' '))
      .replace(/(?<=\p{L}\p{L})(?=\p{L}\p{L})/gu, () => (draw() < 0.05 ? ' ' : '')),
  'UTF-8 read as Latin-1': (text) => Buffer.from(text).toString('latin1'),
}
