import type { Judgement, MeasureLimit } from '../../src/core/filter.ts'
import { atLeast, atMost } from '../../src/core/judgement.ts'
import type { Limits } from './limits.ts'
import type { Statistics } from './statistics.ts'

type Form = 'verse' | 'dialogue' | 'paragraphs'

/** A line drawn through one measure. */
interface Rule {
  readonly reason: string
  readonly measure: keyof Statistics
  /** The option that holds the least or the most that is allowed. */
  readonly least?: keyof Limits
  readonly most?: keyof Limits
  /** Forms of text to which the rule does not apply. */
  readonly except?: readonly Form[]
}

/** In the order in which they are judged. */
const RULES: readonly Rule[] = [
  { reason: 'too-few-words', measure: 'words', least: 'minWords' },
  { reason: 'too-many-words', measure: 'words', most: 'maxWords' },
  { reason: 'few-letters', measure: 'wordsWithLetter', least: 'minWordsWithLetter' },
  {
    reason: 'word-length',
    measure: 'meanWordLength',
    least: 'minMeanWordLength',
    most: 'maxMeanWordLength',
  },
  { reason: 'symbols', measure: 'symbolsPerWord', most: 'maxSymbolsPerWord' },
  { reason: 'no-stop-words', measure: 'stopWords', least: 'minStopWords' },
  { reason: 'few-stop-words', measure: 'stopWordShare', least: 'minStopWordShare' },
  {
    reason: 'list',
    measure: 'bulletLines',
    most: 'maxBulletLines',
    except: ['dialogue', 'paragraphs'],
  },
  { reason: 'cut-off-lines', measure: 'ellipsisLines', most: 'maxEllipsisLines' },
  {
    reason: 'duplicate-lines',
    measure: 'duplicateLines',
    most: 'maxDuplicateLines',
    except: ['dialogue'],
  },
  { reason: 'duplicate-lines', measure: 'duplicateLineShare', most: 'maxDuplicateLineShare' },
  {
    reason: 'no-sentences',
    measure: 'terminalLines',
    least: 'minTerminalLines',
    except: ['verse', 'paragraphs'],
  },
  {
    reason: 'short-lines',
    measure: 'linesPerWord',
    most: 'maxLinesPerWord',
    except: ['verse', 'dialogue'],
  },
  { reason: 'repetition', measure: 'topNgrams', most: 'maxTopNgrams' },
  { reason: 'repetition', measure: 'repeatedNgrams', most: 'maxRepeatedNgrams' },
  { reason: 'poor-page', measure: 'pageScore', least: 'minPageScore', except: ['verse'] },
]

/** Every reason once. */
export const REASONS: readonly string[] = [...new Set(RULES.map(({ reason }) => reason))]

/** The judgements of a text by the limits of one language, which the option `language` holds. */
export function textJudgements(
  values: Statistics,
  limits: Limits,
  language: 'english' | 'arabic',
): readonly Judgement[] {
  const forms = formsOf(values, limits)
  const judgements: Judgement[] = []
  for (const { reason, measure, least, most, except = [] } of RULES) {
    if (except.some((form) => forms[form])) continue
    const value = values[measure]
    // Nothing is less than 0, which stands for a limit that a language does not have.
    if (least !== undefined && limits[least] !== 0) {
      const option = `${language}.${least}`
      judgements.push(atLeast({ reason, measure, value, limit: limits[least], option }))
    }
    if (most !== undefined) {
      const option = `${language}.${most}`
      judgements.push(atMost({ reason, measure, value, limit: limits[most], option }))
    }
  }
  return judgements
}

function formsOf(values: Statistics, limits: Limits): Readonly<Record<Form, boolean>> {
  return {
    verse: values.evenLines >= limits.verseFrom,
    dialogue: values.speakerLines >= limits.dialogueFrom,
    paragraphs: values.linesPerWord * limits.paragraphsFrom <= 1,
  }
}

/** The lines of one language, for reports. Limits that let everything pass are left out. */
export function measureLimits(limits: Limits, language: string): MeasureLimit[] {
  const lines = RULES.flatMap(({ measure, least, most }) => [
    ...(least === undefined ? [] : [{ measure, side: 'least' as const, at: limits[least] }]),
    ...(most === undefined ? [] : [{ measure, side: 'most' as const, at: limits[most] }]),
  ])
  return lines
    .filter(({ side, at }) => side === 'most' || at > 0)
    .map((line) => ({ ...line, scope: language }))
}
