import type { SerializedError } from './serialized-error.ts'

/** The messages of one kind of worker, as types only. A pool and its workers share one protocol. */
export interface Protocol {
  /** Sent once, before any task. */
  readonly setup: unknown
  /** Every task it can run. */
  readonly task: { readonly type: string }
  /** The result of each task, by task type. */
  readonly results: object
  /** Notices and questions that a worker sends while it works on a task. */
  readonly news: { readonly type: string }
}

/** The result type of a task. */
export type ResultOf<P extends Protocol, T extends P['task']> = P['results'][T['type'] &
  keyof P['results']]

/** Messages from the pool to a worker. Task ids and question numbers are counted per worker. */
export type ToWorker<P extends Protocol = Protocol> =
  | { readonly setup: P['setup'] }
  | { readonly id: number; readonly task: P['task'] }
  | { readonly answerTo: number; readonly value: unknown }

/** What a worker reports about one of its tasks. */
export type TaskMessage<P extends Protocol = Protocol> =
  /** With a number it is a question, and the task waits for the answer with that number. */
  | { readonly type: 'news'; readonly news: P['news']; readonly number?: number }
  /** The task only waits for the disk, so the worker can take another task. */
  | { readonly type: 'free' }
  | { readonly type: 'result'; readonly value: unknown }
  | { readonly type: 'failed'; readonly error: SerializedError }

/** Messages from a worker to the pool. */
export type FromWorker<P extends Protocol = Protocol> =
  | (TaskMessage<P> & { readonly task: number })
  | { readonly type: 'ready' }
  | { readonly type: 'alive' }
  | { readonly type: 'warning'; readonly source: string; readonly message: string }

/** A running process or thread, as the pool sees it. */
export interface Endpoint {
  post(message: ToWorker): void
  /** Kills it immediately. `onGone` follows. */
  kill(): void
}

/** Callbacks of an endpoint. `onGone` comes last, possibly twice. */
export interface EndpointListener {
  onMessage(message: FromWorker): void
  onGone(detail: string): void
}

/** Starts a process or a thread. */
export type StartEndpoint = (listener: EndpointListener) => Endpoint
