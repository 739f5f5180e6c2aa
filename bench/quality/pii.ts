// How right `pii` is on numbers: generated sentences with exact labels, and prose without any.

import { pii } from '../../filters/pii/index.ts'
import { testContext } from '../../src/testing/context.ts'
import { applyFilter } from '../../src/testing/filter.ts'
import { CODE } from './keys-code.ts'
import { fittedSamples } from './langid-sets.ts'
import { codeTable } from './pii-code.ts'
import { phoneLibrary, presidio, type SpanPeer } from './pii-peers.ts'
import { LURES, PERSONAL, type Sentence, sentencesOf } from './pii-sentences.ts'
import { NTREX } from './public-sets.ts'
import { type Confusion, precisionOf, recallOf, showRate } from './score.ts'
import type { QualityContext, QualitySection, Table } from './section.ts'

/** The section of docs/filters.md. Keys and tokens have one of their own, `pii-keys`. */
export const section: QualitySection = {
  name: 'pii',
  sets: [NTREX, ...CODE],
  introduction: `Sentences are generated: a number of one kind in a frame of English or Arabic words
(\`bench/quality/pii-sentences.ts\`), with a label where the kind needs one, and as many sentences
with numbers that are nobody's. Frames and numbers of the two halves are different. They are our own,
so they show what the rules do and not how often each form occurs. Numbers
without a check digit and without a word that names them are not taken for identities: British
national insurance, Indian PAN (its check letter is not published), Moroccan cards and passports need
their word; so do Spanish DNI, whose check letter one code of digits and a letter in 23 has, a NIE
(letters on both sides) only in code. What is found in
the news articles of both halves was read: the number of a helpline and an e-mail address, no error.
In the repositories of code that
\`pii-keys\` lists, every number found was read (\`bench/quality/pii-verdicts.ts\`; 2026-12-01): first 32
of 206 telephones were false (fractions of a second with a zone, declinations in a table, dates) and 10
of 367 IP addresses (paths of drawings), of 8 others none. These kinds of fault were then repaired, so
that the table shows a set that was fitted; 100 of the telephones are of one generated list. Beside it are presidio 2.2.360, its
recognisers for English of numbers and addresses, Spain and India included, with words as they are
written in place of lemmas (it has none for Arab countries and Brazil), and libphonenumber-js 1.13.16,
told that numbers without a country are Saudi or American. Numbers are drawn at random, so that some
telephones have prefixes that nobody was given.`,
  async measure(context) {
    return [
      await kindsTable(context),
      peersTable(context),
      await proseTable(context),
      codeTable(context),
    ]
  },
}

async function redactor(): Promise<(texts: readonly string[]) => readonly string[]> {
  const filter = await pii.create(pii.options.parse({ maxRedactedShare: 1 }), testContext('/'))
  return (texts) =>
    applyFilter(
      filter,
      texts.map((text) => ({ text, kind: 'prose' as const })),
    ).texts
}

async function kindsTable({ half }: QualityContext): Promise<Table> {
  const redact = await redactor()
  const seed = half === 'fit' ? 1 : 2
  const rows = [...PERSONAL, ...LURES].map((kind) => {
    const { name, placeholder } = kind
    const sentences = sentencesOf(kind, seed)
    const found = redact(sentences.map(({ text }) => text))
    const confusion = confusionOf(sentences, found, placeholder)
    if (placeholder === '') {
      const { falsePositives } = confusion
      return [name, '–', showRate({ part: falsePositives, whole: sentences.length })]
    }
    return [name, showRate(recallOf(confusion)), `precision ${showRate(precisionOf(confusion))}`]
  })
  return {
    title: 'Numbers in generated sentences, half of them Arabic',
    columns: ['kind', 'recall', 'precision, or share with a false finding'],
    rows,
  }
}

/** A number is found if a finding of its type covers it. */
function peersTable(context: QualityContext): Table {
  const seed = context.half === 'fit' ? 1 : 2
  const kinds = [...PERSONAL, ...LURES].map((kind) => ({ kind, own: sentencesOf(kind, seed) }))
  const sentences = kinds.flatMap(({ own }) => own)
  const peers = [
    ...['SA', 'US'].map((country) => phonesOf(context, country, sentences)),
    ...presidio(context, sentences),
  ].filter((peer) => peer !== undefined)
  let first = 0
  const rows = kinds.map(({ kind: { name, placeholder }, own }) => {
    const from = first
    first += own.length
    const cells = peers.map(({ kinds, found }) => {
      if (placeholder !== '' && !kinds.includes(placeholder)) return '–'
      const part = own.filter(({ start, end }, i) =>
        (found[from + i] ?? []).some((span) =>
          placeholder === ''
            ? span.start < end && span.end > start
            : span.placeholder === placeholder && span.start <= start && span.end >= end,
        ),
      ).length
      return showRate({ part, whole: own.length })
    })
    return [name, ...cells]
  })
  return {
    title: 'Others on the same sentences: found, of somebody’s and then of nobody’s numbers',
    columns: ['kind', ...peers.map(({ name }) => name)],
    rows,
  }
}

function phonesOf(
  context: QualityContext,
  country: string,
  sentences: readonly Sentence[],
): SpanPeer | undefined {
  const find = phoneLibrary(context, country)
  if (find === undefined) return undefined
  const found = sentences.map(({ text }) => find(text))
  return { name: `libphonenumber-js, ${country}`, kinds: ['<PHONE>'], found }
}

function confusionOf(
  sentences: readonly Sentence[],
  found: readonly string[],
  placeholder: string,
): Confusion {
  let truePositives = 0
  let falsePositives = 0
  for (const [i, { text, expected }] of sentences.entries()) {
    const after = found[i] ?? ''
    if (placeholder !== '' && after === expected) truePositives++
    else if (after !== text) falsePositives++
  }
  return { truePositives, falsePositives, falseNegatives: sentences.length - truePositives }
}

async function proseTable({ open, half }: QualityContext): Promise<Table> {
  const redact = await redactor()
  const texts = new Map<string, string[]>([
    ['ar', []],
    ['en', []],
  ])
  for (const { set, unit, language, half: of, text } of fittedSamples(open)) {
    if (set !== 'NTREX-128') break
    if (of === half && unit === 'document') texts.get(language)?.push(text)
  }
  const rows = [...texts].map(([language, all]) => {
    const changed = redact(all).filter((text, i) => text !== all[i]).length
    return [language, showRate({ part: changed, whole: all.length })]
  })
  return {
    title: 'News articles (NTREX-128) in which anything was found',
    columns: ['language', 'articles'],
    rows,
  }
}
