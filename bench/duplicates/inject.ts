import { readFileSync } from 'node:fs'
import type { Random } from './random.ts'
import { dress, LANGUAGES, type Language, randomWords, respell, slowWords } from './texts.ts'

/**
 * A document of the bench: its words are known, so that similarities can be computed the slow way.
 */
export interface Planted {
  readonly id: string
  readonly words: readonly string[]
  readonly text: string
  readonly language: Language
}

/** Planted duplicates, by position of the documents. */
export interface Plant {
  readonly kind: 'exact' | 'variant' | 'edited' | 'truncated' | 'template' | 'chain'
  readonly members: readonly number[]
}

/** Word 5-grams, the slow obvious way. */
export function shinglesOf(words: readonly string[]): Set<string> {
  return new Set(words.slice(4).map((_, i) => words.slice(i, i + 5).join(' ')))
}

export function jaccardOf(a: readonly string[], b: readonly string[]): number {
  const [left, right] = [shinglesOf(a), shinglesOf(b)]
  let shared = 0
  for (const shingle of left) if (right.has(shingle)) shared++
  return left.size + right.size === 0 ? 0 : shared / (left.size + right.size - shared)
}

/** Source of base texts: random here, but the words of any corpus work. */
export type BaseWords = (language: Language) => readonly string[]

/** A base of random texts of 60 to 500 words. */
export function randomBase(random: Random): BaseWords {
  return (language) => randomWords(random, language, 60 + random.below(440))
}

/**
 * A base of the texts of an NDJSON file (field `text`), repeated in the file's order, at least 60
 * words each.
 */
export function fileBase(path: string): BaseWords {
  const texts = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => slowWords((JSON.parse(line) as { text: string }).text))
    .filter((words) => words.length >= 60)
  if (texts.length === 0) throw new Error(`${path} has no text of 60 words`)
  let next = 0
  return () => texts[next++ % texts.length] ?? []
}

export interface InjectOptions {
  /** Pairs per bin of similarity, and of each other kind. */
  readonly pairs: number
  /** Documents in total; the rest are texts without duplicates. */
  readonly documents: number
}

/**
 * Bins of similarity that edited copies are planted in: [0.5, 0.55) and so on, the last up to 0.99.
 */
export const BINS = [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95] as const

/**
 * Plants duplicates of known kinds among other documents. Everything follows from the random
 * numbers: the same seed, the same corpus.
 */
export function injectDuplicates(
  base: BaseWords,
  random: Random,
  { pairs, documents: total }: InjectOptions,
) {
  const documents: Planted[] = []
  const plants: Plant[] = []
  const add = (
    words: readonly string[],
    language: Language,
    text = dress(words, language),
  ): number =>
    documents.push({
      id: `s${documents.length % 3}:${scramble(documents.length)}`,
      words,
      text,
      language,
    }) - 1
  const plant = (kind: Plant['kind'], ...members: number[]): void =>
    void plants.push({ kind, members })
  const anyLanguage = (i: number): Language => LANGUAGES[i % LANGUAGES.length] ?? 'en'

  for (let i = 0; i < pairs; i++) {
    const language = anyLanguage(i)
    const words = base(language)
    plant('exact', add(words, language), add(words, language))
    const varied = base(language)
    plant(
      'variant',
      add(varied, language),
      add(varied, language, respell(varied, language, random)),
    )
    const cut = base(language)
    plant(
      'truncated',
      add(cut, language),
      add(cut.slice(0, Math.ceil(cut.length * (0.5 + random.share() / 2))), language),
    )
  }
  for (const low of BINS) {
    for (let i = 0; i < pairs; i++) {
      const language = anyLanguage(i)
      const words = base(language)
      plant(
        'edited',
        add(words, language),
        add(editWords(words, low + random.share() * (low < 0.95 ? 0.05 : 0.04), random), language),
      )
    }
  }
  for (let family = 0; family < pairs / 20; family++) {
    const language = anyLanguage(family)
    const boilerplate = randomWords(random, language, 120)
    const pages = Array.from({ length: 20 }, () =>
      add([...boilerplate, ...randomWords(random, language, 40 + random.below(40))], language),
    )
    plant('template', ...pages)
  }
  for (let i = 0; i < pairs / 4; i++) {
    const language = anyLanguage(i)
    // Each member lacks the first 30 words of the one before and adds 30: neighbours at .77, ends
    // at .56.
    const long = randomWords(random, language, 300)
    const members = [0, 30, 60].map((start) => add(long.slice(start, start + 240), language))
    plant('chain', ...members)
  }
  while (documents.length < total)
    add(base(anyLanguage(documents.length)), anyLanguage(documents.length))
  return { documents, plants }
}

/** Keys in an order unrelated to planting. */
function scramble(index: number): string {
  return (Math.imul(index + 1, 0x9e3779b1) >>> 0).toString(36).padStart(7, '0')
}

/**
 * Replaces words here and there, or in one stretch, until about the wanted similarity is reached.
 */
function editWords(words: readonly string[], target: number, random: Random): string[] {
  const shingles = words.length - 4
  // Replacing k shingles of s leaves (s − k) / (s + k).
  const toLose = Math.max(1, Math.round((shingles * (1 - target)) / (1 + target)))
  const edited = [...words]
  const fresh = (): string => `edit${random.below(1e9).toString(36)}`
  if (random.share() < 0.3) {
    const start = 4 + random.below(Math.max(1, shingles - toLose - 4))
    for (let i = start; i < start + Math.max(1, toLose - 4); i++) edited[i] = fresh()
    return edited
  }
  const replaced = new Set<number>()
  for (let lost = 0; lost < toLose && replaced.size < words.length; ) {
    const at = random.below(words.length)
    if (replaced.has(at)) continue
    for (let first = Math.max(0, at - 4); first <= Math.min(at, shingles - 1); first++) {
      if (![0, 1, 2, 3, 4].some((i) => replaced.has(first + i))) lost++
    }
    replaced.add(at)
    edited[at] = fresh()
  }
  return edited
}
