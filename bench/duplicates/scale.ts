// Deduplicates synthetic documents and prints time and memory. Processes of their own make the
// documents and their sketches, as the engine's workers do, so that the peak is that of
// deduplication: nice node dist/bench/duplicates/scale.js [documents = 1000000] [workers = 2]
// [memory in MiB = 2048] [folder]
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { minhash } from '../../filters/minhash/index.ts'
import { benchContext } from '../context.ts'
import { openDocuments } from './store.ts'
import { syntheticIds } from './synthetic.ts'

const WRITER = new URL('./scale-writer.js', import.meta.url)
/** Scheduler statistics of this thread: nanoseconds on a core first. Linux only. */
const THREAD_TIME = '/proc/thread-self/schedstat'

const [count = '1000000', workers = '2', memory = '2048', parent = tmpdir()] = process.argv.slice(2)
const rows = Number(count)
const parts = Number(workers)
const folder = await mkdtemp(join(parent, 'dedup-scale-'))
const start = performance.now()
try {
  const sketchSeconds = await writeAll()
  console.log(
    `sketches    ${seconds(start).padStart(8)} s   ${sketchSeconds.toFixed(1).padStart(8)} s CPU`,
  )
  let phase = 'open'
  let since = used()
  const report = (next: string): void => {
    const now = used()
    const [wall, cpu, first] = now.map((value, i) =>
      (value - (since[i] ?? 0)).toFixed(2).padStart(8),
    )
    console.log(
      `${phase.padEnd(12)}${wall} s   ${cpu} s CPU   ${first} s of it the first thread   ${peakMiB()} MiB peak`,
    )
    phase = next
    since = used()
  }
  const filter = await minhash.create(minhash.options.parse({}), benchContext(folder))
  const limits = { memoryBytes: Number(memory) * 2 ** 20, workers: parts }
  const store = openDocuments(
    filter,
    syntheticIds(rows),
    folder,
    limits,
    (_, name) => report(name),
    parts,
  )
  const removed = { 'exact-duplicate': 0, 'near-duplicate': 0 }
  const before = used()
  for await (const one of filter.decide(store)) {
    if ('alarm' in one) console.log(one.alarm.message)
    else removed[one.reason as keyof typeof removed]++
  }
  report('end')
  const [wall, cpu, first] = used().map((value, i) => (value - (before[i] ?? 0)).toFixed(1))
  console.log({
    rows,
    ...removed,
    seconds: seconds(start),
    cpuSeconds: (sketchSeconds + (used()[1] ?? 0)).toFixed(1),
    verdicts: `${wall} s, ${cpu} s CPU, ${first} s of it the first thread`,
    peakMiB: peakMiB(),
  })
} finally {
  await rm(folder, { recursive: true })
}

/** Makes every part in a process of its own. Returns the CPU seconds of all. */
async function writeAll(): Promise<number> {
  const writers = Array.from({ length: parts }, async (_, part) => {
    const writer = fork(WRITER, [folder, count, String(part), String(parts)])
    const [[cpuSeconds]] = await Promise.all([once(writer, 'message'), once(writer, 'exit')])
    return cpuSeconds as number
  })
  return (await Promise.all(writers)).reduce((sum, cpuSeconds) => sum + cpuSeconds, 0)
}

/** Seconds so far: wall time, CPU time, and CPU time of this thread. */
function used(): [wall: number, cpu: number, first: number] {
  const { user, system } = process.cpuUsage()
  const first = existsSync(THREAD_TIME)
    ? Number(readFileSync(THREAD_TIME, 'utf8').split(' ')[0]) / 1e9
    : Number.NaN
  return [performance.now() / 1000, (user + system) / 1e6, first]
}

function peakMiB(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024)
}

function seconds(from: number): string {
  return ((performance.now() - from) / 1000).toFixed(1)
}
