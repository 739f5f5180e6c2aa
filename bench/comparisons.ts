// What is compared with what, and how the figures are told.
import { type Contestant, contest, type Standing } from './contest.ts'
import type { Peers } from './peers/install.ts'
import type { BenchTexts } from './texts.ts'

interface Rival {
  /** Mode of peers/peers.py. */
  readonly mode: string
  readonly name: string
  /** Python modules it cannot do without. */
  readonly modules: readonly string[]
  /** The ratio we hold ourselves to, and the one we aim at. */
  readonly least?: number
  readonly aim?: number
}

interface Comparison {
  readonly name: string
  readonly title: string
  /** Short documents of real text only instead of the common ones. */
  readonly onSnippets?: boolean
  /** Mode of ours.ts. */
  readonly mode: string
  readonly rivals: readonly Rival[]
  /** Fewer than usual where a rival takes minutes. */
  readonly rounds?: number
}

const FASTTEXT: Rival = { mode: 'fasttext', name: 'C++ fastText', modules: ['fasttext'] }

/** Every comparison, in the order of the report. */
export const COMPARISONS: readonly Comparison[] = [
  {
    name: 'languages',
    title: 'Language identification, lid.176.ftz, whole documents',
    mode: 'languages',
    rivals: [{ ...FASTTEXT, least: 5, aim: 8 }],
  },
  {
    name: 'languages-of-snippets',
    title: 'The same, short documents in a hundred languages',
    onSnippets: true,
    mode: 'languages',
    rivals: [{ ...FASTTEXT, least: 5, aim: 8 }],
  },
  {
    name: 'signatures',
    title: 'MinHash signatures, 112 values over word 5-grams',
    mode: 'minhash',
    rounds: 1,
    rivals: [
      { mode: 'datatrove-signatures', name: 'datatrove', modules: ['datatrove'], least: 40, aim: 100 },
      { mode: 'datasketch', name: 'datasketch', modules: ['datasketch'] },
      { mode: 'rensa', name: 'rensa (Rust)', modules: ['rensa'] },
      { mode: 'text-dedup', name: 'text-dedup', modules: ['text_dedup.minhash'] },
    ],
  },
  {
    name: 'redaction',
    title: 'Personal data and secrets, found and redacted',
    mode: 'pii',
    rivals: [{ mode: 'datatrove-pii', name: 'datatrove (e-mails and IP addresses only)', modules: ['datatrove'] }],
  },
  {
    name: 'manifest-chain',
    title: 'Row filters of the main manifest in a chain: pii, ads, langid, signatures',
    mode: 'pii+ads+langid+minhash',
    rivals: [{ ...FASTTEXT, name: 'C++ fastText alone', least: 3.5, aim: 5 }],
  },
  {
    name: 'full-chain',
    title: 'The same with quality statistics',
    mode: 'pii+ads+quality+langid+minhash',
    rounds: 1,
    rivals: [
      { ...FASTTEXT, name: 'C++ fastText alone', least: 3.5, aim: 5 },
      {
        mode: 'datatrove-chain',
        name: 'datatrove: language, redaction, Gopher, C4, FineWeb, signatures',
        modules: ['datatrove', 'fasttext'],
        least: 15,
        aim: 30,
      },
    ],
  },
]

/** What every contestant needs to know. */
export interface Ring {
  readonly texts: BenchTexts
  readonly snippets: BenchTexts
  readonly modelPath: string
  readonly peers: Peers
  readonly rounds: number
  /** Paths of ours.js and peers.py. */
  readonly ours: string
  readonly peersScript: string
}

/** Runs one comparison and renders it as a Markdown section. */
export async function compare(comparison: Comparison, ring: Ring): Promise<string> {
  const { peers, modelPath } = ring
  const texts = comparison.onSnippets ? ring.snippets : ring.texts
  const absent = comparison.rivals.filter(({ modules }) => modules.some((module) => peers.missing.has(module)))
  const present = comparison.rivals.filter((rival) => !absent.includes(rival))
  const contestants: Contestant[] = [
    { name: 'cosmos-etl', command: [process.execPath, ring.ours, comparison.mode, texts.path, modelPath] },
    ...present.map(({ name, mode }) => ({
      name,
      command: [peers.python, ring.peersScript, mode, texts.path, modelPath],
    })),
  ]
  const standings = await contest(contestants, comparison.rounds ?? ring.rounds)
  const rows = standings.map((standing, i) => row(standing, present[i - 1], texts.bytes))
  for (const { name, modules } of absent) {
    rows.push(
      `| ${name} | not installed: ${modules.map((module) => peers.missing.get(module) ?? '').join(' ')} | | | | |`,
    )
  }
  const head = '| | MB/s of CPU time | CPU s | wall s | peak MB | ours is faster by |\n|---|---|---|---|---|---|'
  const agreement = comparison.mode === 'languages' ? `\n\n${labelAgreement(standings)}` : ''
  return `## ${comparison.title}\n\n${head}\n${rows.join('\n')}${agreement}`
}

function row(standing: Standing, rival: Rival | undefined, bytes: number): string {
  if ('failure' in standing) return `| ${standing.name} | failed: ${standing.failure} | | | | |`
  const { name, cpuSeconds, wallSeconds, peakBytes, ratio } = standing
  const wanted = rival?.least === undefined ? '' : ` (at least ${rival.least}×, aim ${rival.aim}×)`
  const faster = rival === undefined ? '' : `**${ratio.toFixed(1)}×**${wanted}`
  const rate = (bytes / cpuSeconds / 1e6).toFixed(1)
  return `| ${name} | ${rate} | ${cpuSeconds.toFixed(2)} | ${wallSeconds.toFixed(2)} | ${(peakBytes / 1e6).toFixed(0)} | ${faster} |`
}

/** How far our labels and probabilities are from the peer's. */
function labelAgreement(standings: readonly Standing[]): string {
  const [ours, theirs] = standings.map((standing) =>
    'results' in standing ? (standing.results as [string, number][]) : undefined,
  )
  if (ours === undefined || theirs === undefined) return 'Labels were not compared.'
  const equal = ours.filter(([label], i) => label === theirs[i]?.[0]).length
  const differences = ours.map(([, probability], i) => Math.abs(probability - (theirs[i]?.[1] ?? Number.NaN)))
  return `Equal top labels: ${equal} of ${ours.length}; largest difference of probabilities ${Math.max(...differences).toExponential(1)}.`
}
