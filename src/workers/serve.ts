import { parentPort } from 'node:worker_threads'
import type { FromWorker, Protocol, TaskMessage, ToWorker } from './protocol.ts'
import { serializeError } from './serialized-error.ts'

/** A worker's connection to its pool. */
export interface Port {
  /** Resolves once the message has left; never rejects. Buffers in `transfer` change ownership. */
  post(message: FromWorker, transfer?: readonly ArrayBuffer[]): Promise<void>
  onMessage(listener: (message: ToWorker) => void): void
}

/** The connection of a forked process. The process exits when its parent does. */
export function processPort(): Port {
  process.on('disconnect', () => process.exit(0))
  return {
    post: (message) =>
      new Promise((resolve) => {
        if (process.connected) process.send?.(message, undefined, undefined, () => resolve())
      }),
    onMessage: (listener) => void process.on('message', listener),
  }
}

/** The connection of a thread. */
export function threadPort(): Port {
  return {
    async post(message, transfer = []) {
      parentPort?.postMessage(message, transfer)
    },
    onMessage: (listener) => void parentPort?.on('message', listener),
  }
}

/**
 * A worker's connection to the caller of one of its tasks. Every call resolves once the message has
 * left.
 */
export interface TaskLine<P extends Protocol> {
  tell(news: P['news']): Promise<void>
  /**
   * Asks a question. The pending answer is wrapped in an object, because awaiting the call would
   * otherwise await the answer too.
   */
  ask(question: P['news']): Promise<{ readonly answer: Promise<unknown> }>
  /** Reports that the task only waits for the disk, so the next one may come. */
  free(): Promise<void>
}

/** Runs a task. An exception rejects the task in the pool. */
export type RunTask<P extends Protocol> = (task: P['task'], line: TaskLine<P>) => unknown

/** How a worker prepares for its pool and runs its tasks. */
export interface ServeOptions<P extends Protocol> {
  /**
   * Prepares the worker with the pool's setup. If it throws, every task is rejected with that
   * error.
   */
  open(setup: P['setup']): RunTask<P> | Promise<RunTask<P>>
  /** Milliseconds between `alive` messages; needed if the pool has a watchdog. */
  readonly aliveMs?: number
  /**
   * Buffers of a result that the worker no longer needs; they are transferred instead of copied.
   */
  transfer?(result: unknown): readonly ArrayBuffer[]
}

/** Serves a pool until the worker exits. Tasks run as they arrive, possibly concurrently. */
export function serveTasks<P extends Protocol>(port: Port, options: ServeOptions<P>): void {
  const { open, aliveMs, transfer = () => [] } = options
  const asked = new Map<number, (value: unknown) => void>()
  let questions = 0
  let ready: Promise<RunTask<P>> = Promise.reject(new Error('no setup'))
  ready.catch(() => undefined)
  if (aliveMs !== undefined) setInterval(() => void port.post({ type: 'alive' }), aliveMs).unref()

  const lineOf = (task: number): TaskLine<P> => {
    const say = (message: TaskMessage<P>): Promise<void> => port.post({ ...message, task })
    return {
      tell: (news) => say({ type: 'news', news }),
      async ask(news) {
        const number = ++questions
        const answer = new Promise<unknown>((resolve) => asked.set(number, resolve))
        await say({ type: 'news', news, number })
        return { answer }
      },
      free: () => say({ type: 'free' }),
    }
  }
  port.onMessage((message) => {
    if ('setup' in message) {
      ready = Promise.resolve(message.setup).then(open)
      ready.then(
        () => void port.post({ type: 'ready' }),
        () => undefined, // every task is rejected with this error
      )
    } else if ('answerTo' in message) {
      asked.get(message.answerTo)?.(message.value)
      asked.delete(message.answerTo)
    } else {
      const { id: task } = message
      ready
        .then((run) => run(message.task, lineOf(task)))
        .then(
          (value = null) => void port.post({ type: 'result', task, value }, transfer(value)),
          (error: unknown) =>
            void port.post({ type: 'failed', task, error: serializeError(error) }),
        )
    }
  })
}
