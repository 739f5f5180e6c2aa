// What is compared with what, and how the results are printed.
import { type Contestant, contest, type Standing } from './contest.ts'
import type { Peers } from './peers/install.ts'
import type { NpmPeers } from './peers/npm.ts'
import type { BenchTexts } from './texts.ts'

interface Rival {
  /** Mode of peers/peers.py, or of tokens/contestant.ts for one from npm. */
  readonly mode: string
  readonly name: string
  readonly fromNpm?: boolean
  /** Whether it is our own plain-redaction.ts. */
  readonly isPlain?: boolean
  /** Python modules, or npm packages, that it needs. */
  readonly modules: readonly string[]
  /** The ratio that must be reached, and the one we aim at. */
  readonly least?: number
  readonly aim?: number
}

interface Comparison {
  readonly name: string
  readonly title: string
  /** Documents used instead of the common ones. */
  readonly texts?: 'snippets' | 'english' | 'arabic'
  /** How `results` are compared. */
  readonly agreement?: 'labels' | 'ids' | 'counts'
  /** Mode of ours.ts, or of tokens/contestant.ts where ids are compared. */
  readonly mode: string
  readonly rivals: readonly Rival[]
  /** Fewer than usual if a rival takes minutes. */
  readonly rounds?: number
}

const FASTTEXT: Rival = { mode: 'fasttext', name: 'C++ fastText', modules: ['fasttext'] }

const TOKENIZERS: readonly Rival[] = [
  { mode: 'sentencepiece', name: 'SentencePiece (C++)', modules: ['sentencepiece'] },
  ...[
    { mode: 'tokenizers', name: 'npm tokenizers (Rust)', modules: ['tokenizers'] },
    {
      mode: 'sentencepiece-js',
      name: 'npm @sctg/sentencepiece-js',
      modules: ['@sctg/sentencepiece-js'],
    },
    {
      mode: 'gpt-tokenizer',
      name: 'npm gpt-tokenizer, with cl100k instead',
      modules: ['gpt-tokenizer'],
    },
    { mode: 'tiktoken', name: 'npm tiktoken, with cl100k instead', modules: ['tiktoken'] },
  ].map((rival) => ({ ...rival, fromNpm: true, least: 5, aim: 8 })),
]

/** Every comparison, in the order of the report. */
export const COMPARISONS: readonly Comparison[] = [
  {
    name: 'languages',
    title: 'Language identification, lid.176.ftz, whole documents',
    mode: 'languages',
    agreement: 'labels',
    rivals: [{ ...FASTTEXT, least: 5, aim: 8 }],
  },
  {
    name: 'languages-of-snippets',
    title: 'The same, short documents in a hundred languages',
    texts: 'snippets',
    mode: 'languages',
    agreement: 'labels',
    rivals: [{ ...FASTTEXT, least: 5, aim: 8 }],
  },
  {
    name: 'signatures',
    title: 'MinHash signatures, 112 values over word 5-grams',
    mode: 'minhash',
    rounds: 1,
    rivals: [
      {
        mode: 'datatrove-signatures',
        name: 'datatrove',
        modules: ['datatrove.pipeline.dedup'],
        least: 40,
        aim: 100,
      },
      { mode: 'datasketch', name: 'datasketch', modules: ['datasketch'] },
      { mode: 'rensa', name: 'rensa (Rust)', modules: ['rensa'] },
      { mode: 'text-dedup', name: 'text-dedup', modules: ['text_dedup.minhash'] },
    ],
  },
  {
    name: 'redaction',
    title: 'Personal data and secrets, found and redacted',
    mode: 'pii',
    agreement: 'counts',
    rivals: [
      {
        mode: 'pii',
        name: 'the same patterns as V8 regular expressions',
        modules: [],
        isPlain: true,
        least: 8,
        aim: 12,
      },
      {
        mode: 'datatrove-pii',
        name: 'datatrove (e-mails and IP addresses only)',
        modules: ['datatrove.pipeline.dedup'],
      },
    ],
  },
  {
    name: 'statistics',
    title: 'Quality statistics of prose: words, lines, repetition',
    mode: 'quality',
    rounds: 1,
    rivals: [
      {
        mode: 'datatrove-quality',
        name: 'datatrove: Gopher, C4, FineWeb',
        modules: ['datatrove.pipeline.dedup'],
      },
    ],
  },
  {
    name: 'manifest-chain',
    title: 'Row filters of the main manifest in a chain: normalise, pii, ads, langid, signatures',
    mode: 'normalise+pii+ads+langid+minhash',
    rivals: [{ ...FASTTEXT, name: 'C++ fastText alone', least: 3.5, aim: 5 }],
  },
  {
    name: 'full-chain',
    title: 'The same with quality statistics',
    mode: 'normalise+pii+ads+quality+langid+minhash',
    rounds: 1,
    rivals: [
      { ...FASTTEXT, name: 'C++ fastText alone', least: 3.5, aim: 5 },
      {
        mode: 'datatrove-chain',
        name: 'datatrove: language, redaction, Gopher, C4, FineWeb, signatures',
        modules: ['datatrove.pipeline.dedup', 'fasttext'],
        least: 15,
        aim: 30,
      },
    ],
  },
  {
    name: 'tokens-english',
    title: 'Token encoding, English',
    texts: 'english',
    mode: 'ours',
    agreement: 'ids',
    rivals: TOKENIZERS,
  },
  {
    name: 'tokens-arabic',
    title: 'Token encoding, Arabic',
    texts: 'arabic',
    mode: 'ours',
    agreement: 'ids',
    rivals: TOKENIZERS,
  },
]

