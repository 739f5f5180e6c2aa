import { localStorage } from '../files/local-storage.ts'
import { serveTasks, threadPort } from '../workers/serve.ts'
import { encodeShard } from './encode-shard.ts'
import type { EncoderProtocol } from './encoder-pool.ts'
import { readVocabulary, tokenizerOf } from './tokenizer.ts'

/** Entry script of the threads that encode shards. */
serveTasks<EncoderProtocol>(threadPort(), {
  async open({ tokenizer }) {
    const own = tokenizerOf(await readVocabulary(tokenizer))
    return (task) => encodeShard(localStorage(), own, task)
  },
})
