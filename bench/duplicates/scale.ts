// Deduplicates synthetic documents, sketches to verdicts, and prints time and the peak memory of the whole process:
//   nice node dist/bench/duplicates/scale.js [documents = 1000000] [workers = 2] [memory in MiB = 2048]
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { minhash } from '../../filters/minhash/index.ts'
import { benchContext } from '../context.ts'
import { sketchDocuments } from './store.ts'
import { syntheticDocuments } from './synthetic.ts'

const [count = '1000000', workers = '2', memory = '2048', parent = tmpdir()] = process.argv.slice(2)
const rows = Number(count)
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
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  const cpuSeconds = ((userCPUTime + systemCPUTime) / 1e6).toFixed(1)
  console.log({ rows, ...removed, seconds: seconds(start), cpuSeconds, peakMiB: Math.round(maxRSS / 1024) })
} finally {
  await rm(folder, { recursive: true })
}

function report(next: string): void {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  const cpu = ((userCPUTime + systemCPUTime) / 1e6).toFixed(1)
  console.log(
    `${phase.padEnd(12)}${seconds(since).padStart(8)} s   ${cpu.padStart(8)} s CPU so far   ${Math.round(maxRSS / 1024)} MiB peak so far`,
  )
  phase = next
  since = performance.now()
}

function seconds(from: number): string {
  return ((performance.now() - from) / 1000).toFixed(1)
}
