import { textKernel } from '../../kernels/minhash/kernel.ts'
import type { DecontaminateOptions } from '../plan/contamination-options.ts'
import {
  characterGrams,
  type GramReader,
  type GramSet,
  gramSet,
  questionGrams,
  wordGrams,
  wordLengths,
} from './gram-set.ts'

/**
 * One protected text. `overlapping` says whether all its n-grams are searched for, or only those
 * that do not overlap.
 */
export interface Item {
  readonly benchmark: number
  readonly number: number
  readonly overlapping: boolean
}

/** The n-grams of the protected texts. */
export interface Grams {
  readonly set: GramSet
  /** Benchmark and item of each n-gram, by its number: the first that contained it. */
  readonly benchmarkOf: readonly number[]
  readonly itemOf: readonly number[]
  /** Creates a reader that visits the n-grams of a document. */
  reader(): GramReader
  /**
   * Adds the n-grams of an item, all or only those that do not overlap; returns whether it had any.
   */
  add(text: Uint8Array, item: Item): boolean
}

/**
 * An item shorter than one n-gram is searched for as a whole if it has at least this many words and
 * characters; measured on ARCD's questions.
 */
const LEAST_WORDS = 5
const LEAST_CHARACTERS = 25
/**
 * A still shorter question is searched for as a complete question of exactly these words: inside
 * other text they prove nothing.
 */
const LEAST_QUESTION_WORDS = 2
const LEAST_QUESTION_CHARACTERS = 6

/** N-grams of words. A text shorter than one n-gram counts as one n-gram of all its words. */
export function wordRuns(
  { words, minGramCharacters }: DecontaminateOptions,
  memoryBytes: number,
): Grams {
  const runs = namedRuns(memoryBytes)
  const sizes = new Set([words])
  let questions = false
  const addQuestion = (text: Uint8Array, lengths: readonly number[], item: Item): boolean => {
    const characters = lengths.reduce((sum, length) => sum + length, 0)
    if (lengths.length < LEAST_QUESTION_WORDS || characters < LEAST_QUESTION_CHARACTERS)
      return false
    let any = false
    questionGrams(textKernel())(text, (high, low) => {
      any = true
      runs.name(high, low, item)
    })
    questions ||= any
    return any
  }
  const addRuns = (text: Uint8Array, lengths: readonly number[], item: Item): boolean => {
    const size = Math.min(words, lengths.length)
    if (size < Math.min(words, LEAST_WORDS)) return false
    sizes.add(size)
    let any = false
    wordGrams([size], textKernel())(text, (high, low, start) => {
      if (!item.overlapping && start % size > 0) return
      let characters = 0
      for (let i = start; i < start + size; i++) characters += lengths[i] ?? 0
      if (
        characters <
        (size < words ? Math.min(LEAST_CHARACTERS, minGramCharacters) : minGramCharacters)
      )
        return
      any = true
      runs.name(high, low, item)
    })
    return any
  }
  return {
    ...runs,
    reader() {
      const readRuns = wordGrams([...sizes], textKernel(), runs.set.outline())
      const readQuestions = questionGrams(textKernel())
      return (text, visit) => {
        readRuns(text, visit)
        if (questions) readQuestions(text, visit)
      }
    },
    add(text, item) {
      const lengths = wordLengths(text)
      return (
        addRuns(text, lengths, item) || (lengths.length < words && addQuestion(text, lengths, item))
      )
    },
  }
}

/** N-grams of characters. */
export function characterRuns({ characters }: DecontaminateOptions, memoryBytes: number): Grams {
  const runs = namedRuns(memoryBytes)
  const read = characterGrams(characters)
  return {
    ...runs,
    reader: () => characterGrams(characters),
    add(text, item) {
      let last = Number.NEGATIVE_INFINITY
      let any = false
      read(text, (high, low, start) => {
        if (!item.overlapping && start < last + characters) return
        last = start
        any = true
        runs.name(high, low, item)
      })
      return any
    },
  }
}

/** A set of n-grams that remembers the item in which each occurred first. */
function namedRuns(memoryBytes: number) {
  const set = gramSet(memoryBytes)
  const benchmarkOf: number[] = []
  const itemOf: number[] = []
  const name = (high: number, low: number, item: Item): void => {
    const gram = set.add(high, low)
    benchmarkOf[gram] ??= item.benchmark
    itemOf[gram] ??= item.number
  }
  return { set, benchmarkOf, itemOf, name }
}
