import type { TrainJob } from '../core/train-job.ts'
import type { TrainPlan } from '../core/trainer.ts'
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
 * Peaks of H100 and A100 are from NVIDIA's data sheets; utilisation is as published by MosaicML for
 * 2.7B on A100 and 1.3–7B on H100.
 */
export const DEVICES: readonly PlannedDevice[] = [
  {
    name: '8×H100',
    flops: 8 * 989e12,
    memoryBytes: 8 * 80 * GB,
    utilisation: 0.43,
    dollarsPerHour: 8 * 2.5,
  },
  {
    name: '8×A100',
    flops: 8 * 312e12,
    memoryBytes: 8 * 80 * GB,
    utilisation: 0.4,
    dollarsPerHour: 8 * 1.5,
  },
  { name: '1×H100', flops: 989e12, memoryBytes: 80 * GB, utilisation: 0.43, dollarsPerHour: 2.5 },
  {
    name: '1×RTX 4090',
    flops: 165e12,
    memoryBytes: 24 * GB,
    utilisation: 0.4,
    dollarsPerHour: 0.4,
  },
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

/**
 * Bytes of weights, gradients and AdamW state: fp32 master weights and gradients and two fp32
 * moments.
 */
export function stateBytes(parameters: number): number {
  return 16 * parameters
}

/** What a neural job takes. Memory is for one device that holds everything, in bytes. */
export function planNeural(job: TrainJob): TrainPlan {
  const { all, body } = parameterCount(job.model)
  const { layers, width } = job.model
  const recomputed = job.backend.options.recompute === true
  // Korthikanti et al. 2022, equation 2, without the attention matrix; float32 takes twice the
  // bytes.
  const bytes = job.backend.precision === 'float32' ? 2 : 1
  const block = job.batch.microTokens * (34 * width + 4 * job.model.ffn) * bytes
  const kept = job.batch.microTokens * 2 * width * bytes
  const activations = recomputed ? block + layers * kept : layers * block
  return {
    parameters: all,
    bodyParameters: body,
    tokens: job.data.tokens,
    steps: stepsOf(job),
    flops: trainingFlops(all, job.data.tokens),
    memoryBytes: stateBytes(all) + activations,
    notes: [],
  }
}

/** Days and dollars that a number of operations take on a device. */
export function timeOn(
  device: PlannedDevice,
  flops: number,
): { readonly days: number; readonly dollars: number } {
  const seconds = flops / (device.flops * device.utilisation)
  return { days: seconds / 86_400, dollars: (seconds / 3600) * device.dollarsPerHour }
}
