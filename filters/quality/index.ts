import { z } from 'zod'
import { kindAt, textAt } from '../../src/core/batch.ts'
import { defineFilter, type MeasureSpec } from '../../src/core/filter.ts'
import { judgedBy } from '../../src/core/judgement.ts'
import { lazily } from '../../src/core/lazily.ts'
import { kernelMemory } from '../../src/kernels/memory/module.ts'
import { arabic, english } from './limits.ts'
import { measureLimits, REASONS, textJudgements } from './rules.ts'
import { type Statistics, statisticsKernel } from './statistics.ts'

const options = z.strictObject({
  english: english
    .prefault({})
    .describe(
      'Limits for English, and for texts of unknown language with capitals; without stop word ' +
        'share and page score for other languages.',
    ),
  arabic: arabic
    .prefault({})
    .describe('Limits for Arabic, and for texts of unknown language without capitals.'),
})

const measures = {
  words: { type: 'count', description: 'White-space separated words.' },
  meanWordLength: {
    type: 'number',
    description: 'Letters and digits per word, vowel marks left out.',
  },
  symbolsPerWord: { type: 'number', description: 'Hash signs and ellipses per word.' },
  wordsWithLetter: {
    type: 'number',
    description: 'Share of words with a letter among those with a letter or digit, 0 to 1.',
  },
  stopWords: { type: 'count', description: 'English and Arabic stop words.' },
  stopWordShare: { type: 'number', description: 'Share of words that are stop words, 0 to 1.' },
  capitalWords: { type: 'number', description: 'Share of words with a capital first, 0 to 1.' },
  bulletLines: { type: 'number', description: 'Share of lines that are list items, 0 to 1.' },
  ellipsisLines: { type: 'number', description: 'Share of lines that end in an ellipsis, 0 to 1.' },
  terminalLines: { type: 'number', description: 'Share of lines that end a sentence, 0 to 1.' },
  duplicateLines: {
    type: 'number',
    description: 'Share of lines that repeat an earlier one, 0 to 1.',
  },
  duplicateLineShare: {
    type: 'number',
    description: 'Share of characters in repeated lines, 0 to 1.',
  },
  linesPerWord: { type: 'number', description: 'Lines per word; empty lines do not count.' },
  evenLines: {
    type: 'number',
    description: 'Share of lines about as long as the line before, as in verse, 0 to 1.',
  },
  speakerLines: {
    type: 'number',
    description: 'Share of lines that start with a name, long dash or quotation mark, 0 to 1.',
  },
  topNgrams: {
    type: 'number',
    description: 'Largest character share of one 2- to 4-gram over Gopher’s limit.',
  },
  repeatedNgrams: {
    type: 'number',
    description: 'Largest character share of repeated 5- to 10-grams over Gopher’s limit.',
  },
  pageScore: {
    type: 'number',
    description: 'Share of English pages like this one that people call good, 0 to 1.',
  },
} as const satisfies Record<keyof Statistics, MeasureSpec>

const NAMES = Object.keys(measures) as (keyof Statistics)[]

/** Arabic and its varieties, as fastText and GlotLID name them. */
const ARABIC = /^(?:ar|arb|arz|ary|apc|ajp|acm|acq|aeb|afb|ars|arq|ayl)(?![a-z])/
const ENGLISH = /^en(?![a-z])/
/**
 * Share of capitals from which a text of unknown language is judged as English: 99 of 100 English
 * pages have more, and Arabic has none.
 */
const CAPITALS = 0.03

/** Gopher, FineWeb and FineWeb2 rules and a page score for prose; code and mixed documents pass. */
export const quality = defineFilter({
  name: 'quality',
  version: 3,
  summary:
    'Drops prose that looks like no article: too short, lists, menus, repetition; a page score for English, limits of its own for Arabic.',
  options,
  example: {},
  thresholds: ['english', 'arabic'],
  create({ english, arabic }) {
    const kernel = lazily(statisticsKernel)
    // The page score was fitted to English, and stop words are English and Arabic.
    const other = { ...english, minStopWordShare: 0, minPageScore: 0 }
    return {
      reasons: REASONS,
      measures,
      limits: [...measureLimits(english, 'English'), ...measureLimits(arabic, 'Arabic')],
      measure(batch, out) {
        const statisticsOf = kernel()
        const columns = NAMES.map((name) => ({
          name,
          column: measures[name].type === 'count' ? out.count(name) : out.number(name),
        }))
        const text = batch.text
        const base = kernelMemory().place(text)
        for (let row = 0; row < batch.rows; row++) {
          if (kindAt(batch, row) !== 'prose') continue
          const start = base + (text.offsets[row] ?? 0)
          const statistics = statisticsOf(start, base + (text.offsets[row + 1] ?? 0), () =>
            textAt(text, row),
          )
          for (const { name, column } of columns) column[row] = statistics[name]
        }
      },
      ...judgedBy(({ kind, lang, values }) => {
        if (kind !== 'prose') return []
        const statistics = values as unknown as Statistics
        const isUnknown = lang === ''
        const hasCapitals = statistics.capitalWords >= CAPITALS
        if (ARABIC.test(lang) || (isUnknown && !hasCapitals))
          return textJudgements(statistics, arabic, 'arabic')
        const limits = isUnknown || ENGLISH.test(lang) ? english : other
        return textJudgements(statistics, limits, 'english')
      }),
    }
  },
})
