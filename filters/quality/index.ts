import { z } from 'zod'
import { kindAt, textAt } from '../../src/core/batch.ts'
import { defineFilter, type MeasureSpec } from '../../src/core/filter.ts'
import { lazily } from '../../src/core/lazily.ts'
import { kernelMemory } from '../../src/kernels/memory/module.ts'
import { type Statistics, statisticsKernel } from './statistics.ts'

const share = (value: number, description: string) =>
  z.number().min(0).max(1).default(value).describe(description)
const amount = (value: number, description: string) =>
  z.number().min(0).default(value).describe(description)

interface Defaults {
  readonly minMeanWordLength: number
  readonly maxMeanWordLength: number
  readonly minWordsWithLetter: number
  readonly minTerminalLines: number
  readonly maxDuplicateLines: number
  readonly maxDuplicateLineShare: number
  readonly maxNewlinesPerWord: number
  readonly maxTopNgrams: number
  readonly maxRepeatedNgrams: number
}

const limits = (defaults: Defaults) =>
  z.strictObject({
    minWords: amount(50, 'Words a document has at least.'),
    maxWords: amount(100_000, 'Words a document has at most.'),
    minMeanWordLength: amount(defaults.minMeanWordLength, 'Letters per word at least.'),
    maxMeanWordLength: amount(defaults.maxMeanWordLength, 'Letters per word at most.'),
    maxSymbolsPerWord: amount(0.1, 'Hash signs and ellipses per word at most.'),
    minWordsWithLetter: share(
      defaults.minWordsWithLetter,
      'Share of words with a letter in them at least.',
    ),
    minStopWords: amount(2, 'Stop words at least.'),
    maxBulletLines: share(0.9, 'Share of lines that are list items at most.'),
    maxEllipsisLines: share(0.3, 'Share of lines that end in an ellipsis at most.'),
    minTerminalLines: share(
      defaults.minTerminalLines,
      'Share of lines that end a sentence at least.',
    ),
    maxDuplicateLines: share(
      defaults.maxDuplicateLines,
      'Share of lines that repeat an earlier one at most.',
    ),
    maxDuplicateLineShare: share(
      defaults.maxDuplicateLineShare,
      'Share of characters in repeated lines at most.',
    ),
    maxNewlinesPerWord: amount(defaults.maxNewlinesPerWord, 'Line breaks per word at most.'),
    maxTopNgrams: amount(
      defaults.maxTopNgrams,
      'Largest share of one 2- to 4-gram, 1 being Gopher’s limit for its length.',
    ),
    maxRepeatedNgrams: amount(
      defaults.maxRepeatedNgrams,
      'Largest share of repeated 5- to 10-grams, 1 being Gopher’s limit.',
    ),
  })

/** Gopher's thresholds, with FineWeb's for line ends and line breaks. */
const english = limits({
  minMeanWordLength: 3,
  maxMeanWordLength: 10,
  minWordsWithLetter: 0.8,
  minTerminalLines: 0.12,
  maxDuplicateLines: 0.3,
  maxDuplicateLineShare: 0.2,
  maxNewlinesPerWord: 0.3,
  maxTopNgrams: 1,
  maxRepeatedNgrams: 1,
})
/**
 * FineWeb2's configuration for arb_Arab; its n-gram limits are .91 to .98 and 1.09 to 1.1 of
 * Gopher's.
 */
const arabic = limits({
  minMeanWordLength: 2,
  maxMeanWordLength: 9,
  minWordsWithLetter: 0.787,
  minTerminalLines: 0.143,
  maxDuplicateLines: 0.304,
  maxDuplicateLineShare: 0.1,
  maxNewlinesPerWord: 0.189,
  maxTopNgrams: 0.95,
  maxRepeatedNgrams: 1.1,
})

const options = z.strictObject({
  english: english.prefault({}).describe('Limits for English, and for whatever is not Arabic.'),
  arabic: arabic.prefault({}).describe('Limits for Arabic.'),
})

const measures = {
  words: { type: 'count', description: 'White-space separated words.' },
  meanWordLength: {
    type: 'number',
    description: 'Letters and digits per word, vowel marks left out.',
  },
  symbolsPerWord: { type: 'number', description: 'Hash signs and ellipses per word.' },
  wordsWithLetter: { type: 'number', description: 'Share of words with a letter, 0 to 1.' },
  stopWords: { type: 'count', description: 'English and Arabic stop words.' },
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
  newlinesPerWord: { type: 'number', description: 'Line breaks per word.' },
  topNgrams: {
    type: 'number',
    description: 'Largest character share of one 2- to 4-gram over Gopher’s limit.',
  },
  repeatedNgrams: {
    type: 'number',
    description: 'Largest character share of repeated 5- to 10-grams over Gopher’s limit.',
  },
} as const satisfies Record<keyof Statistics, MeasureSpec>

type Limits = z.output<typeof english>

/** Reasons in the order they are judged. */
const RULES: readonly {
  readonly reason: string
  fails(values: Statistics, limits: Limits): boolean
}[] = [
  { reason: 'too-few-words', fails: (v, l) => v.words < l.minWords },
  { reason: 'too-many-words', fails: (v, l) => v.words > l.maxWords },
  { reason: 'few-letters', fails: (v, l) => v.wordsWithLetter < l.minWordsWithLetter },
  {
    reason: 'word-length',
    fails: (v, l) =>
      v.meanWordLength < l.minMeanWordLength || v.meanWordLength > l.maxMeanWordLength,
  },
  { reason: 'symbols', fails: (v, l) => v.symbolsPerWord > l.maxSymbolsPerWord },
  { reason: 'no-stop-words', fails: (v, l) => v.stopWords < l.minStopWords },
  { reason: 'list', fails: (v, l) => v.bulletLines > l.maxBulletLines },
  { reason: 'cut-off-lines', fails: (v, l) => v.ellipsisLines > l.maxEllipsisLines },
  {
    reason: 'duplicate-lines',
    fails: (v, l) =>
      v.duplicateLines > l.maxDuplicateLines || v.duplicateLineShare > l.maxDuplicateLineShare,
  },
  { reason: 'no-sentences', fails: (v, l) => v.terminalLines < l.minTerminalLines },
  { reason: 'short-lines', fails: (v, l) => v.newlinesPerWord > l.maxNewlinesPerWord },
  {
    reason: 'repetition',
    fails: (v, l) => v.topNgrams > l.maxTopNgrams || v.repeatedNgrams > l.maxRepeatedNgrams,
  },
]

const NAMES = Object.keys(measures) as (keyof Statistics)[]

/** Gopher, FineWeb and FineWeb2 rules for prose; code and mixed documents pass. */
export const quality = defineFilter({
  name: 'quality',
  version: 2,
  summary:
    'Drops prose that looks like no article: too short, lists, menus, repetition; limits for English and Arabic.',
  options,
  example: {},
  thresholds: ['english', 'arabic'],
  create({ english, arabic }) {
    const kernel = lazily(statisticsKernel)
    return {
      reasons: RULES.map(({ reason }) => reason),
      measures,
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
      judge({ kind, lang, values }) {
        if (kind !== 'prose') return undefined
        const limits = lang === 'ar' || lang.startsWith('ar-') || lang === 'arz' ? arabic : english
        return RULES.find(({ fails }) => fails(values as unknown as Statistics, limits))?.reason
      },
    }
  },
})
