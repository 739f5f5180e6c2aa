import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { createWorker, type Worker } from 'tesseract.js'
import { type Grey, pgm } from './raster.ts'

/** A recognised word. `confidence` is 0 to 100. */
export interface ReadWord {
  readonly text: string
  readonly confidence: number
}

/** A recognised line. Its edges are in pixels of the picture. */
export interface ReadLine {
  readonly words: readonly ReadWord[]
  readonly left: number
  readonly right: number
}

/** Recognises the lines of one column of text. Several calls may run at once. */
export interface Engine {
  /** Name and version; part of the cache key of a result. */
  readonly name: string
  /** Number of columns it reads in parallel. */
  readonly parallel: number
  read(column: Grey): Promise<ReadLine[]>
  /** Stops all threads. Pending reads fail. */
  close(): Promise<void>
}

const require = createRequire(import.meta.url)

/**
 * An engine that runs tesseract.js with the language data of the npm packages. Nothing is
 * downloaded and nothing is written to disk.
 */
export function embeddedEngine(language: Language, threads: number): Engine {
  const parallel = Math.max(1, Math.min(threads, availableParallelism()))
  const idle: Worker[] = []
  const all: Promise<Worker>[] = []
  const waiting: ((worker: Worker) => void)[] = []
  const failures = new Set<(error: Error) => void>()
  const fail = (error: unknown): void => {
    for (const reject of failures) reject(error instanceof Error ? error : new Error(String(error)))
  }

  async function take(): Promise<Worker> {
    const free = idle.pop()
    if (free) return free
    if (all.length >= parallel) return new Promise((resolve) => waiting.push(resolve))
    const worker = startWorker(language, fail)
    all.push(worker)
    return worker
  }
  function giveBack(worker: Worker): void {
    const next = waiting.shift()
    if (next) next(worker)
    else idle.push(worker)
  }

  return {
    name: 'tesseract.js 7.0.0',
    parallel,
    async read(column) {
      const worker = await take()
      let reject: (error: Error) => void = () => {}
      const died = new Promise<never>((_, no) => {
        reject = no
      })
      failures.add(reject)
      try {
        const { data } = await Promise.race([
          worker.recognize(pgm(column), {}, { blocks: true }),
          died,
        ])
        const lines = (data.blocks ?? []).flatMap(({ paragraphs }) =>
          paragraphs.flatMap(({ lines }) => lines),
        )
        return lines.map(({ words, bbox }) => ({
          words: words.map(({ text, confidence }) => ({ text, confidence })),
          left: bbox.x0,
          right: bbox.x1,
        }))
      } finally {
        failures.delete(reject)
        giveBack(worker)
      }
    },
    async close() {
      fail(new Error('aborted: the recogniser was closed'))
      const started = await Promise.allSettled(all.splice(0))
      await Promise.all(
        started.map((result) =>
          result.status === 'fulfilled' ? result.value.terminate() : undefined,
        ),
      )
    },
  }
}

/** Languages whose data is bundled with the project. */
export const LANGUAGES = ['ara', 'eng'] as const

/** One of the bundled languages. */
export type Language = (typeof LANGUAGES)[number]

/**
 * Starts one recogniser thread. On processors with relaxed SIMD, tesseract.js would choose a build
 * of the engine whose rounding depends on the processor. The thread therefore reports that relaxed
 * SIMD is missing, so that all machines read the same.
 */
async function startWorker(language: Language, fail: (error: unknown) => void): Promise<Worker> {
  const root = dirname(require.resolve('tesseract.js/package.json'))
  const stub = '{ ...require(id), relaxedSimd: async () => false }'
  const script = `import { createRequire } from 'node:module'
const require = createRequire(${JSON.stringify(join(root, 'package.json'))})
const id = require.resolve('wasm-feature-detect')
require.cache[id] = { id, filename: id, loaded: true, exports: ${stub} }
require('./src/worker-script/node/index.js')`
  const options = {
    langPath: join(
      dirname(require.resolve(`@tesseract.js-data/${language}/package.json`)),
      '4.0.0_best_int',
    ),
    cacheMethod: 'none',
    // The types require a string, but the value is passed unchanged to `new Worker` of
    // node:worker_threads.
    workerPath: new URL(`data:text/javascript,${encodeURIComponent(script)}`) as unknown as string,
    errorHandler: () => {},
  }
  const worker = await createWorker(language, 1, options)
  const { worker: thread } = worker as Worker & { worker?: unknown }
  if (hasEvents(thread)) thread.on('error', fail)
  return worker
}

function hasEvents(
  value: unknown,
): value is { on(event: 'error', listener: (error: unknown) => void): void } {
  return typeof value === 'object' && value !== null && 'on' in value
}
