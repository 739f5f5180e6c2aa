// N-grams of natural text. Frequent words are tokens; others are spelled out, character by
// character. So every text has a probability, and a word that no language has costs more than a
// rare one.
import { countArrays, countsIn, type SortedCounts } from './counts.ts'
import { type NgramModel, ngramModel } from './model.ts'
import { decodeTensors, encodeTensors } from './safetensors.ts'
import { unitsOf } from './units.ts'

/** The start of a line, an unknown character, the end of a spelled word. */
const START = 0
const UNKNOWN = 1
const END = 2
const FIRST_CHARACTER = 3

/** Ids fit into 16 bits. */
export const MAX_VOCABULARY = 65_000

/** The tokens of a model. */
export interface Vocabulary {
  /** Characters that words are spelled with. */
  readonly characters: readonly string[]
  /** Words, numbers and signs that are one token, most frequent first. */
  readonly words: readonly string[]
}

/** Everything that makes the model of one language. */
export interface TextModelData {
  readonly vocabulary: Vocabulary
  readonly counts: readonly SortedCounts[]
  /** Perplexities that 1 % to 99 % of the held-out documents stay below; 99 numbers. */
  readonly percentiles: readonly number[]
  /** Held-out documents behind the percentiles. */
  readonly heldOut: number
}

/** How probable a text is. */
export interface TextScore {
  /** Words, numbers and signs. */
  readonly units: number
  /**
   * Perplexity per character, counting one between units; NaN without units. Text that is cut into
   * more pieces than it should be does not gain by it.
   */
  readonly perplexity: number
}

/** An unknown character is one of about a hundred thousand. */
const UNKNOWN_NATS = Math.log(100_000)
/**
 * Most that one unit counts, in nats. Names that the corpus does not have cost more and say little.
 * Chosen on the first half of NTREX (docs/filters.md): lower values see shuffled words better and
 * misread letters worse.
 */
const MAX_UNIT_NATS = 25

/** A model that scores texts. */
export interface TextModel {
  score(text: string): TextScore
  /** Share of the held-out documents with a lower perplexity, 0 to 1. */
  quantile(perplexity: number): number
}

/** Encodes lines as token ids; `ids` and `end` hold the last line. */
export interface LineEncoder {
  readonly size: number
  readonly ids: Uint16Array
  readonly end: number
  /** Returns the units of the line. */
  encode(line: string): readonly string[]
  /** Whether a unit ends with this id. */
  endsUnit(id: number): boolean
}

/** An encoder for a vocabulary. */
export function lineEncoder({ characters, words }: Vocabulary): LineEncoder {
  const characterIds = new Map(characters.map((one, index) => [one, FIRST_CHARACTER + index]))
  const firstWord = FIRST_CHARACTER + characters.length
  const wordIds = new Map(words.map((word, index) => [word, firstWord + index]))
  let ids = new Uint16Array(1 << 10)
  let end = 0
  const put = (id: number): void => {
    if (end === ids.length) {
      const grown = new Uint16Array(ids.length * 2)
      grown.set(ids)
      ids = grown
    }
    ids[end++] = id
  }
  return {
    size: firstWord + words.length,
    get ids() {
      return ids
    },
    get end() {
      return end
    },
    encode(line) {
      end = 0
      put(START)
      const units = unitsOf(line)
      for (const unit of units) {
        const id = wordIds.get(unit)
        if (id !== undefined) put(id)
        else {
          for (const character of unit) put(characterIds.get(character) ?? UNKNOWN)
          put(END)
        }
      }
      return units
    },
    endsUnit: (id) => id === END || id >= firstWord,
  }
}

/** Prepares a model for scoring. */
export function textModel({ vocabulary, counts, percentiles }: TextModelData): TextModel {
  const encoder = lineEncoder(vocabulary)
  const model = ngramModel(counts, encoder.size, START)
  return {
    score: (text) => scoreText(encoder, model, text),
    quantile: (perplexity) => quantileOf(percentiles, perplexity),
  }
}

/** Scores a text line by line, each by itself. */
function scoreText(encoder: LineEncoder, model: NgramModel, text: string): TextScore {
  let units = 0
  let characters = 0
  let nats = 0
  for (const line of text.split('\n')) {
    const found = encoder.encode(line)
    for (const unit of found) characters += unit.length + 1
    units += found.length
    nats += lineNats(encoder, model)
  }
  return { units, perplexity: Math.exp(nats / characters) }
}

/** Negative logarithm of the probability of the encoded line, with a most for each unit. */
function lineNats({ ids, end, endsUnit }: LineEncoder, model: NgramModel): number {
  let nats = 0
  let unit = 0
  for (let at = 1; at < end; at++) {
    const id = ids[at] ?? UNKNOWN
    unit -= model.logProbability(ids, 0, at)
    if (id === UNKNOWN) unit += UNKNOWN_NATS
    if (!endsUnit(id)) continue
    nats += Math.min(unit, MAX_UNIT_NATS)
    unit = 0
  }
  return nats
}

/** Interpolates between percentiles; 0 below the first and 1 above the last. */
function quantileOf(percentiles: readonly number[], perplexity: number): number {
  const above = percentiles.findIndex((value) => value >= perplexity)
  if (above === -1) return 1
  if (above === 0) return perplexity === percentiles[0] ? 0.01 : 0
  const [low = 0, high = 0] = [percentiles[above - 1], percentiles[above]]
  return (above + (high === low ? 1 : (perplexity - low) / (high - low))) / 100
}

const FORMAT = 'cosmos-etl n-grams of text 1'

/** The parts of a model file: the models of all languages, as safetensors. */
export function encodeModels(models: ReadonlyMap<string, TextModelData>): Uint8Array[] {
  const arrays = new Map<string, Uint32Array>()
  const metadata: Record<string, string> = { format: FORMAT }
  for (const [language, { vocabulary, counts, percentiles, heldOut }] of models) {
    for (const [name, array] of countArrays(counts, `${language}.`)) arrays.set(name, array)
    metadata[`${language}.vocabulary`] = JSON.stringify(vocabulary)
    metadata[`${language}.held-out`] = JSON.stringify({ documents: heldOut, percentiles })
  }
  return encodeTensors({ arrays, metadata })
}

/** The models in a file, by language. Throws if it is no model file or damaged. */
export function decodeModels(bytes: Uint8Array): ReadonlyMap<string, TextModelData> {
  const { arrays, metadata } = decodeTensors(bytes)
  if (metadata.format !== FORMAT) throw new RangeError('not a file of n-grams of text')
  const models = new Map<string, TextModelData>()
  for (const [name, value] of Object.entries(metadata)) {
    if (!name.endsWith('.vocabulary')) continue
    const language = name.slice(0, -'.vocabulary'.length)
    const { documents, percentiles } = JSON.parse(metadata[`${language}.held-out`] ?? '') as {
      documents: number
      percentiles: number[]
    }
    const counts = countsIn(arrays, `${language}.`)
    const vocabulary = JSON.parse(value) as Vocabulary
    models.set(language, { vocabulary, counts, percentiles, heldOut: documents })
  }
  return models
}
