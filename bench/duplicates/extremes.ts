// Corpora that break careless deduplication, chosen by name: copies, alike, empty, words, huge,
// twins. nice node dist/bench/duplicates/extremes.js <corpus> [documents = 1000000] [memory in MiB
// = 2048] [huge text in MB = 200]
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { minhash } from '../../filters/minhash/index.ts'
import { benchContext } from '../context.ts'
import { sketchDocuments } from './store.ts'

const encoder = new TextEncoder()
const body = Array.from({ length: 100 }, (_, i) => `word${i * 7}`).join(' ')
/** One word in this many differs between two huge texts. */
const TWINS_DIFFER = 1000

const CORPORA: Record<string, (row: number) => Uint8Array> = {
  copies: () => encoder.encode(body),
  alike: (row) => encoder.encode(`${body} tail${row}`),
  empty: () => new Uint8Array(0),
  words: (row) => encoder.encode(`word${row % 1000}`),
  huge: (row) => (row === 0 ? hugeText(row) : encoder.encode(`${body} tail${row}`)),
  twins: (row) => (row < 2 ? hugeText(row) : encoder.encode(`${body} tail${row}`)),
}

const [name = 'copies', count = '1000000', memory = '2048', hugeMegabytes = '200'] =
  process.argv.slice(2)
const text = CORPORA[name]
if (!text) throw new Error(`no corpus ${name}: there are ${Object.keys(CORPORA).join(', ')}`)
const folder = await mkdtemp(join(tmpdir(), 'extremes-'))
try {
  const filter = await minhash.create(minhash.options.parse({}), benchContext(folder))
  const documents = { rows: Number(count), sources: ['s'], id: (row: number) => `s:${row}`, text }
  const start = cpuSeconds()
  const store = await sketchDocuments(
    filter,
    { ...documents, source: () => 0, isCode: () => false },
    folder,
    {
      memoryBytes: Number(memory) * 2 ** 20,
      workers: 2,
    },
  )
  const sketched = cpuSeconds()
  const removed: Record<string, number> = {}
  for await (const one of filter.decide(store)) {
    if ('alarm' in one) console.log(one.alarm.message)
    else removed[one.reason] = (removed[one.reason] ?? 0) + 1
  }
  const cpu = {
    sketches: (sketched - start).toFixed(1),
    verdicts: (cpuSeconds() - sketched).toFixed(1),
  }
  console.log({
    name,
    rows: documents.rows,
    removed,
    cpu,
    peakMiB: Math.round(process.resourceUsage().maxRSS / 1024),
  })
} finally {
  await rm(folder, { recursive: true })
}

function cpuSeconds(): number {
  const { userCPUTime, systemCPUTime } = process.resourceUsage()
  return (userCPUTime + systemCPUTime) / 1e6
}

/** Words that hardly repeat, nearly the same for any number. */
function hugeText(number: number): Uint8Array {
  const bytes = new Uint8Array(Number(hugeMegabytes) * 1e6)
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const seed = i % TWINS_DIFFER === 0 ? i + number * 0x40000000 : i
    at +=
      encoder.encodeInto(`${(Math.imul(seed, 0x9e3779b1) >>> 0).toString(36)} `, bytes.subarray(at))
        .written || 1
  }
  return bytes
}
