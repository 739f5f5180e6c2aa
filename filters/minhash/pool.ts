import { workerPool } from '../../src/workers/pool.ts'
import { workerThread } from '../../src/workers/thread.ts'
import {
  type DedupProtocol,
  TASKS,
  type TaskInput,
  type TaskName,
  type TaskOutput,
} from './tasks/index.ts'

/** Runs tasks of deduplication: on this thread while they are few, then on threads. */
export interface Pool {
  readonly size: number
  /** Whether tasks run on threads by now. */
  readonly isThreaded: boolean
  run<Name extends TaskName>(name: Name, input: TaskInput<Name>): Promise<TaskOutput<Name>>
  /**
   * Runs one task per input, `size` at a time, with at most one more waiting per thread. Yields
   * outputs in order of inputs. On this thread, an output in scratch memory is valid until the next
   * one.
   */
  map<Name extends TaskName>(
    name: Name,
    inputs: AsyncIterable<TaskInput<Name>> | Iterable<TaskInput<Name>>,
  ): AsyncIterable<TaskOutput<Name>>
  close(): Promise<void>
}

/** The threads' program; Node 20 cannot start a thread from TypeScript sources. */
const PROGRAM = new URL('./worker.js', import.meta.url)
const FROM_SOURCES = import.meta.url.endsWith('.ts')
/**
 * Milliseconds of work after which threads are worth starting, since each compiles all code again.
 */
const PATIENCE_MS = 1500

/**
 * A pool of `threads`, which are started when tasks have taken `patienceMs` in this thread. With
 * one thread, or when run from TypeScript sources, this thread does all work.
 */
export function createPool(
  threads: number,
  program = FROM_SOURCES ? undefined : PROGRAM,
  patienceMs = PATIENCE_MS,
): Pool {
  const size = program ? Math.max(1, threads) : 1
  const pool = program
    ? workerPool<DedupProtocol>({
        start: workerThread(program),
        setup: undefined,
        size,
        ahead: 1,
        closed: () => new Error('a deduplication thread ended: its pool is closed'),
      })
    : undefined
  let spent = 0
  const isThreaded = (): boolean => size > 1 && spent >= patienceMs
  const run: Pool['run'] = async (type, input) => {
    if (pool && isThreaded()) return pool.run({ type, input })
    const start = performance.now()
    const output = TASKS[type](input as never) as TaskOutput<typeof type>
    spent += performance.now() - start
    return output
  }
  return {
    size,
    get isThreaded() {
      return isThreaded()
    },
    run,
    async *map(name, inputs) {
      const running: Promise<TaskOutput<typeof name>>[] = []
      for await (const input of inputs) {
        const output = run(name, input)
        output.catch(() => undefined) // reported when its turn comes
        running.push(output)
        const first = running.length > (isThreaded() ? size : 0) ? running.shift() : undefined
        if (first) yield await first
      }
      for (const output of running) yield await output
    },
    close: async () => pool?.close(),
  }
}
