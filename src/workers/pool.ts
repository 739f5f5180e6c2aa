import { EtlError } from '../core/errors.ts'
import { type Member, startMember, type Waiting, WorkerLost } from './member.ts'
import type { Protocol, ResultOf, StartEndpoint } from './protocol.ts'

export { WorkerLost } from './member.ts'

/**
 * The one pool of workers: processes for a run, threads for deduplication and tokenizing. It knows
 * tasks by their type, and nothing of what they do.
 */

export interface PoolOptions<P extends Protocol> {
  readonly start: StartEndpoint
  readonly setup: P['setup']
  /** Most workers. */
  readonly size: number
  /** Tasks that may wait at a busy worker, so that it need not wait for the next; 0 by default. */
  readonly ahead?: number
  /** Milliseconds of silence after which a worker is killed; never without it. */
  readonly watchdogMs?: number
  /** A worker's warning about a source, or `''` and what the pool itself has to say. */
  onWarning?(source: string, message: string): void
  /** What tasks under way are rejected with when the pool is closed. */
  closed?(): Error
}

/** Workers that take tasks in the order they are asked. */
export interface WorkerPool<P extends Protocol> {
  readonly size: number
  /** Rejects with `WorkerLost` if the worker dies; the pool replaces it and goes on. */
  run<T extends P['task']>(task: T, onNews?: Waiting<P>['onNews']): Promise<ResultOf<P, T>>
  /**
   * Like `run`, for a task that counts only once it is done: another worker does it anew if its own
   * dies, twice at most.
   */
  insist<T extends P['task']>(task: T): Promise<ResultOf<P, T>>
  /**
   * Whether a task of this type would be begun soon: no other type waits for a worker, and at most
   * one of this type for each worker that does one or is idle.
   */
  hasRoomFor(type: P['task']['type']): boolean
  /** Ends all workers; tasks under way are rejected. Resolves when the workers are gone. */
  close(): Promise<void>
}

/** Workers that a task may cost before it is given up. */
const MOST_LOSSES = 2

/** Starts workers when they are needed, at most `size`. */
export function workerPool<P extends Protocol>(options: PoolOptions<P>): WorkerPool<P> {
  const { size, ahead = 0, onWarning = () => undefined } = options
  const {
    closed: closedError = () => new EtlError('interrupted', { what: 'the run was stopped' }),
  } = options
  const queue: Waiting<P>[] = []
  /** The worker that became idle last is first to work: its caches are warm. */
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
