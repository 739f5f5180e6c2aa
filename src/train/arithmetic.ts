import type { TrainJob } from '../core/train-job.ts'
import type { TrainPlan } from '../core/trainer.ts'
import { type Memory, memoryOf } from './memory.ts'
import { parameterCount } from './presets.ts'
import { stepsOf } from './steps.ts'

/**
 * A device that training can be planned on: its dense bf16 peak from the maker's data sheet, its
 * memory, and a rough rental price.
 */
export interface PlannedDevice {
  readonly name: string
  /** Floating-point operations per second, without sparsity. */
  readonly flops: number
  readonly memoryBytes: number
  /** Share of the peak that training models of this size reaches (see docs/training.md). */
  readonly utilisation: number
  readonly dollarsPerHour: number
}

const GB = 2 ** 30

/**
 * Peaks are from NVIDIA's data sheets. Utilisation is as published by MosaicML for 2.7B on A100 and
 * 1.3–7B on H100; an H200 has the arithmetic of an H100. Prices are rough, of rented devices.
 */
export const DEVICES: readonly PlannedDevice[] = [
  { name: 'RTX 4090', flops: 165e12, memoryBytes: 24 * GB, utilisation: 0.4, dollarsPerHour: 0.4 },
  {
    name: 'A100 40 GB',
    flops: 312e12,
    memoryBytes: 40 * GB,
    utilisation: 0.4,
    dollarsPerHour: 1.2,
  },
  {
    name: 'A100 80 GB',
    flops: 312e12,
    memoryBytes: 80 * GB,
    utilisation: 0.4,
    dollarsPerHour: 1.5,
  },
  { name: 'H100', flops: 989e12, memoryBytes: 80 * GB, utilisation: 0.43, dollarsPerHour: 2.5 },
  { name: 'H200', flops: 989e12, memoryBytes: 141e9, utilisation: 0.43, dollarsPerHour: 3.5 },
]

/** One petaFLOP/s for a day. */
export const PF_DAY = 1e15 * 86_400

/**
 * 6·N·D: the forward and backward pass of every parameter for every token. Attention over the
 * context is not included.
 */
export function trainingFlops(parameters: number, tokens: number): number {
  return 6 * parameters * tokens
}

/** What a neural job takes. Memory is for the rank that needs most, in bytes. */
export function planNeural(job: TrainJob): TrainPlan & { readonly memory: Memory } {
  const { all, body } = parameterCount(job.model)
  const memory = memoryOf(job)
  return {
    parameters: all,
    bodyParameters: body,
    tokens: job.data.tokens,
    steps: stepsOf(job),
    flops: trainingFlops(all, job.data.tokens),
    memoryBytes: memory.total,
    memory,
    disk: diskOf(job, all),
    notes: [],
  }
}

/** Bytes of checkpoints at the end of a run: weights and moments in float32, and how many stay. */
function diskOf(
  { checkpoints, data, optimizer, model }: TrainJob,
  parameters: number,
): NonNullable<TrainPlan['disk']> {
  const { everyTokens, keepPermanent, everySeconds, keep } = checkpoints
  const saved = everyTokens === 0 ? 1 : Math.max(1, Math.ceil(data.tokens / everyTokens))
  const permanent = keepPermanent === 0 ? saved : Math.min(saved, keepPermanent)
  const matrices = parameters - (model.tied ? 1 : 2) * model.vocab * model.width
  const moments = optimizer.type === 'muon' ? 2 * parameters - matrices : 2 * parameters
  const each = 4 * (parameters + moments)
  const rolling = everySeconds === 0 ? 0 : keep
  return { each, permanent, rolling, bytes: each * (permanent + rolling) }
}

/** Share of a device's memory that tensors may take; the rest is fragments and the driver's. */
const USABLE = 0.94

/** Whether a job's ranks fit devices of so many bytes. */
export const fits = (bytes: number, memoryBytes: number): boolean => bytes <= memoryBytes * USABLE

/**
 * Tokens of the largest micro-batch that fits a device: the job's context, doubled as often as
 * possible up to the tokens of a step. 0 if not even one sample fits.
 */
export function largestMicroBatch(job: TrainJob, memoryBytes: number): number {
  const context = Math.max(...job.stages.map((stage) => stage.context))
  const bytesOf = (microTokens: number): number =>
    memoryOf({ ...job, batch: { ...job.batch, microTokens } }).total
  let largest = 0
  for (let tokens = context; tokens <= Math.max(context, job.batch.tokens); tokens *= 2) {
    if (!fits(bytesOf(tokens), memoryBytes)) break
    largest = tokens
  }
  return largest
}

/** Days and dollars that a number of operations take on some devices of a kind together. */
export function timeOn(
  device: PlannedDevice,
  flops: number,
  devices = 1,
  dollarsPerHour = device.dollarsPerHour,
): { readonly days: number; readonly dollars: number } {
  const seconds = flops / (device.flops * device.utilisation * devices)
  return { days: seconds / 86_400, dollars: (seconds / 3600) * dollarsPerHour * devices }
}
