// What the filter `quality` keeps of good and bad pages, whole books, pieces of them, and articles.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { quality } from '../../filters/quality/index.ts'
import { type Statistics, statisticsKernel } from '../../filters/quality/statistics.ts'
import { kernelMemory } from '../../src/kernels/memory/module.ts'
import { benchContext } from '../context.ts'
import {
  articles,
  type LabelledPage,
  labelledPages,
  naturalPages,
  pieces,
  type Sample,
  SETS,
  wholeBooks,
} from './quality-sets.ts'
import { type Rate, showRate } from './score.ts'
import type { QualityContext, QualitySection, Table } from './section.ts'

const PEERS = [
  { module: 'datatrove', spec: 'datatrove==0.10.1' },
  { module: 'nltk', spec: 'nltk==3.10.4' },
  { module: 'spacy', spec: 'spacy==3.8.18' },
  { module: 'regex', spec: 'regex' },
  { module: 'tldextract', spec: 'tldextract' },
]
/** Books of each group that the peer judges: it reads half a megabyte a second. */
const PEER_BOOKS = 25
const PEER_CHARACTERS = 400_000
const PEER_PIECES = 200
/** Fewer words are dropped on purpose. */
const LEAST_WORDS = 50

/** Section `quality` of docs/filters.md. */
export const section: QualitySection = {
  name: 'quality',
  sets: SETS,
  introduction: `
Rules of Gopher, C4, FineWeb and FineWeb2 on words, lines and repetition; limits that are wrong for
whole Arabic books are measured on such books instead (\`filters/quality/limits.ts\` says which and
on what). For English a page score is added: how probable it is that people call a page good, by its
length, its shares of stop words, capitals and lines that end a sentence, fitted to half of DCLM's
labelled pages and, a tenth as heavy, to clean texts of other kinds (Stack Exchange, Wikipedia,
arXiv, a book on Rust, half of the English news). Weights and limits were fixed before each look at
these tables; there were three looks: the score had no line ends in the first two (good pages on
which all agreed .905, bad ones .86) and dropped .07 of the English news.

The peer is datatrove 0.10.1: its Gopher, C4 and FineWeb filters for English as FineWeb runs them,
and for Arabic FineWeb2's configuration of them for arb_Arab. Of books it judges the first
${PEER_BOOKS} of a group of at most ${PEER_CHARACTERS.toLocaleString('en-US')} characters.

HPLT's excerpts have no line breaks: rules on lines say nothing of them, so no peer is shown.

Books are those of files below 4 MiB, one version each. 0300AH and half of the modern books served
for fitting, as did pieces of them; tables show other centuries and the other half.`,
  async measure(context) {
    const judge = await judgeOf()
    const peer = peerOf(context)
    const books = bookTables(context, judge, peer)
    return [...pageTables(context, judge, peer), ...books, articleTable(context, judge, peer)]
  },
}

interface Judged {
  /** The reason to drop the text; undefined if it is kept. */
  readonly reason: string | undefined
  readonly values: Statistics
}
type Judge = (text: string, lang: string) => Judged
/** Whether the peer keeps each text; undefined if there is no peer. */
type Peer = (texts: readonly string[], language: 'english' | 'arabic') => boolean[] | undefined

async function judgeOf(): Promise<Judge> {
  const filter = await quality.create(quality.options.parse({}), benchContext(process.cwd()))
  const statisticsOf = statisticsKernel()
  const memory = kernelMemory()
  return (text, lang) => {
    const values = memory.scope(() => {
      const bytes = Buffer.from(text)
      const at = memory.lend(bytes)
      return statisticsOf(at, at + bytes.length, () => text)
    })
    return { reason: filter.judge({ kind: 'prose', lang, values: { ...values } }), values }
  }
}

function peerOf(context: QualityContext): Peer {
  const python = context.python(PEERS)
  const script = join(process.cwd(), 'bench/quality/quality-peers.py')
  const path = join(context.cache, 'quality-peer-texts.jsonl')
  return (texts, language) => {
    if (python === undefined) return undefined
    writeFileSync(path, texts.map((text) => `${JSON.stringify(text)}\n`).join(''))
    const { stdout, stderr } = spawnSync(python, [script, language, path], {
      encoding: 'utf8',
      maxBuffer: 2 ** 30,
    })
    if (stdout === '') throw new Error(`datatrove failed: ${stderr}`)
    return (JSON.parse(stdout) as (string | null)[]).map((reason) => reason === null)
  }
}

const rateOf = (flags: readonly boolean[]): Rate => ({
  part: flags.filter(Boolean).length,
  whole: flags.length,
})

