import { parentPort, workerData } from 'node:worker_threads'
import { isEtlError } from '../core/errors.ts'
import { localStorage } from '../files/local-storage.ts'
import { type EncodeReply, type EncodeTask, encodeShard } from './encode-shard.ts'
import { readVocabulary, tokenizerOf } from './tokenizer.ts'

/** Entry of the threads that encode shards: takes tasks one after the other. */
const tokenizer = readVocabulary((workerData as { readonly tokenizer: string }).tokenizer).then(
  tokenizerOf,
)
parentPort?.on('message', (task: EncodeTask) => {
  void tokenizer
    .then((own) => encodeShard(localStorage(), own, task))
    .then((shards): EncodeReply => ({ shards }), failure)
    .then((reply) => parentPort?.postMessage(reply))
})

/** An error loses its class on the way to another thread. */
function failure(error: unknown): EncodeReply {
  if (!isEtlError(error)) throw error
  const { code, where, what, hint } = error
  return { code, details: { ...(where === undefined ? {} : { where }), what, hint } }
}
