import type { TrainJob } from '../core/train-job.ts'

/** Bytes on one rank, by what holds them. */
export interface Memory extends Readonly<Record<string, number>> {
  readonly weights: number
  readonly gradients: number
  readonly optimizer: number
  readonly activations: number
  /** Scores of a chunk and their gradients, and the gradient of the output matrix. */
  readonly scores: number
  /** Parameters gathered from other ranks, and buffers between stages. */
  readonly communication: number
  readonly total: number
}

/** What a job's memory depends on. */
export type MemoryOf = Pick<TrainJob, 'model' | 'optimizer' | 'backend' | 'parallel' | 'batch'> & {
  readonly stages: readonly { readonly context: number }[]
}

const WIDE = 4

/**
 * Bytes at the peak on the rank that needs most, for the longest context. The same arithmetic is in
 * cosmos_torch/model/memory.py, and counts what that package keeps: master weights, gradients and
 * moments in float32; of each layer what backward reads. PyTorch's own reserve and CUDA's context
 * (about 1 GB) come on top. What compilation saves was fitted to the four presets of docs/torch.md.
 */
export function memoryOf(job: MemoryOf): Memory {
  const { pipeline } = job.parallel
  const stages = Array.from({ length: pipeline }, (_, stage) => onStage(job, stage))
  return stages.reduce((most, one) => (one.total > most.total ? one : most))
}

/** Bytes on the ranks of one pipeline stage. */
function onStage(job: MemoryOf, stage: number): Memory {
  const { model, optimizer, backend, parallel, batch } = job
  const { layers, width, vocab, tied } = model
  const { tensor, pipeline } = parallel
  const [first, last] = [stage === 0, stage === pipeline - 1]
  const own =
    Math.floor((layers * (stage + 1)) / pipeline) - Math.floor((layers * stage) / pipeline)
  const parts = parallel.shard === 'fsdp' ? parallel.data : 1
  const half = backend.precision !== 'float32'
  const narrow = half ? 2 : WIDE

  const matrices = layerMatrices(job) / tensor
  const norms = 2 * width + (model.qkNorm ? (2 * width) / model.heads : 0)
  const embeddings = vocab * width * (Number(first) + Number(last && !(tied && first)))
  const outer = embeddings + (last ? width : 0)
  const parameters = Math.ceil((own * (matrices + norms) + outer) / parts)
  const moments =
    optimizer.type === 'muon' ? 2 * parameters - (own * matrices) / parts : 2 * parameters

  const context = Math.max(...job.stages.map((one) => one.context))
  const rows = Math.max(context, Math.floor(batch.microTokens / context) * context)
  const { kept, whole, transient } = perToken(job, narrow)
  const flying = pipeline === 1 ? 1 : pipeline - stage
  const recompute = backend.options.recompute
  const layer =
    recompute === true ? (width / tensor) * narrow : recompute === 'selective' ? kept : whole
  const held = flying * own * rows * layer
  // Autocast keeps each weight in bfloat16 until backward has read it; FSDP gathers it so instead.
  const cast = half && parts === 1 ? own * matrices * 2 : 0
  const again = recompute === false || recompute === undefined ? 0 : rows * (whole - layer)

  const positions = Math.ceil(rows / tensor)
  const chunk = Math.min(positions, Number(backend.options.chunkTokens ?? 4096))
  // Compiled, the passes over the scores of a chunk are one.
  const copies = backend.compile ? 2 : positions > chunk ? 4 : 3
  const matrix = vocab * width * (WIDE + (half ? 2 : 0))
  const output = last ? positions * width * (3 * narrow + narrow) : 0
  const scores = last ? copies * chunk * vocab * WIDE + matrix + output : 0
  const gathered = parts === 1 ? 0 : outer * narrow
  const block = parts === 1 ? 0 : (matrices + norms) * narrow
  const between = pipeline === 1 ? 0 : (2 * flying + 2) * (rows / tensor) * width * narrow

  // The peak is while the loss is computed, or while the backward pass is in a layer.
  const inLoss = { activations: held + cast, scores, communication: gathered + block + between }
  const inLayer = {
    activations: held + cast + again + rows * transient,
    scores: last ? vocab * width * WIDE : 0,
    communication: gathered + 2 * block + between,
  }
  const size = (one: typeof inLoss): number => one.activations + one.scores + one.communication
  const peak = size(inLoss) > size(inLayer) ? inLoss : inLayer
  const state = {
    weights: parameters * WIDE,
    gradients: parameters * WIDE,
    optimizer: moments * WIDE,
  }
  const total = state.weights + state.gradients + state.optimizer + size(peak)
  const bytes = { ...state, ...peak, total }
  const entries = Object.entries(bytes).map(([name, value]) => [name, Math.round(value)])
  return Object.fromEntries(entries) as unknown as Memory
}

/** Parameters of the matrices of one layer. */
function layerMatrices({ model }: MemoryOf): number {
  const { width, heads, kvHeads, ffn } = model
  return 2 * width * width + 2 * width * ((width / heads) * kvHeads) + 3 * width * ffn
}

/**
 * Bytes per token of a layer: the results of matrix products and attention, everything that
 * backward reads, and gradients while it is in the layer.
 */
function perToken({ model, parallel, backend }: MemoryOf, narrow: number) {
  const { width, heads, kvHeads, ffn, qkNorm } = model
  const { tensor } = parallel
  const keys = (width / heads) * kvHeads
  // Norms work in float32: they read the residual stream, and keep the product before the weight.
  // Compiled layers compute them again from the stream.
  const streams = (2 * width * WIDE + 2 * width * narrow) / tensor + 2 * width * narrow
  const attention = ((2 * width + 2 * keys) * narrow) / tensor
  const normed = qkNorm && !backend.compile ? ((width + keys) * (WIDE + narrow)) / tensor : 0
  const stream = backend.compile ? (width * narrow) / tensor : streams
  const whole = stream + attention + normed + (4 * ffn * narrow) / tensor
  const kept = ((width + 2 * keys + 2 * ffn) * narrow) / tensor + (4 * width * narrow) / tensor
  const transient = ((3 * ffn + 4 * width) * narrow) / tensor
  return { kept, whole, transient }
}
