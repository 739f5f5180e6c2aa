import { readFile } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import type { Context } from '../../src/core/component.ts'
import { EtlError } from '../../src/core/errors.ts'
import { type GenerateJob, type TrainJob, trainJobSchema } from '../../src/core/train-job.ts'
import type { TrainerBackend } from '../../src/core/trainer.ts'
import { readCheckpoint } from './checkpoint.ts'
import { openData } from './documents.ts'
import { pickToken } from './sampling.ts'
import { modelOf, score } from './score.ts'
import { planOf, train } from './train.ts'

interface NgramOptions {
  readonly order: number
}

/** A backend that trains and scores on the local token shards of a job. */
export function ngramBackend(
  { order }: NgramOptions,
  { storage, memoryBytes }: Context,
): TrainerBackend {
  return {
    probe: async () => ({
      ready: true,
      devices: [{ name: 'cpu', memoryBytes: totalmem() }],
      versions: { node: process.versions.node },
      missing: [],
    }),
    plan: async (job) => planOf(job, order),
    train: (job, signal) => train(storage, memoryBytes, order, job, signal),
    async evaluate({ run, checkpoint, slices }) {
      const job = await readJob(run)
      const { counts } = await readCheckpoint(storage, run, checkpoint)
      return score(modelOf(job, counts), await openData(storage, job), slices)
    },
    async export() {
      throw new EtlError('job-invalid', {
        what: 'an n-gram model has no format that other programs load',
      })
    },
    generate: (job) => generate(storage, job),
  }
}

async function readJob(run: string): Promise<TrainJob> {
  const path = join(run, 'job.json')
  const content = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new EtlError('run-missing', { where: run, what: 'no job.json here', cause })
  })
  return trainJobSchema.parse(JSON.parse(content))
}

async function* generate(
  storage: Context['storage'],
  job: GenerateJob,
): AsyncIterable<readonly number[]> {
  const train = await readJob(job.run)
  const { counts } = await readCheckpoint(storage, job.run, job.checkpoint)
  const model = modelOf(train, counts)
  const random = seeded(job.seed)
  const context = [...job.prompt]
  const probabilities = new Float64Array(train.data.tokenizer.vocab)
  for (let made = 0; made < job.maxTokens; made++) {
    model.distribution(context.slice(-(model.order - 1)), probabilities)
    const id = pickToken(probabilities, job, random)
    if (job.stop.includes(id)) return
    context.push(id)
    yield [id]
  }
}

/** Mulberry32, a small random generator: the same seed gives the same sequence, in [0, 1). */
function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
