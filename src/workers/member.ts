import type { EtlError } from '../core/errors.ts'
import type { FromWorker, Protocol, StartEndpoint } from './protocol.ts'
import { deserializeError } from './serialized-error.ts'

/** A worker died or stopped responding while it had an unfinished task. */
export class WorkerLost extends Error {
  readonly reason: 'crash' | 'timeout'
  /** Whether the task only waited for the disk, which means another task killed the worker. */
  readonly flushing: boolean
  constructor(reason: 'crash' | 'timeout', detail: string, flushing = false) {
    super(detail)
    this.reason = reason
    this.flushing = flushing
  }
}

/** A task that is queued or under way, and the callbacks of its caller. */
export interface Waiting<P extends Protocol> {
  readonly task: P['task']
  readonly onNews: (news: P['news'], answer: (value: unknown) => void) => void
  readonly resolve: (value: never) => void
  readonly reject: (error: Error) => void
}

/** How a worker is started and watched. */
export interface MemberOptions {
  readonly start: StartEndpoint
  readonly setup: unknown
  /**
   * Milliseconds of silence after which a busy worker is killed. Without it a worker is never
   * killed.
   */
  readonly watchdogMs?: number
  onWarning(source: string, message: string): void
}

/** One worker of a pool. */
export interface Member<P extends Protocol> {
  /** Types of the tasks it works on, including tasks queued at this worker. */
  working(): readonly string[]
  take(waiting: Waiting<P>): void
  /** Kills the worker and rejects its tasks with `error`. Resolves when it has exited. */
  stop(error: EtlError | Error): Promise<void>
}

/** Milliseconds a worker may take to start and load its components. */
const START_MS = 60_000

/**
 * Starts a worker. `onFree` is called when it has one task fewer to work on, `onGone` when it has
 * exited.
 */
export function startMember<P extends Protocol>(
  { start, setup, watchdogMs, onWarning }: MemberOptions,
  pool: { onFree(): void; onGone(): void },
): Member<P> {
  /** All unsettled tasks. */
  const open = new Map<number, Waiting<P>>()
  /** The unsettled tasks that occupy the worker; the others only wait for the disk. */
  const working = new Set<number>()
  let tasks = 0
  let timer: NodeJS.Timeout | undefined
  let patience = watchdogMs === undefined ? 0 : Math.max(watchdogMs, START_MS)
  let lost: Error | undefined
  let isGone = false
  let markGone = (): void => undefined
  const gone = new Promise<void>((resolve) => {
    markGone = resolve
  })

  const watch = (): void => {
    clearTimeout(timer)
    if (patience === 0 || open.size === 0) return
    timer = setTimeout(() => {
      lost = new WorkerLost('timeout', `a worker gave no sign of life for ${patience} ms`)
      endpoint.kill()
    }, patience)
  }
  const free = (task: number): void => {
    if (working.delete(task)) pool.onFree()
  }
  const settle = (task: number, act: (waiting: Waiting<P>) => void): void => {
    const waiting = open.get(task)
    open.delete(task)
    watch()
    if (waiting) act(waiting)
    free(task)
  }
  const onMessage = (message: FromWorker<P>): void => {
    watch()
    switch (message.type) {
      case 'ready':
        patience = watchdogMs ?? 0
        watch()
        break
      case 'warning':
        onWarning(message.source, message.message)
        break
      case 'news': {
        const { number } = message
        const answer = (value: unknown): void => {
          if (!isGone && number !== undefined) endpoint.post({ answerTo: number, value })
        }
        open.get(message.task)?.onNews(message.news, answer)
        break
      }
      case 'free':
        free(message.task)
        break
      case 'result':
        settle(message.task, ({ resolve }) => resolve(message.value as never))
        break
      case 'failed':
        settle(message.task, ({ reject }) => reject(deserializeError(message.error)))
        break
    }
  }
  const onGone = (detail: string): void => {
    if (isGone) return
    isGone = true
    const error = lost ?? new WorkerLost('crash', detail)
    for (const [task, { reject }] of open) {
      const flushing = error instanceof WorkerLost && !working.has(task)
      reject(flushing ? new WorkerLost(error.reason, error.message, true) : error)
    }
    open.clear()
    working.clear()
    watch()
    markGone()
    pool.onGone()
  }
  const endpoint = start({ onMessage: (message) => onMessage(message as FromWorker<P>), onGone })
  endpoint.post({ setup })
  return {
    working: () => [...working].map((id) => open.get(id)?.task.type ?? ''),
    take(waiting) {
      const id = ++tasks
      open.set(id, waiting)
      working.add(id)
      watch()
      endpoint.post({ id, task: waiting.task })
    },
    stop(error) {
      lost = error
      endpoint.kill()
      return gone
    },
  }
}
