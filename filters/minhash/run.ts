import { createHash } from 'node:crypto'
import { canonicalJson } from '../../src/core/canonical-json.ts'
import type { Json } from '../../src/core/document.ts'
import { EtlError } from '../../src/core/errors.ts'
import type { SketchStore } from '../../src/core/filter.ts'
import type { MinhashOptions } from './options.ts'
import { createPool, type Pool } from './pool.ts'

/**
 * What a Node process needs before it holds any data, and what each thread, the first included, has
 * not yet given back.
 */
const PROCESS_BYTES = 104 << 20
const THREAD_BYTES = 80 << 20
const LEAST_TASK_BYTES = 16 << 20

/** One deduplication: the store, and what all phases share. */
export interface Run {
  readonly store: SketchStore
  readonly options: MinhashOptions
  readonly pool: Pool
  /**
   * Bytes that one task may hold, input and output included, and likewise a table in this process.
   */
  readonly taskBytes: number
  /** Folder of this run's files. */
  readonly folder: string
  /**
   * Does a phase unless an earlier try finished it: `work` gets an empty folder to leave files in,
   * and its answer is kept. What an interrupted phase left behind is removed first.
   */
  phase<Result extends Json>(
    name: string,
    share: number,
    work: (folder: string) => Promise<Result>,
  ): Promise<Result>
  /** Removes the files of a phase that nothing reads any more. */
  forget(name: string): Promise<void>
}

/** For tests: bounds below what the memory ceiling allows, and `createPool`'s patience. */
export interface RunLimits {
  /** Bytes that a task may hold. */
  readonly taskBytes?: number | undefined
  readonly patienceMs?: number | undefined
}

/** Opens a run: its folder is named by everything that decides what the phases write. */
export function openRun(
  store: SketchStore,
  options: MinhashOptions,
  version: number,
  limits: RunLimits = {},
): Run {
  const { rows, baseRows, sources, storage } = store
  const identity = canonicalJson({ version, options, rows, baseRows, sources: [...sources] })
  const folder = `${store.folder}/${createHash('sha256').update(identity).digest('hex').slice(0, 16)}`
  const { threads, taskBytes } = planMemory(store)
  return {
    store,
    options,
    pool: createPool(threads, undefined, limits.patienceMs),
    taskBytes: Math.min(taskBytes, limits.taskBytes ?? taskBytes),
    folder,
    async phase<Result extends Json>(
      name: string,
      share: number,
      work: (folder: string) => Promise<Result>,
    ) {
      store.signal.throwIfAborted()
      store.progress(share, name)
      const marker = `${folder}/${name}.json`
      if (await storage.stat(marker))
        return JSON.parse(await readText(store, marker), moved('.', folder)) as Result
      await storage.remove(`${folder}/${name}`)
      const result = await work(`${folder}/${name}`)
      const file = await storage.create(marker)
      await file.write(new TextEncoder().encode(JSON.stringify(result, moved(folder, '.'))))
      await file.commit()
      return result
    },
    forget: (name) => storage.remove(`${folder}/${name}`),
  }
}

/**
 * Divides what the ceiling leaves beside this process as it is: a share for each task at work, one
 * for each waiting, one for a table here. Nothing else grows with the corpus. Where it is tight,
 * fewer threads work: with one, this one.
 */
function planMemory({ memoryBytes, workers }: SketchStore): { threads: number; taskBytes: number } {
  const needed = PROCESS_BYTES + THREAD_BYTES + 3 * LEAST_TASK_BYTES
  if (memoryBytes < needed) {
    const mebibytes = (bytes: number): number => Math.ceil(bytes / (1 << 20))
    throw new EtlError('memory-insufficient', {
      where: 'minhash',
      what: `deduplication needs ${mebibytes(needed)} MiB of memory, ${mebibytes(memoryBytes)} MiB are allowed`,
    })
  }
  const left = memoryBytes - Math.max(PROCESS_BYTES, process.memoryUsage.rss())
  for (let threads = Math.max(1, workers); threads > 0; threads--) {
    const others = threads > 1 ? threads : 0
    const taskBytes = Math.floor((left - (1 + others) * THREAD_BYTES) / (2 * threads + 1))
    if (taskBytes >= LEAST_TASK_BYTES) return { threads, taskBytes }
  }
  return { threads: 1, taskBytes: LEAST_TASK_BYTES }
}

/**
 * Replaces the folder that paths begin with: markers hold relative ones, so that a work folder can
 * be moved.
 */
function moved(from: string, to: string): (key: string, value: unknown) => unknown {
  return (_, value) =>
    typeof value === 'string' && value.startsWith(`${from}/`)
      ? to + value.slice(from.length)
      : value
}

async function readText({ storage }: SketchStore, path: string): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const part of storage.stream(path)) parts.push(part)
  return Buffer.concat(parts).toString()
}
