// Whole runs of `etl run`: both cores against one, against reading and writing alone, and as the
// input grows.
import { rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Contestant, contest, type Standing } from '../contest.ts'
import type { Peers } from '../peers/install.ts'
import type { RunPeaks } from './contestant.ts'
import { buildRunInputs, type RunInputs, SIZES } from './inputs.ts'

export interface RunsRing {
  readonly cache: string
  readonly peers: Peers
  readonly peersScript: string
  readonly modelPath: string
}

type Finished = Exclude<Standing, { readonly failure: string }>

const script = fileURLToPath(new URL('./contestant.js', import.meta.url))

/** Runs take long; with three, the median already ignores one disturbed run. */
const ROUNDS = 3
/** For runs that exceed their target by far, or have none. */
const SIDE_ROUNDS = 1

/** Default of `limits.memoryBytes`. */
const CEILING_BYTES = 2 ** 31

/** Runs all three and renders them as Markdown sections. */
export async function runSections(ring: RunsRing): Promise<string[]> {
  if (process.platform !== 'linux')
    return [
      '## Whole runs\n\nMeasured on Linux only: other systems do not say what child processes used.',
    ]
  const inputs = await buildRunInputs(ring.peers.python, ring.cache)
  if (inputs === undefined)
    return ['## Whole runs\n\nNot measured: the word lists for their text are not installed.']
  try {
    return [await cores(inputs), await against(inputs, ring), await growth(inputs)]
  } finally {
    rmSync(outputs, { recursive: true, force: true })
  }
}

/** Folder of the contestants' output. */
const outputs = join(tmpdir(), `cosmos-bench-${process.pid}`)

function contestant(
  name: string,
  input: string,
  {
    mode = 'run',
    compression = 'zstd',
    workers = 1,
  }: { mode?: string; compression?: string; workers?: number } = {},
): Contestant {
  const folder = join(outputs, name.replaceAll(/\W+/g, '-'))
  return {
    name,
    command: [process.execPath, script, mode, input, folder, compression, String(workers)],
  }
}

function finished(standings: readonly Standing[]): Finished[] {
  return standings.map((standing) => {
    if ('failure' in standing) throw new Error(`${standing.name}: ${standing.failure}`)
    return standing
  })
}

const mega = (bytes: number): string => (bytes / 1e6).toFixed(0)
const peaks = ({ results }: Finished): RunPeaks => results as RunPeaks

/** Other load on the machine decides this result: two processes need two free cores. */
async function cores({ folder: { path, files, bytes } }: RunInputs): Promise<string> {
  const load = loadavg()[0]?.toFixed(1)
  const { name, command } = contestant('1 core, 1 worker', path)
  const oneCore = { name, command: ['taskset', '-c', '0', ...command] }
  const standings = finished(
    await contest([contestant('2 cores, 2 workers', path, { workers: 2 }), oneCore], ROUNDS),
  )
  const rows = standings.map(({ name, wallSeconds, cpuSeconds, wallRatio, ...rest }, i) => {
    const rate = (bytes / wallSeconds / 1e6).toFixed(1)
    const gain = i === 0 ? '' : `**${wallRatio.toFixed(2)}×** (at least 1.7×, aim 1.9×)`
    return `| ${name} | ${rate} | ${wallSeconds.toFixed(1)} | ${cpuSeconds.toFixed(1)} | ${mega(peaks({ name, wallSeconds, cpuSeconds, wallRatio, ...rest }).peak)} | ${gain} |`
  })
  return `## \`etl run\` on a folder of NDJSON, two cores against one

${mega(bytes)} MB of text in ${files} files, filters of the main manifest. The ratio is of wall time within a
round; load average ${load} before it.

| | MB/s of wall time | wall s | CPU s | peak MB, all processes | two are faster by |
|---|---|---|---|---|---|
${rows.join('\n')}`
}

