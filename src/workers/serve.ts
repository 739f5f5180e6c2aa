import { parentPort } from 'node:worker_threads'
import type { FromWorker, Protocol, TaskMessage, ToWorker } from './protocol.ts'
import { serializeError } from './serialized-error.ts'

/** A worker's line to its pool. */
export interface Port {
  /** Settled once the message has left; never rejects. Buffers in `transfer` are handed over. */
  post(message: FromWorker, transfer?: readonly ArrayBuffer[]): Promise<void>
  onMessage(listener: (message: ToWorker) => void): void
}

/** The line of a forked process. The process ends when the parent does. */
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

/** The line of a thread. */
export function threadPort(): Port {
  return {
    async post(message, transfer = []) {
      parentPort?.postMessage(message, transfer)
    },
    onMessage: (listener) => void parentPort?.on('message', listener),
  }
}

/** A worker's line to whoever waits for one of its tasks. All settle once the message has left. */
export interface TaskLine<P extends Protocol> {
  tell(news: P['news']): Promise<void>
  /** Asks, and gives the answer to come; wrapped, or awaiting the call would await the answer. */
  ask(question: P['news']): Promise<{ readonly answer: Promise<unknown> }>
  /** Says that only the disk is waited for: the next task may come. */
  free(): Promise<void>
}

/** Does tasks; whatever it throws rejects the task in the pool. */
export type RunTask<P extends Protocol> = (task: P['task'], line: TaskLine<P>) => unknown

export interface ServeOptions<P extends Protocol> {
  /** Gets ready with the pool's setup. If it throws, every task is rejected with that. */
  open(setup: P['setup']): RunTask<P> | Promise<RunTask<P>>
  /** Milliseconds between signs of life, for a pool with a watchdog. */
  readonly aliveMs?: number
  /** Buffers of a result that nobody here needs any more. */
  transfer?(result: unknown): readonly ArrayBuffer[]
}

/** Serves a pool until the worker ends: every task as it comes. */
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
        () => undefined, // every task will be rejected with it
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