function pageTables(context: QualityContext, judge: Judge, peer: Peer): Table[] {
  const pages = labelledPages(context)
  const judged = pages.map(({ text }) => judge(text, 'en'))
  const kept = judged.map(({ reason }) => reason === undefined)
  const theirs = peer(textsOf(pages), 'english')
  const arabic = naturalPages(context)
  const columns = ['judge and pages', 'good pages kept', 'bad pages dropped']
  return [
    {
      title: 'English pages labelled by people (DCLM)',
      columns,
      rows: [
        ...labelRows('pages on which all agreed', pages, kept, theirs, ({ isAgreed }) => isAgreed),
        ...labelRows('all pages, by majority', pages, kept, theirs, () => true),
      ],
    },
    {
      title: 'Page score and labels of the same pages, by majority',
      columns: ['page score', 'pages that people called good'],
      rows: reliability(
        judged.map(({ values }, i) => ({
          score: values.pageScore,
          isGood: pages[i]?.isGood ?? false,
        })),
      ),
    },
    {
      title: 'Excerpts of Arabic pages found natural or not by a reader (HPLT), not fitted on',
      columns,
      rows: labelRows(
        'all excerpts',
        arabic,
        arabic.map(({ text }) => judge(text, 'ar').reason === undefined),
        undefined,
        () => true,
      ),
    },
  ]
}

const textsOf = (pages: readonly LabelledPage[]): string[] => pages.map(({ text }) => text)

/** Our row, and the peer's if there is one, on the pages that are wanted. */
function labelRows(
  name: string,
  pages: readonly LabelledPage[],
  ours: readonly boolean[],
  theirs: readonly boolean[] | undefined,
  isWanted: (page: LabelledPage) => boolean,
): string[][] {
  const row = (judge: string, kept: readonly boolean[]) => {
    const of = (isGood: boolean) =>
      rateOf(kept.filter((_, i) => pages[i]?.isGood === isGood && isWanted(pages[i])))
    const bad = of(false)
    const dropped = { part: bad.whole - bad.part, whole: bad.whole }
    return [`${judge}, ${name}`, showRate(of(true)), showRate(dropped)]
  }
  return theirs ? [row('quality', ours), row('datatrove', theirs)] : [row('quality', ours)]
}

function reliability(pages: readonly { readonly score: number; readonly isGood: boolean }[]) {
  return [0, 0.2, 0.4, 0.6, 0.8].map((from) => {
    const own = pages.filter(({ score }) => score >= from && score < from + 0.2)
    return [
      `${from} to ${(from + 0.2).toFixed(1)}`,
      showRate(rateOf(own.map(({ isGood }) => isGood))),
    ]
  })
}

function bookTables(context: QualityContext, judge: Judge, peer: Peer): Table[] {
  const whole = tally(judge)
  const short = tally(judge)
  for (const book of wholeBooks(context)) {
    whole.add(book, 'ar', book.text.length <= PEER_CHARACTERS ? PEER_BOOKS : 0)
    for (const piece of pieces(book, { words: 150, most: 5 })) short.add(piece, 'ar', PEER_PIECES)
  }
  return [
    whole.table('Whole Arabic books', peer),
    short.table('Pieces of these books, 150 words and more, at most 5 of a book', peer),
  ]
}

function articleTable(context: QualityContext, judge: Judge, peer: Peer): Table {
  const found = tally(judge)
  for (const sample of articles(context)) {
    if (sample.text.trim().split(/\s+/).length >= LEAST_WORDS)
      found.add(sample, sample.lang, PEER_PIECES)
  }
  return found.table(`Articles and web pages of ${LEAST_WORDS} words and more`, peer)
}

interface Group {
  readonly lang: string
  readonly kept: boolean[]
  readonly reasons: Map<string, number>
  /** Texts for the peer. */
  readonly texts: string[]
}

/** Counts what is kept of each group of texts, of which the peer judges the first `most`. */
function tally(judge: Judge) {
  const groups = new Map<string, Group>()
  return {
    add({ group: name, text }: Sample, lang: string, most: number): void {
      const group: Group = groups.get(name) ?? {
        lang,
        kept: [],
        reasons: new Map(),
        texts: [],
      }
      groups.set(name, group)
      const { reason } = judge(text, lang)
      group.kept.push(reason === undefined)
      if (reason !== undefined) group.reasons.set(reason, (group.reasons.get(reason) ?? 0) + 1)
      if (group.texts.length < most) group.texts.push(text)
    },
    table(title: string, peer: Peer): Table {
      const all = rateOf([...groups.values()].flatMap(({ kept }) => kept))
      const rows = [...groups].map(([name, { lang, kept, reasons, texts }]) => {
        const theirs = peer(texts, lang === 'ar' ? 'arabic' : 'english')
        const dropped = [...reasons].sort(([, x], [, y]) => y - x)
        return [
          name,
          showRate(rateOf(kept)),
          dropped.map(([reason, count]) => `${reason} ${count}`).join(', ') || '–',
          showRate(rateOf(theirs ?? [])),
        ]
      })
      return {
        title,
        columns: ['texts', 'kept', 'dropped for', 'kept by datatrove'],
        rows: [...rows, ['all', showRate(all), '', '']],
      }
    },
  }
}
