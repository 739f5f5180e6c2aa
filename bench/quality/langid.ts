// How right `langid` is with its default options, beside the bare scores of its model.

import { langid } from '../../filters/langid/index.ts'
import { languageIdentifier } from '../../filters/langid/model.ts'
import { kernelMemory } from '../../src/kernels/memory/module.ts'
import { testContext } from '../../src/testing/context.ts'
import { applyFilter } from '../../src/testing/filter.ts'
import { chunksOf } from './chunks.ts'
import { fittedSamples, LANGID_SETS, type Sample, unseenSamples } from './langid-sets.ts'
import { showRate } from './score.ts'
import type { QualityContext, QualitySection, Table } from './section.ts'

const BATCH = 512

/** One text with what was decided about it. */
interface Judged extends Sample {
  readonly found: string
  readonly probability: number
  readonly kept: boolean
  /** fastText's own decision at two thresholds, on the text as it is. */
  readonly raw95: boolean
  readonly raw65: boolean
}

/** The section of docs/filters.md. */
export const section: QualitySection = {
  name: 'langid',
  sets: LANGID_SETS,
  introduction: `\`langid\` turns the score of lid.176, its runner-up, the number of letters and the
share of function words into a probability (\`filters/langid/calibrate.ts\`). The weights were fitted
on one half of each set above the line in the first table, for five foreign texts to each one that is
wanted; sets below it took no part. Texts are judged with default options, so texts of few letters
count as lost unless they are certain. fastText is the same model as its authors ship it: the top
label's score on the unchanged text, at .95 and at .65. GlotLID cannot be had from a package index.

Foreign texts are those of every other language of the sets. Not counted as foreign: sentences of
NTREX-128 that stand in the English file too. Hassaniya counts as Arabic. Known confusions stand in
rows of their own: Shilha in Arabic script, Nigerian Pidgin and Scots, which the model has no labels
for.`,
  async measure(context) {
    const judged = [...(await judgeAll(context))]
    return [keptTable(judged), foreignTable(judged), reliabilityTable(judged)]
  },
}

async function judgeAll({ open, half }: QualityContext): Promise<readonly Judged[]> {
  const filter = await langid.create(langid.options.parse({}), testContext('/'))
  const identify = languageIdentifier()
  const memory = kernelMemory()
  const raw = (text: string) =>
    memory.scope(() => {
      const bytes = Buffer.from(text.replaceAll('\n', ' '))
      const start = memory.lend(bytes)
      return identify(start, start + bytes.length)
    })
  const all: Judged[] = []
  const samples = function* (): Generator<Sample> {
    for (const sample of fittedSamples(open)) if (sample.half === half) yield sample
    if (half === 'test') yield* unseenSamples(open)
  }
  for (const batch of chunksOf(samples(), BATCH)) {
    const documents = batch.map(({ text }) => ({ text, kind: 'prose' as const }))
    const { verdicts, values } = applyFilter(filter, documents)
    for (const [i, sample] of batch.entries()) {
      const { language, score } = raw(sample.text)
      const wanted = language === 'ar' || language === 'en'
      all.push({
        ...sample,
        text: '',
        found: String(values[i]?.language),
        probability: Number(values[i]?.probability),
        kept: verdicts[i] === undefined,
        raw95: wanted && score >= 0.95,
        raw65: wanted && score >= 0.65,
      })
    }
  }
  return all
}

const isWanted = ({ language }: Sample): boolean => language === 'ar' || language === 'en'

function keptTable(judged: readonly Judged[]): Table {
  const groups = groupsOf(judged.filter(isWanted), ({ set, unit, language }) => [
    set,
    unit,
    language,
  ])
  return {
    title: 'Arabic and English texts that are kept',
    columns: ['set', 'texts', 'language', 'kept', 'fastText ≥ .95', 'fastText ≥ .65'],
    rows: groups.map(([names, texts]) => [...names, ...rates(texts)]),
  }
}

/** Languages that the model confuses with English or Arabic for want of a label. */
const KNOWN: Readonly<Record<string, string>> = {
  shi: 'Shilha in Arabic script',
  pcm: 'Nigerian Pidgin',
  sco: 'Scots',
}

function foreignTable(judged: readonly Judged[]): Table {
  const foreign = judged.filter((sample) => !isWanted(sample))
  const groups = groupsOf(foreign, ({ set, unit, language }) => [
    set,
    unit,
    KNOWN[language] ?? 'other languages',
  ])
  return {
    title: 'Foreign texts that are kept: errors',
    columns: ['set', 'texts', 'language', 'kept', 'fastText ≥ .95', 'fastText ≥ .65'],
    rows: groups.map(([names, texts]) => [...names, ...rates(texts)]),
  }
}

function rates(texts: readonly Judged[]): string[] {
  const share = (is: (text: Judged) => boolean): string =>
    showRate({ part: texts.filter(is).length, whole: texts.length })
  return [share(({ kept }) => kept), share(({ raw95 }) => raw95), share(({ raw65 }) => raw65)]
}

const BINS = [0, 0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1.01]

/** Texts found to be Arabic or English, by probability, beside the share that is. */
function reliabilityTable(judged: readonly Judged[]): Table {
  const known = judged.filter(({ language }) => KNOWN[language] === undefined)
  const rows = BINS.slice(1).map((to, i) => {
    const from = BINS[i] ?? 0
    const share = (language: string): string => {
      const texts = known.filter(
        ({ found, probability }) => found === language && probability >= from && probability < to,
      )
      const right = texts.filter((text) => text.language === language)
      return showRate({ part: right.length, whole: texts.length })
    }
    return [`${from}–${Math.min(1, to)}`, share('en'), share('ar')]
  })
  return {
    title: 'Reliability: share that is right, by probability',
    columns: ['probability', 'found English', 'found Arabic'],
    rows,
  }
}

function groupsOf(
  texts: readonly Judged[],
  keyOf: (text: Judged) => readonly string[],
): readonly (readonly [readonly string[], readonly Judged[]])[] {
  const groups = new Map<string, { names: readonly string[]; texts: Judged[] }>()
  for (const text of texts) {
    const names = keyOf(text)
    const group = groups.get(names.join('\t'))
    if (group) group.texts.push(text)
    else groups.set(names.join('\t'), { names, texts: [text] })
  }
  return [...groups.values()].map(({ names, texts }) => [names, texts] as const)
}
