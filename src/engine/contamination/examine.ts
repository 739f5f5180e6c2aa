import type { Storage } from '../../core/storage.ts'
import type { DecontaminateOptions } from '../plan/contamination-options.ts'
import { benchmarkTexts } from './benchmarks.ts'
import { characterRuns, type Grams, wordRuns } from './word-runs.ts'

/** A benchmark as it is known to the index. */
interface Benchmark {
  readonly name: string
  items: number
  /** Items with no run long enough to look for. */
  tooShort: number
}

/**
 * Runs of all that train must not contain. Built once, then only read: each process builds its own.
 */
export interface ContaminationIndex {
  readonly options: DecontaminateOptions
  readonly benchmarks: readonly Benchmark[]
  /** What decides about documents. */
  readonly grams: Grams
  /** What measures the result, by another method. */
  readonly checks: Grams
  /** Protects one more text of a benchmark. */
  add(benchmark: string, text: Uint8Array): void
  /**
   * Protects a document of eval or test. Of its runs, one after the other without overlap is
   * enough: a document that copies twice a run's length has one of them whole.
   */
  addOwn(split: 'eval' | 'test', text: Uint8Array): void
}

/**
 * An index of the manifest's benchmarks. Files are resolved against `folder`; a missing or broken
 * one is an error, as silently unprotected benchmarks would be worse.
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

/** A training document with runs of a benchmark in it; `ref` is whatever the caller finds it by. */
export interface Hit<Ref> {
  readonly ref: Ref
  /** Numbers of the different runs found by the deciding method, and by the other. */
  readonly grams: readonly number[]
  readonly checks: readonly number[]
  /** Programming language, `''` for what is not code. */
  readonly language: string
}

/** What one process found in its share of the training documents: plain JSON, if `Ref` is. */
export interface Examined<Ref> {
  readonly hits: readonly Hit<Ref>[]
  /** Code documents examined, by programming language. */
  readonly languages: Readonly<Record<string, number>>
}

/** Looks at training documents one after the other. */
export interface Examiner<Ref> {
  /** `language` is the programming language of a code document, `''` for any other. */
  examine(ref: Ref, text: Uint8Array, language: string): void
  result(): Examined<Ref>
}

/**
 * An examiner over a finished index. A run found more than `maxDocuments` times is ignored in the
 * end, so it is no longer noted: what an examiner holds is bounded by the benchmarks, not by the
 * corpus.
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
