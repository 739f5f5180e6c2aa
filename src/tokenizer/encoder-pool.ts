import { EtlError } from '../core/errors.ts'
import type { Storage } from '../core/storage.ts'
import type { TokenShard } from '../core/tokens.ts'
import { WorkerLost, workerPool } from '../workers/pool.ts'
import { workerThread } from '../workers/thread.ts'
import { type EncodeTask, encodeShard } from './encode-shard.ts'
import { readVocabulary, tokenizerOf } from './tokenizer.ts'

/** The messages of the encoding threads. */
export interface EncoderProtocol {
  /** Folder of the vocabulary. */
  readonly setup: { readonly tokenizer: string }
  readonly task: { readonly type: 'encode' } & EncodeTask
  readonly results: { readonly encode: readonly TokenShard[] }
  readonly news: never
}

/** Encodes shards, at most `size` at a time. */
export interface EncoderPool {
  readonly size: number
  run(task: EncodeTask): Promise<readonly TokenShard[]>
  close(): Promise<void>
}

/** How many threads encode, and with which vocabulary. */
export interface EncoderPoolOptions {
  readonly storage: Storage
  readonly workers: number
  /** Compiled entry script of the worker threads. Without it everything runs on this thread. */
  readonly workerScript?: string
  /** Folder of the vocabulary. */
  readonly tokenizer: string
  readonly signal: AbortSignal
}

/**
 * A pool of threads that each have a tokenizer and start on demand. Uses only the calling thread if
 * there is no script or at most one worker.
 */
export function encoderPool(options: EncoderPoolOptions): EncoderPool {
  const { workers, workerScript } = options
  return workerScript === undefined || workers <= 1
    ? onThisThread(options)
    : onThreads(options, workerScript)
}

function onThisThread({ storage, tokenizer }: EncoderPoolOptions): EncoderPool {
  let own: Promise<ReturnType<typeof tokenizerOf>> | undefined
  return {
    size: 1,
    async run(task) {
      own ??= readVocabulary(tokenizer).then(tokenizerOf)
      return encodeShard(storage, await own, task)
    },
    close: async () => undefined,
  }
}

function onThreads(
  { workers, tokenizer, signal }: EncoderPoolOptions,
  script: string,
): EncoderPool {
  const pool = workerPool<EncoderProtocol>({
    start: workerThread(script),
    setup: { tokenizer },
    size: workers,
    closed: () =>
      new EtlError('interrupted', { what: 'tokenizing was stopped; finished shards are kept' }),
  })
  const stop = (): void => void pool.close()
  signal.addEventListener('abort', stop, { once: true })
  return {
    size: workers,
    run: (task) =>
      pool.run({ type: 'encode', ...task }).catch((error: unknown) => {
        if (!(error instanceof WorkerLost)) throw error
        const { message: what } = error
        throw new EtlError('worker-crashed', { where: task.shard.path, what, cause: error })
      }),
    async close() {
      signal.removeEventListener('abort', stop)
      await pool.close()
    },
  }
}
