import { buildModels, type SourceText } from '../../src/ngram/build.ts'
import { type TextModel, textModel } from '../../src/ngram/text-model.ts'
import { unitsOf } from '../../src/ngram/units.ts'
import { seededRandom } from '../random.ts'
import { type KenLm, kenLm } from './kenlm.ts'
import { articles, DAMAGES, LANGUAGES, type Language, sentences } from './perplexity-sets.ts'
import { MASAKHANE_NEWS, NTREX, SAUDI_NEWS } from './public-sets.ts'
import { decimal, showRate } from './score.ts'
import type { QualityContext, QualitySection, Table } from './section.ts'

const ORDER = 4
/** Every twentieth article gives the quantiles, and the one after it is not shown to the model. */
const HELD_OUT = 20

/** The perplexity of each text by one model. */
type Scorer = (texts: readonly string[]) => number[]

/** Texts of one unit, and the same texts damaged. */
interface Trial {
  readonly language: Language
  readonly unit: 'sentence' | 'document'
  readonly clean: readonly string[]
  readonly damaged: ReadonlyMap<string, readonly string[]>
}

async function modelOf(language: Language, texts: readonly string[]): Promise<TextModel> {
  const read = async function* (): AsyncIterable<SourceText> {
    for (const [index, text] of texts.entries()) {
      const bytes = Buffer.byteLength(text)
      const heldOut = index % HELD_OUT === 0
      yield { lang: language, heldOut, draw: 0, bytes, text: () => text }
    }
  }
  const options = { languages: [language], order: ORDER, words: 30_000, bytes: 1 << 30 }
  const data = (await buildModels(read, options)).get(language)
  if (data === undefined) throw new Error(`no articles in ${language}`)
  return textModel(data)
}

const ours =
  (model: TextModel): Scorer =>
  (texts) =>
    texts.map((text) => model.score(text).perplexity)

/** KenLM on the same words, lines and texts. */
function theirs(model: KenLm): Scorer {
  return (texts) => {
    const lines = texts.map((text) => text.split('\n').map(unitsOf))
    const scores = model.score(lines.flat().map((units) => units.join(' ')))
    let next = 0
    return lines.map((own) => {
      const nats = own.reduce((sum) => sum + (scores[next++] ?? 0), 0)
      return Math.exp(nats / own.flat().reduce((sum, unit) => sum + unit.length + 1, 0))
    })
  }
}

function trialsOf(context: QualityContext, language: Language): Trial[] {
  const found = sentences(context, language)
  const documents = new Map<string, string[]>()
  for (const { document, text } of found)
    documents.set(document, [...(documents.get(document) ?? []), text])
  const units = {
    sentence: found.map(({ text }) => text),
    document: [...documents.values()].map((own) => own.join('\n')),
  }
  return (['sentence', 'document'] as const).map((unit) => trialOf(language, unit, units[unit]))
}

/** Damages texts line by line. Texts that a damage leaves alone do not count among its texts. */
function trialOf(language: Language, unit: Trial['unit'], texts: readonly string[]): Trial {
  const clean = texts.filter((text) => unitsOf(text).length >= 5)
  const draw = seededRandom(25)
  const damaged = Object.entries(DAMAGES).map(([name, change]) => {
    const all = clean.map((text) =>
      text
        .split('\n')
        .map((line) => change(line, draw))
        .join('\n'),
    )
    return [name, all.filter((text, index) => text !== clean[index])] as const
  })
  return { language, unit, clean, damaged: new Map(damaged) }
}

/**
 * Area under the ROC curve: how often a damaged text has a higher perplexity than a clean one, with
 * the 95 % interval of Hanley and McNeil (1982).
 */
