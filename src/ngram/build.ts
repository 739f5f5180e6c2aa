import { ngramCounts } from './counts.ts'
import {
  lineEncoder,
  MAX_VOCABULARY,
  type TextModelData,
  textModel,
  type Vocabulary,
} from './text-model.ts'
import { unitsOf } from './units.ts'

/** One text to build from. */
export interface SourceText {
  readonly lang: string
  /** Whether it belongs to the part that thresholds are taken from, not to the part counted. */
  readonly heldOut: boolean
  /** A number from 0 to 1 that is always the same for this text; a sample has the lowest. */
  readonly draw: number
  /** Bytes of text. */
  readonly bytes: number
  text(): string
}

/** How models are built. */
export interface BuildOptions {
  readonly languages: readonly string[]
  /** Longest n-gram, 1 to 4. */
  readonly order: number
  /** Most words that are a token of their own. */
  readonly words: number
  /** About how many bytes of text are counted for each language; more are sampled. */
  readonly bytes: number
}

/** Words that occur less often are spelled. */
const MIN_COUNT = 3
/** Characters that occur less often count as unknown. */
const MIN_CHARACTER_COUNT = 2
const MAX_CHARACTERS = 4000
/** Different words counted at a time; the rarest are forgotten when there are more. */
const MAX_COUNTED = 2_000_000
/** Held-out documents with fewer units say little. */
const MIN_UNITS = 20
/** Most held-out documents that are scored for each language. */
const MAX_HELD_OUT = 20_000

/**
 * Builds the models of some languages in three passes over the texts: sizes, words, n-grams; then
 * one over the held-out texts. A language without texts or without held-out texts has no model.
 * Memory depends on the options, not on the number of texts.
 */
export async function buildModels(
  read: () => AsyncIterable<SourceText>,
  options: BuildOptions,
): Promise<ReadonlyMap<string, TextModelData>> {
  const shares = await sampleShares(read(), options)
  const sampled = async function* (heldOut: boolean): AsyncIterable<SourceText> {
    for await (const text of read()) {
      const share = shares.get(text.lang)?.[heldOut ? 'heldOut' : 'counted'] ?? 0
      if (text.heldOut === heldOut && text.draw < share) yield text
    }
  }
  const vocabularies = await chooseWords(sampled(false), options)
  const bare = await countNgrams(sampled(false), vocabularies, options.order)
  return addPercentiles(sampled(true), bare)
}

/** Shares of the texts of each language to use, 0 to 1. */
async function sampleShares(texts: AsyncIterable<SourceText>, { languages, bytes }: BuildOptions) {
  const sizes = new Map(languages.map((lang) => [lang, { bytes: 0, heldOut: 0 }]))
  for await (const text of texts) {
    const size = sizes.get(text.lang)
    if (size === undefined) continue
    if (text.heldOut) size.heldOut++
    else size.bytes += text.bytes
  }
  return new Map(
    [...sizes].map(([lang, size]) => [
      lang,
      { counted: bytes / size.bytes, heldOut: MAX_HELD_OUT / size.heldOut },
    ]),
  )
}

async function chooseWords(
  texts: AsyncIterable<SourceText>,
  { words: most }: BuildOptions,
): Promise<ReadonlyMap<string, Vocabulary>> {
  const counters = new Map<
    string,
    { words: Map<string, number>; characters: Map<string, number> }
  >()
  for await (const { lang, text } of texts) {
    const counter = counters.get(lang) ?? { words: new Map(), characters: new Map() }
    counters.set(lang, counter)
    for (const line of text().split('\n')) {
      for (const unit of unitsOf(line)) {
        add(counter.words, unit)
        for (const character of unit) add(counter.characters, character)
      }
    }
    if (counter.words.size > MAX_COUNTED) forgetRarest(counter.words)
  }
  return new Map(
    [...counters].map(([lang, { words, characters }]) => [
      lang,
      {
        characters: mostFrequent(characters, MIN_CHARACTER_COUNT, MAX_CHARACTERS),
        words: mostFrequent(words, MIN_COUNT, Math.min(most, MAX_VOCABULARY - MAX_CHARACTERS)),
      },
    ]),
  )
}

function add(counts: Map<string, number>, item: string): void {
  counts.set(item, (counts.get(item) ?? 0) + 1)
}

/** Forgets words up to the lowest count that brings the number below half of the limit. */
function forgetRarest(counts: Map<string, number>): void {
  for (let least = 1; counts.size > MAX_COUNTED / 2; least++)
    for (const [word, count] of counts) if (count <= least) counts.delete(word)
}

/** Most frequent first; equally frequent ones in the order of their code units. */
function mostFrequent(counts: ReadonlyMap<string, number>, least: number, most: number): string[] {
  return [...counts]
    .filter(([, count]) => count >= least)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, most)
    .map(([item]) => item)
}

type BareModel = Omit<TextModelData, 'percentiles' | 'heldOut'>

async function countNgrams(
  texts: AsyncIterable<SourceText>,
  vocabularies: ReadonlyMap<string, Vocabulary>,
  order: number,
): Promise<ReadonlyMap<string, BareModel>> {
  const counters = new Map(
    [...vocabularies].map(([lang, vocabulary]) => [
      lang,
      { vocabulary, encoder: lineEncoder(vocabulary), counts: ngramCounts(order) },
    ]),
  )
  for await (const { lang, text } of texts) {
    const counter = counters.get(lang)
    if (counter === undefined) continue
    for (const line of text().split('\n'))
      if (counter.encoder.encode(line).length > 0)
        counter.counts.add(counter.encoder.ids, 0, counter.encoder.end)
  }
  return new Map(
    [...counters].map(([lang, { vocabulary, counts }]) => [
      lang,
      { vocabulary, counts: counts.sorted() },
    ]),
  )
}

async function addPercentiles(
  texts: AsyncIterable<SourceText>,
  bare: ReadonlyMap<string, BareModel>,
): Promise<ReadonlyMap<string, TextModelData>> {
  const scored = new Map(
    [...bare].map(([lang, data]) => [
      lang,
      { data, model: textModel({ ...data, percentiles: [], heldOut: 0 }), found: [] as number[] },
    ]),
  )
  for await (const { lang, text } of texts) {
    const language = scored.get(lang)
    const score = language?.model.score(text())
    if (score && score.units >= MIN_UNITS) language?.found.push(score.perplexity)
  }
  const models = new Map<string, TextModelData>()
  for (const [lang, { data, found }] of [...scored].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (found.length === 0) continue
    const sorted = Float64Array.from(found).sort()
    const percentiles = Array.from({ length: 99 }, (_, index) => percentile(sorted, index + 1))
    models.set(lang, { ...data, percentiles, heldOut: found.length })
  }
  return models
}

/** The value that this percentage of sorted values stays below, interpolated. */
function percentile(sorted: Float64Array, percentage: number): number {
  const place = (percentage / 100) * (sorted.length - 1)
  const [low = 0, high = 0] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]]
  return low + (high - low) * (place - Math.floor(place))
}
