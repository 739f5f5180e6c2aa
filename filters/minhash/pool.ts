import { Worker } from 'node:worker_threads'
import {
  TASKS,
  type TaskInput,
  type TaskName,
  type TaskOutput,
  type TaskReply,
} from './tasks/index.ts'

/** Threads that run tasks. */
export interface Pool {
  readonly size: number
  /** Whether tasks go to threads by now. */
  readonly isThreaded: boolean
  run<Name extends TaskName>(name: Name, input: TaskInput<Name>): Promise<TaskOutput<Name>>
  /**
   * Runs a task per input, `size` at a time and at most one waiting for each thread; outputs in
   * order of inputs. What a task without a thread lends out of its own memory is good until the
   * next output is asked for.
   */
  map<Name extends TaskName>(
    name: Name,
    inputs: AsyncIterable<TaskInput<Name>> | Iterable<TaskInput<Name>>,
  ): AsyncIterable<TaskOutput<Name>>
  close(): Promise<void>
}

/** Where the threads' program is; TypeScript sources cannot be started as a thread by Node 20. */
const PROGRAM = new URL('./worker.js', import.meta.url)
const FROM_SOURCES = import.meta.url.endsWith('.ts')
/**
 * Milliseconds of work from which on threads are worth their start, and their compiling everything
 * once more.
 */
const PATIENCE_MS = 1500

/**
 * A pool of `threads`, which are started when tasks have taken `patienceMs` right here. With one
 * thread, or when run from TypeScript sources, all work is done here.
 */
export function createPool(
  threads: number,
  program = FROM_SOURCES ? undefined : PROGRAM,
  patienceMs = PATIENCE_MS,
): Pool {
  const size = program ? Math.max(1, threads) : 1
  const members: Member[] = []
  let spent = 0
  const isThreaded = (): boolean => size > 1 && spent >= patienceMs
  const run: Pool['run'] = async (name, input) => {
    if (program && isThreaded()) {
      while (members.length < size) members.push(startMember(program))
      return members
        .reduce((best, member) => (member.waiting() < best.waiting() ? member : best))
        .run(name, input)
    }
    const start = performance.now()
    const output = TASKS[name](input as never) as TaskOutput<typeof name>
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
    async close() {
      await Promise.all(members.map((member) => member.close()))
    },
  }
}

type Member = ReturnType<typeof startMember>

function startMember(program: URL) {
  const worker = new Worker(program)
  const waiting = new Map<
    number,
    { resolve: (output: unknown) => void; reject: (error: unknown) => void }
  >()
  let next = 0
  worker.on('message', ({ id, output, error }: TaskReply) => {
    const call = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) call?.resolve(output)
    else call?.reject(error)
  })
  let dead: unknown
  const fail = (error: unknown): void => {
    dead ??= error
    for (const call of waiting.values()) call.reject(error)
    waiting.clear()
  }
  worker.on('error', fail)
  worker.on('exit', (code) => fail(new Error(`a deduplication thread ended with code ${code}`)))
  return {
    /** Tasks it has not finished. */
    waiting: () => waiting.size,
    run<Name extends TaskName>(name: Name, input: TaskInput<Name>): Promise<TaskOutput<Name>> {
      return new Promise((resolve, reject) => {
        if (dead !== undefined) throw dead
        const id = next++
        waiting.set(id, { resolve: resolve as (output: unknown) => void, reject })
        worker.postMessage({ id, name, input })
      })
    },
    close: () => worker.terminate(),
  }
}
