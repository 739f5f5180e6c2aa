// What `ads` removes of web pages: lines of the article against all other lines.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { Parser } from 'htmlparser2'
import { isAdvertisement, LONGEST_LINE } from '../../filters/ads/line.ts'
import { fittedSamples } from './langid-sets.ts'
import { halfOf, type Rate, showRate } from './score.ts'
import type { QualityContext, QualitySection, Table } from './section.ts'
import type { PublicSet } from './sets.ts'

const PAGES: PublicSet = {
  repository: 'scrapinghub/article-extraction-benchmark',
  commit: '4a3bc979f76c0df73cb95fe272e2fc1b96f9f010',
  license: 'MIT',
}

/** The section of docs/filters.md. */
export const section: QualitySection = {
  name: 'ads',
  sets: [PAGES],
  introduction: `\`ads\` removes lines that are advertising, notices or buttons by themselves. It knows
them by phrases, and does not know menus of sections ("Sports", "Travel", names of articles), which
are most of the lines around an article: removing these is the work of the extraction that comes
before. So its recall over everything around an article is low, and what it may be held to is that it
takes hardly anything of the article. Lines are those of the blocks of the page's HTML; a line counts
as the article's if it is a paragraph of the expected text, or is longer than 40 characters and
stands in it. Phrases were added after reading the first half. Addresses alone on a line are removed
on purpose, and are the losses counted here. No public set of Arabic pages with marked articles was
found; Arabic is measured on clean sentences only, and on the lines of our own tests.`,
  async measure(context) {
    return [pagesTable(context), cleanTable(context)]
  },
}

interface Counts {
  lines: number
  letters: number
  removedLines: number
  removedLetters: number
}

const nothing = (): Counts => ({ lines: 0, letters: 0, removedLines: 0, removedLetters: 0 })

function count(counts: Counts, line: string): void {
  const letters = line.match(/\p{L}/gu)?.length ?? 0
  counts.lines++
  counts.letters += letters
  if (line.length > LONGEST_LINE || !isAdvertisement(line)) return
  counts.removedLines++
  counts.removedLetters += letters
}

const lineRate = ({ removedLines, lines }: Counts): Rate => ({ part: removedLines, whole: lines })
const letterRate = ({ removedLetters, letters }: Counts): Rate => ({
  part: removedLetters,
  whole: letters,
})

function pagesTable({ open, half }: QualityContext): Table {
  const folder = open(PAGES)
  const truth = JSON.parse(readFileSync(join(folder, 'ground-truth.json'), 'utf8')) as Readonly<
    Record<string, { readonly articleBody: string }>
  >
  const [article, around, notices] = [nothing(), nothing(), nothing()]
  for (const [id, { articleBody }] of Object.entries(truth)) {
    if (halfOf(id) !== half) continue
    const html = gunzipSync(readFileSync(join(folder, 'html', `${id}.html.gz`))).toString()
    const paragraphs = new Set(articleBody.split('\n').map((line) => tidy(line)))
    const body = tidy(articleBody)
    for (const line of new Set(linesOf(html))) {
      if (paragraphs.has(line) || (line.length > 40 && body.includes(line))) count(article, line)
      else {
        count(around, line)
        if (NOTICE.test(line)) count(notices, line)
      }
    }
  }
  const row = (name: string, counts: Counts): string[] => [
    name,
    showRate(lineRate(counts)),
    showRate(letterRate(counts)),
  ]
  return {
    title: 'News pages in several languages, mostly English: what is removed',
    columns: ['lines', 'share of lines', 'share of letters'],
    rows: [
      row('of the article: losses', article),
      row('around it that speak of cookies, newsletters, sharing, comments, rights, ads', notices),
      row('around it, all', around),
    ],
  }
}

/** Words of what advertising lines are about, wherever they stand in the line. */
const NOTICE =
  /\b(?:cookies?|newsletters?|subscribe|sign up|log ?in|share|follow us|comments?|all rights reserved|advertis\w+|sponsored|privacy policy|terms of (?:use|service)|read more|shop now)\b/i

function cleanTable({ open, half }: QualityContext): Table {
  const counts = { ar: nothing(), en: nothing() }
  for (const { set, unit, language, half: of, text } of fittedSamples(open)) {
    if (set !== 'NTREX-128') break
    if (of === half && unit === 'sentence' && (language === 'ar' || language === 'en'))
      count(counts[language], text)
  }
  return {
    title: 'Sentences of news (NTREX-128): removed, all in error',
    columns: ['language', 'sentences', 'letters'],
    rows: (['ar', 'en'] as const).map((language) => [
      language,
      showRate(lineRate(counts[language])),
      showRate(letterRate(counts[language])),
    ]),
  }
}

const tidy = (text: string): string => text.replace(/\s+/g, ' ').trim()

const BLOCKS = new Set(
  'p div li h1 h2 h3 h4 h5 h6 td th tr ul ol section article header footer nav aside form button label figcaption blockquote dt dd br option main table body'.split(
    ' ',
  ),
)
const HIDDEN = new Set(['script', 'style', 'noscript', 'template', 'svg', 'head'])

/** The visible lines of a page that have a letter. */
function linesOf(html: string): readonly string[] {
  const lines = ['']
  let hidden = 0
  const parser = new Parser({
    onopentagname(name) {
      if (HIDDEN.has(name)) hidden++
      if (BLOCKS.has(name)) lines.push('')
    },
    onclosetag(name) {
      if (HIDDEN.has(name)) hidden--
      if (BLOCKS.has(name)) lines.push('')
    },
    ontext(text) {
      if (hidden === 0) lines.push((lines.pop() ?? '') + text)
    },
  })
  parser.end(html)
  return lines.map(tidy).filter((line) => /\p{L}/u.test(line))
}
