// Deduplicates synthetic documents, sketches to verdicts, and prints time and the peak memory of the whole process:
//   nice node dist/bench/duplicates/scale.js [documents = 1000000] [workers = 2] [memory in MiB = 2048]
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { minhash } from '../../filters/minhash/index.ts'
import { benchContext } from '../context.ts'
import { seededRandom } from './random.ts'
import { type Documents, sketchDocuments } from './store.ts'
import { randomWords } from './texts.ts'

const [count = '1000000', workers = '2', memory = '2048', parent = tmpdir()] = process.argv.slice(2)
const rows = Number(count)
/** Of ten documents, one is an exact copy of an earlier one and one an edited copy. */
const EXACT = 3
const EDITED = 7

const folder = await mkdtemp(join(parent, 'dedup-scale-'))
let phase = 'sketches'
let since = performance.now()
const start = since
try {
  const filter = await minhash.create(minhash.options.parse({}), benchContext(folder))
  const limits = { memoryBytes: Number(memory) * 2 ** 20, workers: Number(workers) }
  const store = await sketchDocuments(filter, syntheticDocuments(rows), folder, limits, (_, name) => report(name))
  const removed = { 'exact-duplicate': 0, 'near-duplicate': 0 }
  for await (const one of filter.decide(store)) {
    if ('alarm' in one) console.log(one.alarm.message)
    else removed[one.reason as keyof typeof removed]++
  }
  report('end')
  console.log({ rows, ...removed, seconds: seconds(start), peakMiB: Math.round(process.resourceUsage().maxRSS / 1024) })
} finally {
  await rm(folder, { recursive: true })
}

function report(next: string): void {
  console.log(
    `${phase.padEnd(12)}${seconds(since).padStart(8)} s   ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB peak so far`,
  )
  phase = next
  since = performance.now()
}

function seconds(from: number): string {
  return ((performance.now() - from) / 1000).toFixed(1)
}

/** Documents of 40 to 120 words, made of their number whenever they are asked for. */
function syntheticDocuments(total: number): Documents {
  const phrases = makePhrases()
  const half = phrases.length / 2
  const buffer = new Uint8Array(8192)
  const sources = ['s0', 's1', 's2', 's3', 's4', 's5', 's6', 's7', 's8', 's9']
  const original = (row: number): number => {
    const kind = row % 10
    return row >= 10 && (kind === EXACT || kind === EDITED) ? row - kind - 10 + (kind === EXACT ? 0 : 1) : row
  }
  return {
    rows: total,
    sources,
    id: (row) => `s${row % 10}:${row}`,
    source: (row) => row % 10,
    isCode: () => false,
    text(row) {
      const random = seededRandom(original(row))
      const edited = row % 10 === EDITED && row >= 10
      const length = 5 + random.below(10)
      const language = random.below(2) * half
      let at = 0
      for (let i = 0; i < length; i++) {
        const number = random.below(half)
        const phrase = phrases[language + ((number + (edited && i === 0 ? row : 0)) % half)]!
        buffer.set(phrase, at)
        at += phrase.length
      }
      return buffer.slice(0, at)
    },
  }
}

/** Runs of eight words, half of them English, half Arabic: so many that two texts hardly share one. */
function makePhrases(): Uint8Array[] {
  const encoder = new TextEncoder()
  const random = seededRandom(1)
  const phrases = (language: 'ar' | 'en') =>
    Array.from({ length: 1 << 17 }, () => encoder.encode(`${randomWords(random, language, 8).join(' ')} `))
  return [...phrases('en'), ...phrases('ar')]
}
