import type { ContaminationIndex, Examined, Hit } from './examine.ts'

/** A contaminated training document. */
interface Contaminated<Ref> {
  readonly ref: Ref
  /** The benchmark that most of its n-grams belong to. */
  readonly benchmark: string
  /** Distinct n-grams of that benchmark in the document. */
  readonly hits: number
}

/** How much of one benchmark was found in train. */
interface BenchmarkReport {
  readonly name: string
  readonly items: number
  /** Items without an n-gram long enough to search for: not protected. */
  readonly tooShort: number
  /** Items with an n-gram in at least one training document. */
  readonly found: number
  /** Training documents that contain its n-grams. */
  readonly documents: number
  /** N-grams ignored because too many documents contain them. */
  readonly ignored: number
}

/** Contamination left in the code of one language, measured by the method that did not decide. */
interface LanguageReport {
  readonly language: string
  /** Published training documents. */
  readonly documents: number
  readonly contaminated: number
  readonly share: number
  /** The highest share allowed, where one is set. */
  readonly limit?: number
}

/** What decontamination found in the whole corpus. */
export interface ContaminationOutcome<Ref> {
  /** Dropped or only reported, depending on `options.action`. */
  readonly contaminated: readonly Contaminated<Ref>[]
  readonly benchmarks: readonly BenchmarkReport[]
  readonly languages: readonly LanguageReport[]
  /** Languages above their limit: the run fails. */
  readonly exceeded: readonly LanguageReport[]
}

/**
 * Merges what all workers found. The result does not depend on how the documents were divided or in
 * which order they were examined.
 */
export function settleContamination<Ref>(
  index: ContaminationIndex,
  parts: readonly Examined<Ref>[],
): ContaminationOutcome<Ref> {
  const hits = parts.flatMap((part) => part.hits)
  const ignored = frequent(hits, ({ grams }) => grams, index.options.maxDocuments)
  const ignoredChecks = frequent(hits, ({ checks }) => checks, index.options.maxDocuments)
  const tallies = index.benchmarks.map(() => ({ items: new Set<number>(), documents: 0 }))
  const contaminated: Contaminated<Ref>[] = []
  const left: Hit<Ref>[] = []
  for (const hit of hits) {
    const found = countByBenchmark(index, hit, ignored)
    for (const { benchmark, grams } of found) {
      const tally = tallies[benchmark]
      if (!tally) continue
      tally.documents++
      for (const gram of grams) tally.items.add(index.grams.itemOf[gram] ?? 0)
    }
    const [most] = found
    if (most)
      contaminated.push({
        ref: hit.ref,
        benchmark: index.benchmarks[most.benchmark]?.name ?? '',
        hits: most.grams.length,
      })
    if (!most || index.options.action === 'report') left.push(hit)
  }
  const removed =
    index.options.action === 'drop' ? new Set(contaminated.map(({ ref }) => ref)) : new Set<Ref>()
  const languages = languageReports(
    index,
    parts,
    left,
    hits.filter(({ ref }) => removed.has(ref)),
    ignoredChecks,
  )
  return {
    contaminated,
    benchmarks: index.benchmarks.map(({ name, items, tooShort }, number) => ({
      name,
      items,
      tooShort,
      found: tallies[number]?.items.size ?? 0,
      documents: tallies[number]?.documents ?? 0,
      ignored: [...ignored].filter((gram) => index.grams.benchmarkOf[gram] === number).length,
    })),
    languages,
    exceeded: languages.filter(({ share, limit }) => limit !== undefined && share > limit),
  }
}

/** N-grams that more than `most` documents contain. */
function frequent<Ref>(
  hits: readonly Hit<Ref>[],
  of: (hit: Hit<Ref>) => readonly number[],
  most: number,
): Set<number> {
  const documents = new Map<number, number>()
  for (const hit of hits)
    for (const gram of of(hit)) documents.set(gram, (documents.get(gram) ?? 0) + 1)
  return new Set([...documents].filter(([, count]) => count > most).map(([gram]) => gram))
}

/**
 * The n-grams of a document that count, grouped by benchmark: only benchmarks with at least
 * `minHits` of them, the one with the most first.
 */
function countByBenchmark<Ref>(
  index: ContaminationIndex,
  hit: Hit<Ref>,
  ignored: ReadonlySet<number>,
) {
  const groups = new Map<number, number[]>()
  for (const gram of hit.grams) {
    if (ignored.has(gram)) continue
    const benchmark = index.grams.benchmarkOf[gram] ?? 0
    groups.set(benchmark, [...(groups.get(benchmark) ?? []), gram])
  }
  return [...groups]
    .map(([benchmark, grams]) => ({ benchmark, grams }))
    .filter(({ grams }) => grams.length >= index.options.minHits)
    .sort((a, b) => b.grams.length - a.grams.length || a.benchmark - b.benchmark)
}

function languageReports<Ref>(
  index: ContaminationIndex,
  parts: readonly Examined<Ref>[],
  left: readonly Hit<Ref>[],
  removed: readonly Hit<Ref>[],
  ignored: ReadonlySet<number>,
): LanguageReport[] {
  const published = new Map<string, number>()
  const add = (language: string, documents: number): void => {
    if (language !== '') published.set(language, (published.get(language) ?? 0) + documents)
  }
  for (const { languages } of parts)
    for (const [language, documents] of Object.entries(languages)) add(language, documents)
  for (const { language } of removed) add(language, -1)
  return [...published]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([language, documents]) => {
      const contaminated = left.filter(
        (hit) => hit.language === language && hit.checks.some((gram) => !ignored.has(gram)),
      ).length
      const limit = index.options.limits[language]
      const share = documents === 0 ? 0 : contaminated / documents
      return { language, documents, contaminated, share, ...(limit === undefined ? {} : { limit }) }
    })
}
