import type { SerializedError } from './serialized-error.ts'

/**
 * What one kind of worker understands; types only. A pool and the workers it starts agree on one
 * protocol.
 */
export interface Protocol {
  /** Sent first, and once. */
  readonly setup: unknown
  /** Everything it can be asked to do. */
  readonly task: { readonly type: string }
  /** What each type of task returns, by type. */
  readonly results: object
  /** What a worker says, or asks, while it works on a task. */
  readonly news: { readonly type: string }
}

/** What a task returns. */
export type ResultOf<P extends Protocol, T extends P['task']> = P['results'][T['type'] &
  keyof P['results']]

/** Messages from the pool to a worker. Task ids and question numbers count per worker. */
export type ToWorker<P extends Protocol = Protocol> =
  | { readonly setup: P['setup'] }
  | { readonly id: number; readonly task: P['task'] }
  | { readonly answerTo: number; readonly value: unknown }

/** What a worker says of one of its tasks. */
export type TaskMessage<P extends Protocol = Protocol> =
  /** With a number it is a question: the task waits for the answer with that number. */
  | { readonly type: 'news'; readonly news: P['news']; readonly number?: number }
  /** Only the disk is waited for: the worker may be given another task. */
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
  /** Ends it at once. `onGone` follows. */
  kill(): void
}

/** What an endpoint reports. `onGone` comes last, possibly twice. */
export interface EndpointListener {
  onMessage(message: FromWorker): void
  onGone(detail: string): void
}

/** Starts a process or a thread. */
export type StartEndpoint = (listener: EndpointListener) => Endpoint
