// node dist/bench/quality/langid-fit.js: fits the weights of filters/langid/calibrate.ts on the fit
// half of its sets and prints them.
import { join } from 'node:path'
import { featuresOf } from '../../filters/langid/calibrate.ts'
import { languageFinder } from '../../filters/langid/find.ts'
import { fittedSamples, type Sample } from './langid-sets.ts'
import { type Example, fitLogistic } from './logistic.ts'
import { openSet } from './sets.ts'

/** Foreign texts for each text of the language, in the texts the probability is meant for. */
const FOREIGN_TO_WANTED = 5
/** Left out: the model has no label for them, and scores say nothing. */
const UNKNOWN = /^(?:shi|pcm|sco)$/
/** Foreign texts with this share of English function words are English quotations. */
const QUOTATION = 0.33
const FEWEST_WORDS = 6
const FEWEST_LETTERS = 5

const cache = join(process.cwd(), 'bench/.cache')
const finder = languageFinder(0)
const examples: Record<'en' | 'ar' | 'other', { inputs: readonly number[]; right: boolean }[]> = {
  en: [],
  ar: [],
  other: [],
}
let foreign = 0
for (const sample of fittedSamples((set) => openSet(set, cache))) {
  if (sample.half !== 'fit' || UNKNOWN.test(sample.language)) continue
  const isWanted = sample.language === 'ar' || sample.language === 'en'
  if (!isWanted) foreign++
  const { language, letters, ...finding } = finder.inText(sample.text)
  if (letters < FEWEST_LETTERS || language.includes('+')) continue
  const { words, hits } = finding.evidence
  const inputs = featuresOf(language, { letters, ...finding })
  const right = language === sample.language
  if (language === 'en' || language === 'ar') {
    const share = language === 'en' ? finding.latinShare : finding.arabicShare
    const isQuotation = !isWanted && words >= FEWEST_WORDS && hits / words >= QUOTATION
    if (share >= 0.5 && !(language === 'en' && isQuotation))
      examples[language].push({ inputs, right })
  } else if (hasKnownCode(sample)) examples.other.push({ inputs, right })
}
for (const [language, seen] of Object.entries(examples)) {
  const wanted = seen.filter(({ right }) => right).length
  // Texts found to be one of 170 other languages are wrong as often as they are: no other weight.
  const weight = language === 'other' ? 1 : (FOREIGN_TO_WANTED * wanted) / foreign
  const weighted: Example[] = seen.map(({ inputs, right }) => ({
    inputs,
    right,
    weight: right ? 1 : weight,
  }))
  const [constant, ...weights] = fitLogistic(weighted).map((value) => Number(value.toFixed(3)))
  const [score, margin, letters, words, foreignWeight] = weights
  console.log(language, { constant, score, margin, letters, words, foreign: foreignWeight })
  console.log(`  ${wanted} right, ${seen.length - wanted} wrong`)
}

/** The sets of codes differ; lingua's are the model's. */
function hasKnownCode({ set, language }: Sample): boolean {
  return set === 'lingua' && language !== 'ar' && language !== 'en'
}