function auc(clean: readonly number[], damaged: readonly number[]): string {
  if (damaged.length === 0) return '–'
  const sorted = Float64Array.from(clean).sort()
  const rank = (value: number, inclusive: boolean): number => {
    let [low, high] = [0, sorted.length]
    while (low < high) {
      const middle = (low + high) >> 1
      const one = sorted[middle] ?? 0
      if (one < value || (inclusive && one === value)) low = middle + 1
      else high = middle
    }
    return low
  }
  const wins = damaged.reduce((sum, value) => sum + rank(value, false) + rank(value, true), 0) / 2
  const area = wins / (clean.length * damaged.length)
  const [q1, q2] = [area / (2 - area), (2 * area ** 2) / (1 + area)]
  const variance =
    area * (1 - area) +
    (damaged.length - 1) * (q1 - area ** 2) +
    (clean.length - 1) * (q2 - area ** 2)
  const spread = 1.96 * Math.sqrt(Math.max(0, variance) / (clean.length * damaged.length))
  const bounds = [Math.max(0, area - spread), Math.min(1, area + spread)].map(decimal).join('–')
  return `${decimal(area)} (${bounds})`
}

function aucRows(
  { language, unit, clean, damaged }: Trial,
  scorers: readonly (Scorer | undefined)[],
) {
  const base = scorers.map((score) => score?.(clean))
  return [...damaged].map(([name, texts]) => {
    const areas = scorers.map((score, index) => {
      const whole = base[index]
      return score && whole ? auc(whole, score(texts)) : '–'
    })
    return [language, unit, name, `${clean.length}, ${texts.length}`, ...areas]
  })
}

/** Which share of clean and damaged documents the default thresholds keep. */
function keptRows(
  { language, clean, damaged }: Trial,
  set: string,
  model: TextModel,
): readonly (readonly string[])[] {
  const kept = (texts: readonly string[]): string => {
    const quantiles = ours(model)(texts).map((value) => model.quantile(value))
    return showRate({ part: quantiles.filter((one) => one < 2 / 3).length, whole: texts.length })
  }
  return [
    [language, set, 'none', kept(clean)],
    ...[...damaged].map(([name, texts]) => [language, set, name, kept(texts)]),
  ]
}

export const section: QualitySection = {
  name: 'perplexity',
  sets: [NTREX, SAUDI_NEWS, MASAKHANE_NEWS],
  introduction: `
\`perplexity\` scores text by an n-gram model of a reference corpus and compares it with held-out
documents of that corpus. Here the reference is news: up to 16 MB of SaudiNewsNet for Arabic and 4 MB
of MasakhaNEWS for English. The texts are sentences and documents of NTREX-128, which are news of
other papers and years, and the same texts damaged. KenLM is a 4-gram model by its own \`lmplz\` over
the same words and lines; words it has not seen are one unknown word, while ours spells them. Both
perplexities are per character. The most that one word counts was chosen on the other
half. Thresholds hold for text of the kind that the reference is: of its own articles that the model
has not seen two thirds are kept, of NTREX's few.`,
  async measure(context): Promise<Table[]> {
    const areas: string[][] = []
    const kept: (readonly string[])[] = []
    for (const language of LANGUAGES) {
      const all = articles(context, language)
      const texts = all.filter((_, index) => index % HELD_OUT !== 1)
      const unseen = all.filter((_, index) => index % HELD_OUT === 1)
      const model = await modelOf(language, texts)
      const counted = texts.filter((_, index) => index % HELD_OUT !== 0)
      const lines = counted.flatMap((text) =>
        text.split('\n').map((line) => unitsOf(line).join(' ')),
      )
      const peer = kenLm(
        context,
        language,
        ORDER,
        lines.filter((line) => line !== ''),
      )
      for (const trial of trialsOf(context, language)) {
        areas.push(...aucRows(trial, [ours(model), peer && theirs(peer)]))
        if (trial.unit === 'document') kept.push(...keptRows(trial, 'NTREX', model))
      }
      kept.push(...keptRows(trialOf(language, 'document', unseen), 'reference, unseen', model))
    }
    return [
      {
        title: 'Damaged texts told from clean ones (area under the ROC curve)',
        columns: ['language', 'texts', 'damage', 'clean, damaged', 'ours', 'KenLM'],
        rows: areas,
      },
      {
        title: 'Documents kept with the default thresholds (two thirds of the reference corpus)',
        columns: ['language', 'documents', 'damage', 'kept'],
        rows: kept,
      },
    ]
  },
}