/** What every contestant needs to know. */
export interface Ring {
  readonly texts: BenchTexts
  /** Documents for some comparisons only; undefined if their inputs are not available. */
  readonly others: (name: NonNullable<Comparison['texts']>) => BenchTexts | undefined
  readonly modelPath: string
  /** Folder of the vocabulary of all tokenizers. */
  readonly vocabulary: () => string
  readonly peers: Peers
  readonly npm: NpmPeers
  readonly rounds: number
  /** Paths of ours.js, plain-redaction.js, tokens/contestant.js and peers.py. */
  readonly scripts: Readonly<Record<'ours' | 'plain' | 'tokens' | 'peers', string>>
}

/** Runs one comparison and renders it as a Markdown section. */
export async function compare(comparison: Comparison, ring: Ring): Promise<string> {
  const { title, agreement, rivals } = comparison
  const texts = comparison.texts === undefined ? ring.texts : ring.others(comparison.texts)
  if (texts === undefined)
    return `## ${title}\n\nNot compared: the word lists for its text are not installed.`
  const missing = ({ fromNpm, modules }: Rival): string[] =>
    modules.flatMap(
      (module) => (fromNpm === true ? ring.npm : ring.peers).missing.get(module) ?? [],
    )
  const present = rivals.filter((rival) => missing(rival).length === 0)
  const contestants = contestantsOf(comparison, present, texts, ring)
  const standings = await contest(contestants, comparison.rounds ?? ring.rounds)
  const rows = standings.map((standing, i) => row(standing, present[i - 1], texts.bytes))
  for (const rival of rivals) {
    if (present.includes(rival)) continue
    rows.push(`| ${rival.name} | not installed: ${missing(rival).join(' ')} | | | | |`)
  }
  const head =
    '| | MB/s of CPU time | CPU s | wall s | peak MB | ours is faster by |\n|---|---|---|---|---|---|'
  const remarks =
    agreement === undefined
      ? ''
      : `\n\n${{ labels: labelAgreement, ids: idAgreement, counts: countAgreement }[agreement](standings)}`
  return `## ${title}\n\n${head}\n${rows.join('\n')}${remarks}`
}

