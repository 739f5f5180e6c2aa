// Whole runs, and the floor they are compared with, by the protocol of contest.ts: each pass is a
// process of its own, with all that it starts.
//   contestant.js run|floor INPUT FOLDER zstd|none [WORKERS [once]]
// `once` makes one pass in this process.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { jsonl } from '../../connectors/jsonl/index.ts'
import { createArrowFile } from '../../src/arrow/writer.ts'
import { SHARD_COLUMNS, shardColumns } from '../../src/engine/publish/shard-columns.ts'
import { documentColumns } from '../../src/engine/segments/segment.ts'
import { batchBuilder } from '../../src/engine/stage/batch-builder.ts'
import { runCorpus } from '../../src/index.ts'
import { benchContext } from '../context.ts'
import { servePasses } from '../pass.ts'

const [mode = '', input = '', folder = '', compression = 'zstd', workers = '1', once] =
  process.argv.slice(2)

/**
 * Peak memory of a run in bytes: of its workers at the end of the stage step, and of all its
 * processes.
 */
export interface RunPeaks {
  readonly stagePeak: number
  readonly peak: number
}

/** `etl run` with the filters of the main manifest. */
async function run(): Promise<RunPeaks> {
  const main = JSON.parse(readFileSync('manifests/corpus.json', 'utf8')) as Record<string, object>
  const manifest = {
    name: 'bench',
    output: 'corpus',
    sources: [{ name: 'rows', type: 'jsonl', input }],
    filters: main.filters,
    split: main.split,
    shards: { ...main.shards, compression },
  }
  const path = join(folder, 'manifest.json')
  writeFileSync(path, JSON.stringify(manifest))
  let stagePeak = 0
  let peak = 0
  await runCorpus(path, {
    workers: Number(workers),
    onEvent(event) {
      if (event.type === 'phase' && event.phase === 'dedup') stagePeak = sum(children().map(peakOf))
      if (event.type === 'done') peak = sum([process.pid, ...children()].map(peakOf))
    },
  })
  while (children().length > 0) await sleep(10) // their CPU time counts once they are gone
  return { stagePeak, peak }
}

/**
 * Reads the rows and writes them as one Arrow file, with the readers and writers of runs.
 */
async function floor(): Promise<null> {
  const context = benchContext(folder)
  const connector = await jsonl.create(jsonl.options.parse({ input }), context)
  const path = join(folder, 'floor.arrow')
  const file = await createArrowFile(context.storage, path, {
    columns: SHARD_COLUMNS,
    compression: compression === 'none' ? 'none' : 'zstd',
  })
  let builder = batchBuilder('rows', 0, 32 << 20)
  const flush = async (): Promise<void> => {
    const { rows } = builder.finish()
    await file.write(rows.batch.rows, shardColumns('rows', rows.batch.rows, documentColumns(rows)))
    builder = batchBuilder('rows', 0, 32 << 20)
  }
  for await (const partition of connector.partitions()) {
    for await (const item of connector.read(partition)) {
      if ('document' in item) builder.add(item.document)
      if (builder.bytes >= 4 << 20) await flush()
    }
  }
  await flush()
  await file.commit()
  return null
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** Ids of running child processes. */
function children(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && statOf(name)?.[1] === String(process.pid))
    .map(Number)
}

/** Fields of /proc/<pid>/stat after the name: state, parent and so on. */
function statOf(pid: string): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined // it has ended
  }
}

const peakOf = (pid: number): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024

/** CPU seconds of this process and of its ended children. */
function cpuSeconds(): number {
  const [user = 0, system = 0, theirUser = 0, theirSystem = 0] = (statOf('self') ?? [])
    .slice(11, 15)
    .map(Number)
  return (user + system + theirUser + theirSystem) / 100
}

/** Runs the mode in a process of its own, from start to end. */
function inProcess(): RunPeaks | null {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...process.argv.slice(1, 6), workers, 'once'],
    {
      encoding: 'utf8',
    },
  )
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as RunPeaks | null
}

const prepare = (): void => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
}
if (once) console.log(JSON.stringify(await (mode === 'run' ? run() : floor())))
else await servePasses(inProcess, prepare, cpuSeconds)
