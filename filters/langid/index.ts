import { z } from 'zod'
import { type Batch, kindAt, textAt } from '../../src/core/batch.ts'
import {
  defineFilter,
  type Filter,
  type Judgement,
  type MeasuredRow,
  type MeasureSpec,
} from '../../src/core/filter.ts'
import { among, atLeast, atMost, judgedBy } from '../../src/core/judgement.ts'
import { lazily } from '../../src/core/lazily.ts'
import { commentsOf } from './comments.ts'
import { type Finding, languageFinder } from './find.ts'

const options = z.strictObject({
  languages: z
    .array(z.string().regex(/^[a-z]{2,3}$/))
    .min(1)
    .default(['ar', 'en'])
    .describe('Languages to keep, as ISO 639 codes; all varieties of Arabic are ar.'),
  minProbability: z
    .number()
    .min(0)
    .max(1)
    .default(0.95)
    .describe('Least probability of the language, 0 to 1.'),
  minLetters: z
    .int()
    .min(0)
    .default(20)
    .describe('Letters, names not counted, below which a text may be too short to identify.'),
  short: z
    .enum(['drop', 'inherit', 'keep'])
    .default('drop')
    .describe(
      'What becomes of texts so short that their language is not certain: inherit keeps those whose source declares a language that is kept.',
    ),
  maxForeignShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe(
      'Most letters of Persian, Urdu, Kurdish and other neighbours among the Arabic letters of an Arabic text, as a share. Fewer lower its probability.',
    ),
  minCommentLetters: z
    .int()
    .min(0)
    .default(400)
    .describe(
      'Letters of comments from which on the comments of source code must be in a kept language.',
    ),
  minCommentProbability: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('Least probability of the language of comments, 0 to 1.'),
  sampleWindows: z
    .int()
    .min(0)
    .default(0)
    .describe(
      'Windows of 512 bytes to identify long texts by instead of reading them whole; 0 reads all.',
    ),
})
type Options = z.output<typeof options>

const measures = {
  letters: { type: 'count', description: 'Letters of the natural-language part.' },
  language: {
    type: 'label',
    description: 'Likeliest language; two joined by + when each script has its own.',
  },
  variety: {
    type: 'label',
    description: 'Likeliest label of the model, such as arz for Egyptian Arabic.',
  },
  probability: {
    type: 'number',
    description: 'Share of texts like this one whose language is right, 0 to 1.',
  },
  score: { type: 'number', description: 'Score of the model for the language, 0 to 1.' },
  runnerUp: {
    type: 'number',
    description: 'Score of the model for the likeliest other language, 0 to 1.',
  },
  arabicShare: { type: 'number', description: 'Share of letters in Arabic script, 0 to 1.' },
  latinShare: { type: 'number', description: 'Share of letters in Latin script, 0 to 1.' },
  foreignShare: {
    type: 'number',
    description: 'Share of Arabic-script letters that Arabic does not use, 0 to 1.',
  },
  neighbour: { type: 'label', description: 'Language those letters speak for.' },
} as const satisfies Record<string, MeasureSpec>

const NUMBERS = [
  'probability',
  'score',
  'runnerUp',
  'arabicShare',
  'latinShare',
  'foreignShare',
] as const
const LABELS = ['language', 'variety', 'neighbour'] as const

const reasons = [
  'other-language',
  'uncertain-language',
  'arabic-script-neighbour',
  'too-short-to-identify',
  'comment-language',
] as const

/**
 * Keeps documents in the wanted languages, judged by lid.176 on a plain copy of their
 * natural-language part.
 */