/** Ours, then the rivals. */
function contestantsOf(
  { mode, agreement }: Comparison,
  rivals: readonly Rival[],
  texts: BenchTexts,
  { scripts, peers, npm, ...ring }: Ring,
): Contestant[] {
  const model = agreement === 'ids' ? ring.vocabulary() : ring.modelPath
  const tokens = (name: string): string[] => [
    process.execPath,
    scripts.tokens,
    name,
    texts.path,
    model,
    npm.folder,
  ]
  const ours =
    agreement === 'ids' ? tokens(mode) : [process.execPath, scripts.ours, mode, texts.path, model]
  const command = ({ mode, fromNpm, isPlain }: Rival): string[] => {
    if (isPlain === true) return [process.execPath, scripts.plain, mode, texts.path]
    return fromNpm === true ? tokens(mode) : [peers.python, scripts.peers, mode, texts.path, model]
  }
  return [
    { name: 'cosmos-etl', command: ours, warmUp: WARM_UP },
    ...rivals.map((rival) => ({
      name: rival.name,
      command: command(rival),
      warmUp: rival.isPlain === true || rival.fromNpm === true ? WARM_UP : 0,
    })),
  ]
}

/**
 * Seconds of warm-up for contestants that run in V8, which compiles code while it runs. Processing
 * a corpus takes longer than a pass.
 */
const WARM_UP = 4

function row(standing: Standing, rival: Rival | undefined, bytes: number): string {
  if ('failure' in standing) return `| ${standing.name} | failed: ${standing.failure} | | | | |`
  const { name, cpuSeconds, wallSeconds, peakBytes, ratio } = standing
  const wanted = rival?.least === undefined ? '' : ` (at least ${rival.least}×, aim ${rival.aim}×)`
  const faster = rival === undefined ? '' : `**${ratio.toFixed(1)}×**${wanted}`
  const rate = (bytes / cpuSeconds / 1e6).toFixed(1)
  return `| ${name} | ${rate} | ${cpuSeconds.toFixed(2)} | ${wallSeconds.toFixed(2)} | ${(peakBytes / 1e6).toFixed(0)} | ${faster} |`
}

/** Compares our labels and probabilities with the peer's. */
function labelAgreement(standings: readonly Standing[]): string {
  const [ours, theirs] = standings.map((standing) =>
    'results' in standing ? (standing.results as [string, number][]) : undefined,
  )
  if (ours === undefined || theirs === undefined) return 'Labels were not compared.'
  const equal = ours.filter(([label], i) => label === theirs[i]?.[0]).length
  const differences = ours.map(([, probability], i) =>
    Math.abs(probability - (theirs[i]?.[1] ?? Number.NaN)),
  )
  return `Equal top labels: ${equal} of ${ours.length}; largest difference of probabilities ${Math.max(...differences).toExponential(1)}.`
}

/** Counts the documents for which each peer with the same vocabulary returns the same ids. */
function idAgreement(standings: readonly Standing[]): string {
  const [ours, ...theirs] = standings.flatMap((standing) =>
    'results' in standing && Array.isArray(standing.results)
      ? [{ name: standing.name, ids: standing.results as readonly string[] }]
      : [],
  )
  if (ours?.name !== 'cosmos-etl') return 'Ids were not compared.'
  const equal = theirs.map(
    ({ name, ids }) => `${name} ${ids.filter((digest, i) => digest === ours.ids[i]).length}`,
  )
  return `Documents, of ${ours.ids.length}, that get the same ids from: ${equal.join(', ')}. The cache of words is empty when each pass of ours begins.`
}

/** Counts the documents in which the regular expressions find as many matches of every kind. */
function countAgreement([ours, plain]: readonly Standing[]): string {
  if (ours === undefined || plain === undefined || 'failure' in ours || 'failure' in plain)
    return 'Nothing was compared.'
  const [counts, theirs] = [ours.results as readonly string[], plain.results as readonly string[]]
  const equal = counts.filter((count, i) => count === theirs[i]).length
  const found = counts.reduce(
    (sum, count) => sum + count.split(' ').reduce((all, n) => all + Number(n), 0),
    0,
  )
  return `Documents, of ${counts.length}, in which the regular expressions find the same number of everything: ${equal}; ${found} things in all.`
}
