import type { Storage } from '../../core/storage.ts'
import type { DecontaminateOptions } from '../plan/contamination-options.ts'
import { benchmarkTexts } from './benchmarks.ts'
import { characterRuns, type Grams, wordRuns } from './word-runs.ts'

/** A benchmark in the index. */
interface Benchmark {
  readonly name: string
  items: number
  /** Items without an n-gram long enough to search for. */
  tooShort: number
}

/**
 * The n-grams of all texts that train must not contain. Each worker builds its own index; it is
 * only read afterwards.
 */
export interface ContaminationIndex {
  readonly options: DecontaminateOptions
  readonly benchmarks: readonly Benchmark[]
  /** The n-grams that decide about documents. */
  readonly grams: Grams
  /** The n-grams of the other method, which measure the result. */
  readonly checks: Grams
  /** Adds a protected text of a benchmark. */
  add(benchmark: string, text: Uint8Array): void
  /**
   * Adds a document of eval or test. Only n-grams that do not overlap are kept, which is enough: a
   * document that copies twice the length of an n-gram contains at least one of them completely.
   */
  addOwn(split: 'eval' | 'test', text: Uint8Array): void
}

/**
 * Builds the index of the manifest's benchmarks. Files are resolved against `folder`. Throws if one
 * is missing or damaged, because a benchmark that is silently unprotected would be worse.
 */
export async function contaminationIndex(
  options: DecontaminateOptions,
  storage: Storage,
  folder: string,
  memoryBytes: number,
): Promise<ContaminationIndex> {
  const index = emptyIndex(options, memoryBytes)
  for (const benchmark of options.benchmarks) {
    for await (const text of benchmarkTexts(storage, folder, benchmark))
      index.add(benchmark.name, text)
  }
  return index
}

/** An index that protects nothing yet. */
export function emptyIndex(
  options: DecontaminateOptions,
  memoryBytes = 256 << 20,
): ContaminationIndex {
  const words = wordRuns(options, memoryBytes / 2)
  const characters = characterRuns(options, memoryBytes / 2)
  const [grams, checks] = options.method === 'words' ? [words, characters] : [characters, words]
  const benchmarks: Benchmark[] = []
  const add = (name: string, text: Uint8Array, overlapping: boolean): void => {
    const known = benchmarks.findIndex((benchmark) => benchmark.name === name)
    const number = known < 0 ? benchmarks.push({ name, items: 0, tooShort: 0 }) - 1 : known
    const benchmark = benchmarks[number]
    if (!benchmark) return
    const item = { benchmark: number, number: benchmark.items++, overlapping }
    if (!grams.add(text, item)) benchmark.tooShort++
    checks.add(text, item)
  }
  return {
    options,
    benchmarks,
    grams,
    checks,
    add: (benchmark, text) => add(benchmark, text, true),
    addOwn: (split, text) => add(`own ${split}`, text, false),
  }
}

/**
 * A training document that contains n-grams of a benchmark. `ref` is whatever the caller identifies
 * it by.
 */
export interface Hit<Ref> {
  readonly ref: Ref
  /** Numbers of the distinct n-grams found by the deciding method. */
  readonly grams: readonly number[]
  /** The same for the other method; empty unless the document is code. */
  readonly checks: readonly number[]
  /** Programming language; `''` for a document that is not code. */
  readonly language: string
}

/** What one worker found in its part of the training documents. Plain JSON if `Ref` is. */
export interface Examined<Ref> {
  readonly hits: readonly Hit<Ref>[]
  /** Code documents examined, by programming language. */
  readonly languages: Readonly<Record<string, number>>
}

/** Searches training documents one after the other. */
export interface Examiner<Ref> {
  /** `language` is the programming language of code, `''` for any other document. */
  examine(ref: Ref, text: Uint8Array, language: string): void
  result(): Examined<Ref>
}

/**
 * Creates an examiner for a complete index. An n-gram found in more than `maxDocuments` documents
 * is ignored in the end, so it is no longer recorded: the memory of an examiner is bounded by the
 * benchmarks, not by the corpus.
 */
export function contaminationExaminer<Ref>(index: ContaminationIndex): Examiner<Ref> {
  const { maxDocuments } = index.options
  const hits: Hit<Ref>[] = []
  const languages: Record<string, number> = {}
  const find = finder(index.grams, maxDocuments)
  const check = finder(index.checks, maxDocuments)
  return {
    examine(ref, text, language) {
      if (language !== '') languages[language] = (languages[language] ?? 0) + 1
      const grams = find(text)
      const checks = language === '' ? [] : check(text)
      if (grams.length + checks.length > 0) hits.push({ ref, grams, checks, language })
    },
    result: () => ({ hits, languages }),
  }
}

function finder(grams: Grams, maxDocuments: number): (text: Uint8Array) => number[] {
  const reader = grams.reader()
  const documents = new Uint32Array(grams.set.size)
  return (text) => {
    const found = new Set<number>()
    reader(text, (high, low) => {
      const gram = grams.set.find(high, low)
      if (gram >= 0) found.add(gram)
    })
    const noted = [...found].filter((gram) => (documents[gram] ?? 0) <= maxDocuments)
    for (const gram of noted) documents[gram] = (documents[gram] ?? 0) + 1
    return noted.sort((a, b) => a - b)
  }
}
