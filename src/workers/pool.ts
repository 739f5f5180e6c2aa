import { EtlError } from '../core/errors.ts'
import { type Member, startMember, type Waiting, WorkerLost } from './member.ts'
import type { Protocol, ResultOf, StartEndpoint } from './protocol.ts'

export { WorkerLost } from './member.ts'

/**
 * The only worker pool: processes for a run, threads for deduplication and tokenizing. It knows
 * tasks by their type and nothing about what they do.
 */

/** How many workers a pool has, how they are started and who receives their warnings. */
export interface PoolOptions<P extends Protocol> {
  readonly start: StartEndpoint
  readonly setup: P['setup']
  /** Maximum number of workers. */
  readonly size: number
  /** Tasks that may queue at a busy worker so that it does not idle between tasks; 0 by default. */
  readonly ahead?: number
  /**
   * Milliseconds of silence after which a busy worker is killed. Without it a worker is never
   * killed.
   */
  readonly watchdogMs?: number
  /** Receives a worker's warning about a source, or one of the pool itself with `''` as source. */
  onWarning?(source: string, message: string): void
  /** The error with which unfinished tasks are rejected when the pool closes. */
  closed?(): Error
}

/** A set of workers that take tasks in the order in which they were submitted. */
export interface WorkerPool<P extends Protocol> {
  readonly size: number
  /**
   * Runs a task. Rejects with `WorkerLost` if the worker dies; the pool replaces the worker and
   * continues.
   */
  run<T extends P['task']>(task: T, onNews?: Waiting<P>['onNews']): Promise<ResultOf<P, T>>
  /**
   * Like `run`, for a task that can be repeated because nothing counts until it is done. If its
   * worker dies, another worker repeats it, at most twice; then it rejects with `worker-crashed`.
   */
  insist<T extends P['task']>(task: T): Promise<ResultOf<P, T>>
  /**
   * Whether a new task of this type would start soon: no other type is queued, and at most one task
   * of this type is queued for each worker that runs one or is idle.
   */
  hasRoomFor(type: P['task']['type']): boolean
  /** Kills all workers and rejects unfinished tasks. Resolves when the workers have exited. */
  close(): Promise<void>
}

/** How many times a task is repeated after the loss of its worker. */
const MOST_LOSSES = 2

/** A pool that starts workers on demand, at most `size`. */
export function workerPool<P extends Protocol>(options: PoolOptions<P>): WorkerPool<P> {
  const { size, ahead = 0, onWarning = () => undefined } = options
  const {
    closed: closedError = () => new EtlError('interrupted', { what: 'the run was stopped' }),
  } = options
  const queue: Waiting<P>[] = []
  /** The most recently idle worker gets the next task because its caches are warm. */
  const idle: Member<P>[] = []
  const all = new Set<Member<P>>()
  let isClosed = false

  const leastBusy = (): Member<P> | undefined => {
    const [least] = [...all].sort((a, b) => a.working().length - b.working().length)
    return least && least.working().length <= ahead ? least : undefined
  }
  const choose = (): Member<P> | undefined =>
    idle.pop() ?? (all.size < size ? start() : ahead > 0 ? leastBusy() : undefined)
  const dispatch = (): void => {
    while (queue.length > 0 && !isClosed) {
      const member = choose()
      if (!member) return
      const waiting = queue.shift()
      if (waiting) member.take(waiting)
    }
  }
  const start = (): Member<P> => {
    const member = startMember<P>(
      { ...options, onWarning },
      {
        onFree() {
          if (member.working().length === 0) idle.push(member)
          dispatch()
        },
        onGone() {
          all.delete(member)
          const index = idle.indexOf(member)
          if (index >= 0) idle.splice(index, 1)
          dispatch()
        },
      },
    )
    all.add(member)
    return member
  }
  const run: WorkerPool<P>['run'] = (task, onNews = () => undefined) =>
    new Promise((resolve, reject) => {
      if (isClosed) return reject(closedError())
      queue.push({ task, onNews, resolve, reject })
      dispatch()
    })
  return {
    size,
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
          onWarning('', `a ${task.type} task is done again: ${error.message}`)
        }
      }
    },
    hasRoomFor(type) {
      const doing = [...all].filter((member) => member.working().includes(type)).length
      const free = idle.length + size - all.size
      const onlyThis = queue.every(({ task }) => task.type === type)
      return !isClosed && queue.length < free + doing && onlyThis
    },
    async close() {
      isClosed = true
      const stopped = closedError()
      for (const { reject } of queue.splice(0)) reject(stopped)
      await Promise.all([...all].map((member) => member.stop(stopped)))
    },
  }
}
