import { type ChildProcess, fork } from 'node:child_process'
import { EtlError } from '../../core/errors.ts'
import type {
  NumberedTask,
  TaskResults,
  WorkerAnswer,
  WorkerMessage,
  WorkerNews,
  WorkerSetup,
  WorkerTask,
} from './protocol.ts'
import { deserializeError } from './serialized-error.ts'

/** A worker process died or fell silent while it worked on a task. */
export class WorkerLost extends Error {
  readonly reason: 'crash' | 'timeout'
  /** Whether the task was over but for the disk: what the process died of is another one. */
  readonly flushing: boolean
  constructor(reason: 'crash' | 'timeout', detail: string, flushing = false) {
    super(detail)
    this.reason = reason
    this.flushing = flushing
  }
}

export interface PoolOptions {
  /** Script that serves tasks over its IPC channel. */
  readonly script: string
  readonly setup: WorkerSetup
  readonly size: number
  /** Milliseconds of silence after which a worker is killed. */
  readonly watchdogMs: number
  onWarning(source: string, message: string): void
}

/** What a running task says, and how to answer if it is a question. */
type OnNews = (news: WorkerNews, answer: (value: WorkerAnswer['value']) => void) => void

/** Worker processes that take tasks in the order they are asked. */
export interface WorkerPool {
  readonly size: number
  /** Rejects with `WorkerLost` if the process dies; the pool replaces it and goes on. */
  run<T extends WorkerTask>(task: T, onNews?: OnNews): Promise<TaskResults[T['type']]>
  /**
   * Like `run`, for a task that counts only once it is done: another worker does it anew if its own
   * dies, twice at most.
   */
  insist<T extends WorkerTask>(task: T): Promise<TaskResults[T['type']]>
  /**
   * Whether a batch would be judged soon: nothing else waits for a worker, and of batches at most
   * one for each worker that judges or has nothing to do.
   */
  mayHelp(): boolean
  /** Ends all processes; tasks under way are rejected. */
  close(): void
}

/**
 * Where other workers want the cores, helper threads of V8 take more time than they save, and the
 * heap is small: garbage is collected on the main thread, young garbage before much memory outside
 * the heap hangs on it, all of it at once when the heap has grown by half or when the stage step
 * asks. And only what runs twelve times as long as V8 would wait is compiled again, little of what
 * it calls with it: the hot loops are WebAssembly, and compiling took a tenth of a worker's time. A
 * flag that this V8 does not know would keep a process from starting: the last one went with
 * version 12 (Node 22).
 */
const WORKER_FLAGS = [
  '--single-threaded-gc',
  '--no-incremental-marking',
  '--heap-growing-percent=50',
  '--max-semi-space-size=4',
  '--expose-gc',
  '--max-inlined-bytecode-size-cumulative=300',
  ...(Number.parseInt(process.versions.v8, 10) < 12 ? ['--interrupt-budget=800000'] : []),
]

/** Workers that a task may cost before it is given up. */
const MOST_LOSSES = 2

/** Milliseconds a process may take to start and to load its components. */
const START_MS = 60_000

interface Waiting {
  readonly task: WorkerTask
  readonly onNews: OnNews
  readonly resolve: (value: never) => void
  readonly reject: (error: Error) => void
}

/**
 * Starts worker processes lazily, at most `size`. They die with this process: their channel closes.
 */