async function against({ compressed, grown }: RunInputs, ring: RunsRing): Promise<string> {
  const pair = (compression: 'none' | 'zstd', how: string) =>
    [
      contestant(`etl run, ${how}`, compressed.path, { compression }),
      contestant(`decompress, parse, write Arrow, ${how}`, compressed.path, {
        mode: 'floor',
        compression,
      }),
    ] as const
  const bare = pair('none', 'no shard compressed')
  const plain = finished(await contest(bare, ROUNDS))
  const packed = finished(await contest(pair('zstd', 'shards compressed'), SIDE_ROUNDS))
  // Measured apart, so that runs and their floor follow each other at once and each finds the
  // memory that the one before has freed.
  const [floor, cpp] = ring.peers.missing.has('fasttext')
    ? []
    : finished(await contest([bare[1], fastTextAlone(grown[16].path, ring)], SIDE_ROUNDS))
  const shares = ({ ratio, wallRatio }: Finished): string =>
    `**${ratio.toFixed(2)}×** (at least 0.3×, aim 0.5×) | ${wallRatio.toFixed(2)}×`
  const row = (standing: Finished, bytes: number, against: string): string => {
    const { name, cpuSeconds, wallSeconds } = standing
    return `| ${name} | ${(bytes / cpuSeconds / 1e6).toFixed(1)} | ${cpuSeconds.toFixed(2)} | ${wallSeconds.toFixed(1)} | ${against} |`
  }
  const rows = [plain, packed].flatMap((standings) =>
    standings.map((standing, i) =>
      row(standing, compressed.bytes, i === 1 ? shares(standing) : ' | '),
    ),
  )
  if (cpp) rows.push(row(cpp, grown[16].bytes, ' | '))
  const times = cpp
    ? `is **${(cpp.cpuSeconds / grown[16].bytes / (floor!.cpuSeconds / compressed.bytes)).toFixed(1)}×**`
    : 'was not measured'
  return `## \`etl run\` on NDJSON.zst against only decompressing, parsing and writing Arrow

${mega(compressed.bytes)} MB of text in one zstd frame (an eighth of it for fastText); one process works
at a time. Both are measured from start to end of their processes, children included. A run has
filters, deduplication, shards, ledger, dropped documents and report; the floor has our reader and
writer only.

| | MB/s of CPU time | CPU s | wall s | the run is as fast by | by the clock |
|---|---|---|---|---|---|
${rows.join('\n')}

Reading and writing alone, without compression, against C++ fastText ${times}; below 8× the comparison says little.`
}

function fastTextAlone(input: string, { peers, peersScript, modelPath }: RunsRing): Contestant {
  return {
    name: 'C++ fastText alone',
    command: [peers.python, peersScript, 'fasttext', input, modelPath],
  }
}

async function growth({ grown }: RunInputs): Promise<string> {
  const standings = finished(
    await contest(
      SIZES.map((size) => contestant(`${size}`, grown[size].path)),
      SIDE_ROUNDS,
    ),
  )
  const first = standings[0]!
  const rows = standings.map((standing, i) => {
    const { stagePeak, peak } = peaks(standing)
    const growth = `${((stagePeak / peaks(first).stagePeak - 1) * 100).toFixed(0)} %`
    const time = `${(standing.cpuSeconds / first.cpuSeconds).toFixed(1)}×`
    return `| ${mega(grown[SIZES[i]!].bytes)} MB | ${mega(stagePeak)} | ${i === 0 ? '' : growth} | ${mega(peak)} | ${standing.cpuSeconds.toFixed(1)} | ${i === 0 ? '' : time} |`
  })
  return `## \`etl run\` as its input grows

One file, one worker. The stage step should not grow (within 10 %), the whole run should stay below
the ${mega(CEILING_BYTES)} MB it declares, and 16 times the text should take at most 17 times as long.

| text | peak MB of the stage step | more than the smallest | peak MB of all processes | CPU s | longer than the smallest |
|---|---|---|---|---|---|
${rows.join('\n')}`
}
