import { createHash } from 'node:crypto'
import { canonicalJson } from '../../src/core/canonical-json.ts'
import type { Json } from '../../src/core/document.ts'
import { EtlError } from '../../src/core/errors.ts'
import type { SketchStore } from '../../src/core/filter.ts'
import type { MinhashOptions } from './options.ts'
import { createPool, type Pool } from './pool.ts'

/**
 * Memory of a Node process without any data, and garbage that each thread, the first included, has
 * not yet freed.
 */
const PROCESS_BYTES = 104 << 20
const THREAD_BYTES = 80 << 20
const LEAST_TASK_BYTES = 16 << 20

/** One deduplication: the store, and everything its phases share. */
export interface Run {
  readonly store: SketchStore
  readonly options: MinhashOptions
  readonly pool: Pool
  /**
   * Most bytes of a task, including input and output; also the limit of a table in this process.
   */
  readonly taskBytes: number
  /** Folder of this run's files. */
  readonly folder: string
  /**
   * Runs a phase unless it is already finished. `work` gets an empty folder for its files, and its
   * result is recorded. Files of an interrupted phase are removed first.
   */
  phase<Result extends Json>(
    name: string,
    share: number,
    work: (folder: string) => Promise<Result>,
  ): Promise<Result>
  /** Removes the files of a phase that are no longer needed. */
  forget(name: string): Promise<void>
}

/** For tests: bounds below what the memory ceiling allows, and `createPool`'s patience. */
export interface RunLimits {
  /** Bytes that a task may hold. */
  readonly taskBytes?: number | undefined
  readonly patienceMs?: number | undefined
}

/**
 * Opens a run. Its folder is named by a hash of everything that determines what the phases write.
 */
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
 * Divides the memory below the ceiling that this process does not use yet: a share for each running
 * task, each waiting task, and one table. Nothing else grows with the corpus. If memory is tight,
 * fewer threads work, and a single one is this thread.
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
 * Replaces the folder that paths begin with. Markers hold relative paths, so a work folder can be
 * moved.
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
