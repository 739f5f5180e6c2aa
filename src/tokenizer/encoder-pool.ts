import { Worker } from 'node:worker_threads'
import { EtlError } from '../core/errors.ts'
import type { Storage } from '../core/storage.ts'
import type { TokenShard } from '../core/tokens.ts'
import { type EncodeReply, type EncodeTask, encodeShard } from './encode-shard.ts'
import { readVocabulary, tokenizerOf } from './tokenizer.ts'

/** Encodes shards, at most `size` at a time. */
export interface EncoderPool {
  readonly size: number
  run(task: EncodeTask): Promise<readonly TokenShard[]>
  close(): Promise<void>
}

export interface EncoderPoolOptions {
  readonly storage: Storage
  readonly workers: number
  /** Compiled entry of worker threads; without one everything happens on this thread. */
  readonly workerScript?: string
  /** Folder of the vocabulary. */
  readonly tokenizer: string
  readonly signal: AbortSignal
}

/**
 * Threads with a tokenizer each, started when they are needed; or this thread, where one is enough.
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

interface EncoderThread {
  run(task: EncodeTask): Promise<readonly TokenShard[]>
  terminate(): Promise<number>
}

function onThreads(
  { workers, tokenizer, signal }: EncoderPoolOptions,
  script: string,
): EncoderPool {
  const idle: EncoderThread[] = []
  const all: EncoderThread[] = []
  const stop = (): void => {
    for (const thread of all) void thread.terminate()
  }
  signal.addEventListener('abort', stop, { once: true })
  const start = (): EncoderThread => {
    const thread = encoderThread(script, tokenizer, signal)
    all.push(thread)
    return thread
  }
  return {
    size: workers,
    async run(task) {
      const thread = idle.pop() ?? start()
      const shards = await thread.run(task)
      idle.push(thread)
      return shards
    },
    async close() {
      signal.removeEventListener('abort', stop)
      await Promise.all(all.map((thread) => thread.terminate()))
    },
  }
}

function encoderThread(script: string, tokenizer: string, signal: AbortSignal): EncoderThread {
  const worker = new Worker(script, { workerData: { tokenizer } })
  let waiting:
    | { resolve(shards: readonly TokenShard[]): void; reject(error: Error): void }
    | undefined
  let path = ''
  worker.on('message', (reply: EncodeReply) => {
    if ('shards' in reply) waiting?.resolve(reply.shards)
    else waiting?.reject(new EtlError(reply.code, reply.details))
  })
  worker.on('error', (error) => waiting?.reject(error))
  worker.on('exit', (code) => {
    const stopped = new EtlError('interrupted', {
      what: 'tokenizing was stopped; finished shards are kept',
    })
    const crashed = new EtlError('worker-crashed', {
      where: path,
      what: `an encoding thread ended with ${code}`,
    })
    waiting?.reject(signal.aborted ? stopped : crashed)
  })
  return {
    run: (task) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject }
        path = task.shard.path
        worker.postMessage(task)
      }),
    terminate: () => worker.terminate(),
  }
}