export function workerPool(options: PoolOptions): WorkerPool {
  const queue: Waiting[] = []
  const idle: Worker[] = []
  const all = new Set<Worker>()
  let closed = false

  const dispatch = (): void => {
    while (queue.length > 0 && !closed) {
      const worker = idle.pop() ?? (all.size < options.size ? start() : undefined)
      if (!worker) return
      const waiting = queue.shift()
      if (waiting) worker.take(waiting)
    }
  }
  const start = (): Worker => {
    const worker = startWorker(options, {
      onIdle() {
        idle.push(worker)
        dispatch()
      },
      onGone() {
        all.delete(worker)
        const index = idle.indexOf(worker)
        if (index >= 0) idle.splice(index, 1)
        dispatch()
      },
    })
    all.add(worker)
    return worker
  }
  const run: WorkerPool['run'] = (task, onNews = () => undefined) =>
    new Promise((resolve, reject) => {
      if (closed) return reject(new EtlError('interrupted', { what: 'the run was stopped' }))
      queue.push({ task, onNews, resolve, reject })
      dispatch()
    })
  return {
    size: options.size,
    run,
    async insist(task) {
      for (let losses = 1; ; losses++) {
        try {
          return await run(task)
        } catch (error) {
          if (!(error instanceof WorkerLost)) throw error
          if (losses > MOST_LOSSES) {
            throw new EtlError('worker-crashed', {
              where: task.type,
              what: error.message,
              cause: error,
            })
          }
          options.onWarning('', `a ${task.type} task is done again: ${error.message}`)
        }
      }
    },
    mayHelp() {
      const judging = [...all].filter((worker) => worker.task()?.type === 'judge').length
      const free = idle.length + options.size - all.size
      return (
        !closed && queue.length < free + judging && queue.every(({ task }) => task.type === 'judge')
      )
    },
    close() {
      closed = true
      const stopped = new EtlError('interrupted', { what: 'the run was stopped' })
      for (const { reject } of queue.splice(0)) reject(stopped)
      for (const worker of all) worker.stop(stopped)
    },
  }
}

interface Worker {
  /** What it works on. */
  task(): WorkerTask | undefined
  take(waiting: Waiting): void
  stop(error: Error): void
}

function startWorker(options: PoolOptions, pool: { onIdle(): void; onGone(): void }): Worker {
  const child: ChildProcess = fork(options.script, [], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
    execArgv: WORKER_FLAGS,
  })
  /** Tasks under way: the one it works on, and those that only wait for the disk. */
  const open = new Map<number, Waiting>()
  let working: number | undefined
  let tasks = 0
  let timer: NodeJS.Timeout | undefined
  let patience = Math.max(options.watchdogMs, START_MS)
  let lost: Error | undefined
  let complaint = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString('utf8')).slice(-2000)
  })
  const watch = (): void => {
    clearTimeout(timer)
    if (open.size === 0) return
    timer = setTimeout(() => {
      lost = new WorkerLost('timeout', `a worker gave no sign of life for ${patience} ms`)
      child.kill('SIGKILL')
    }, patience)
  }
  const free = (task: number): void => {
    if (working !== task) return
    working = undefined
    pool.onIdle()
  }
  const settle = (task: number, act: (waiting: Waiting) => void): void => {
    const waiting = open.get(task)
    open.delete(task)
    watch()
    if (waiting) act(waiting)
  }
  child.on('message', (message: WorkerMessage) => {
    watch()
    switch (message.type) {
      case 'ready':
        patience = options.watchdogMs
        return watch()
      case 'warning':
        return options.onWarning(message.source, message.message)
      case 'segment':
      case 'spool':
      case 'document':
      case 'may-hand-over':
      case 'hand-over':
        return open.get(message.task)?.onNews(message, (value) => answer(message, value))
      case 'free':
        return free(message.task)
      case 'result':
        settle(message.task, ({ resolve }) => resolve(message.value as never))
        return free(message.task)
      case 'failed':
        settle(message.task, ({ reject }) => reject(deserializeError(message.error)))
        return free(message.task)
    }
  })
  /** Who asked may be gone by now. */
  const answer = (question: WorkerNews, value: WorkerAnswer['value']): void => {
    if (!child.connected || !('number' in question)) return
    child.send(
      { type: 'answer', number: question.number, value } satisfies WorkerAnswer,
      () => undefined,
    )
  }
  const gone = (detail: string): void => {
    const error =
      lost ?? new WorkerLost('crash', `${detail}${complaint ? `: ${complaint.trim()}` : ''}`)
    for (const [task, { reject }] of open) {
      const flushing = error instanceof WorkerLost && task !== working
      reject(flushing ? new WorkerLost(error.reason, error.message, true) : error)
    }
    open.clear()
    watch()
    pool.onGone()
  }
  child.on('exit', (code, signal) => gone(`a worker ended with ${signal ?? `exit code ${code}`}`))
  child.on('error', (error) => gone(`a worker could not be used: ${error.message}`))
  child.send(options.setup)
  return {
    task: () => (working === undefined ? undefined : open.get(working)?.task),
    take(waiting) {
      working = ++tasks
      open.set(working, waiting)
      watch()
      child.send({ ...waiting.task, id: working } satisfies NumberedTask)
    },
    stop(error) {
      lost = error
      child.kill('SIGKILL')
    },
  }
}
