import type { TrainJob } from '../../src/core/train-job.ts'

/**
 * What is wrong with a job for this backend, in the words of cosmos_torch/job.py, which checks the
 * same: sizes that do not divide and forms of parallelism that do not combine. Empty if it can be
 * trained.
 */
export function brokenRules(job: TrainJob): string[] {
  const { model, parallel, data, backend, stages } = job
  const { width, heads, kvHeads, layers, ffn } = model
  const { ranks, tensor, pipeline, shard } = parallel
  const rules: readonly (readonly [holds: boolean, message: string])[] = [
    [
      backend.precision !== 'float8' || tensor * pipeline === 1,
      'backend.precision: float8 cannot be combined with tensor or pipeline parallelism',
    ],
    [width % heads === 0, `model.width ${width} is not a multiple of model.heads ${heads}`],
    [
      Math.floor(width / heads) % 2 === 0,
      `model: head size ${Math.floor(width / heads)} is odd, but rotary embeddings need pairs`,
    ],
    [heads % kvHeads === 0, 'model.heads is not a multiple of model.kvHeads'],
    [model.vocab >= data.tokenizer.vocab, "model.vocab is smaller than the tokenizer's"],
    [
      ranks === parallel.data * tensor * pipeline,
      `parallel.ranks ${ranks} is not data × tensor × pipeline`,
    ],
    [kvHeads % tensor === 0, 'model.kvHeads is not a multiple of parallel.tensor'],
    [ffn % tensor === 0, 'model.ffn is not a multiple of parallel.tensor'],
    [layers >= pipeline, 'parallel.pipeline is larger than model.layers'],
    [
      pipeline === 1 || !model.tied,
      'parallel.pipeline: tied embeddings cannot be split over stages',
    ],
    [
      pipeline === 1 || !data.documentMask,
      'data.documentMask: later stages of a pipeline do not see where documents begin',
    ],
    [
      data.tokenizer.bos !== null || !data.documentMask,
      'data.documentMask: the tokenizer has no id that begins a document',
    ],
    [
      pipeline === 1 || shard === 'none',
      'parallel.shard: fsdp cannot be combined with a pipeline; use none',
    ],
    ...stages.map(
      ({ context }) =>
        [
          context % tensor === 0,
          `stages: context ${context} is not a multiple of parallel.tensor`,
        ] as const,
    ),
  ]
  return rules.filter(([holds]) => !holds).map(([, message]) => message)
}