export const langid = defineFilter({
  name: 'langid',
  version: 4,
  summary:
    'Keeps documents in the wanted languages, identified without code, maths, URLs and marks.',
  options,
  example: {},
  thresholds: [
    'languages',
    'minProbability',
    'short',
    'maxForeignShare',
    'minCommentLetters',
    'minCommentProbability',
  ],
  create(chosen): Filter {
    const finder = lazily(() => languageFinder(chosen.sampleWindows))
    return {
      reasons,
      measures,
      limits: [
        { measure: 'probability', side: 'least', at: chosen.minProbability, scope: 'prose' },
        { measure: 'probability', side: 'least', at: chosen.minCommentProbability, scope: 'code' },
        { measure: 'letters', side: 'least', at: chosen.minLetters, scope: 'prose' },
        { measure: 'foreignShare', side: 'most', at: chosen.maxForeignShare, scope: 'Arabic' },
      ],
      // The language column is corrected.
      rewrites: true,
      measure(batch, out) {
        const find = finder()
        const letters = out.count('letters')
        const numbers = NUMBERS.map((name) => ({ name, column: out.number(name) }))
        const labels = LABELS.map((name) => ({ name, column: out.label(name) }))
        for (let row = 0; row < batch.rows; row++) {
          const finding = findingOf(batch, row, find)
          if (finding === undefined) continue
          letters[row] = finding.letters
          for (const { name, column } of numbers) column[row] = finding[name]
          for (const { name, column } of labels) column[row] = finding[name]
          if (finding.letters < chosen.minLetters || kindAt(batch, row) === 'code') continue
          batch.lang[row] = finding.language
          batch.langScore[row] = finding.probability
        }
      },
      ...judgedBy((row) => judgements(row, chosen)),
    }
  },
})

function findingOf(
  batch: Batch,
  row: number,
  find: ReturnType<typeof languageFinder>,
): Finding | undefined {
  if (kindAt(batch, row) !== 'code') return find.inColumn(batch.text, row)
  const comments = commentsOf(textAt(batch.text, row), batch.lang[row] ?? '')
  return comments === '' ? undefined : find.inText(comments)
}

type Reason = (typeof reasons)[number]

function judgements({ kind, lang, values }: MeasuredRow, chosen: Options): readonly Judgement[] {
  const letters = Number(values.letters)
  if (kind === 'code') {
    if (letters < Math.max(chosen.minCommentLetters, 1)) return []
    return ofLanguage(values, chosen, 'minCommentProbability').map((one) => ({
      ...one,
      reason: 'comment-language' satisfies Reason,
    }))
  }
  const found = ofLanguage(values, chosen, 'minProbability')
  const limit = Math.max(chosen.minLetters, 1)
  const isLong = atLeast({
    reason: 'too-short-to-identify' satisfies Reason,
    measure: 'letters',
    value: letters,
    limit,
    option: 'minLetters',
  })
  // A short text whose language is certain all the same is not too short.
  if (isLong.passed || found.every(({ passed }) => passed)) return found
  const inherits = chosen.short === 'inherit' && chosen.languages.includes(lang)
  return chosen.short === 'keep' || inherits ? [] : [isLong]
}

/** Share of foreign letters from which on they are the reason that Arabic is uncertain. */
const NEIGHBOUR_SHARE = 0.01

function ofLanguage(
  { language, probability, foreignShare }: MeasuredRow['values'],
  chosen: Options,
  option: 'minProbability' | 'minCommentProbability',
): readonly Judgement[] {
  const isArabic = String(language).split('+').includes('ar')
  const isForeign = isArabic && Number(foreignShare) > NEIGHBOUR_SHARE
  const isLikely = atLeast({
    reason: (isForeign ? 'arabic-script-neighbour' : 'uncertain-language') satisfies Reason,
    measure: 'probability',
    value: Number(probability),
    limit: Math.fround(chosen[option]),
    option,
  })
  return [
    among({
      reason: 'other-language' satisfies Reason,
      measure: 'language',
      value: String(language),
      limit: chosen.languages,
      option: 'languages',
    }),
    ...(isArabic
      ? [
          atMost({
            reason: 'arabic-script-neighbour' satisfies Reason,
            measure: 'foreignShare',
            value: Number(foreignShare),
            limit: chosen.maxForeignShare,
            option: 'maxForeignShare',
          }),
        ]
      : []),
    { ...isLikely, limit: chosen[option] },
  ]
}
