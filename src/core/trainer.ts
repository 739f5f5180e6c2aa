import type { z } from 'zod'
import type { Component } from './component.ts'
import type { BenchResult, SliceResult, TrainEvent } from './train-events.ts'
import type { EvalJob, ExportJob, GenerateJob, TrainJob } from './train-job.ts'

/** A device that a backend can compute on. */
export interface Device {
  readonly name: string
  readonly memoryBytes: number
}

/** Whether a backend can work on this machine, and what to do if it cannot. */
export interface Readiness {
  readonly ready: boolean
  readonly devices: readonly Device[]
  /** Programs and libraries by name, with their versions. */
  readonly versions: Readonly<Record<string, string>>
  /** What is missing and the command that installs it. Nothing is installed automatically. */
  readonly missing: readonly { readonly what: string; readonly how: string }[]
}

/** What a run will cost, computed before anything starts. */
export interface TrainPlan {
  readonly parameters: number
  /**
   * Parameters without the embeddings, about 12·L·d²: the count that the 6·N·D rule is often quoted
   * for.
   */
  readonly bodyParameters: number
  readonly tokens: number
  readonly steps: number
  /** Floating-point operations of the whole run. */
  readonly flops: number
  /** Bytes on each device: weights, gradients, optimizer and an estimate of activations. */
  readonly memoryBytes: number
  /** Those bytes by what holds them, where the plan knows it. */
  readonly memory?: Readonly<Record<string, number>>
  /** Bytes of one checkpoint, and of all that stay at the end. */
  readonly disk?: {
    readonly each: number
    readonly permanent: number
    readonly rolling: number
    readonly bytes: number
  }
  readonly notes: readonly string[]
}

/**
 * A trainer. The engine writes `job.run/job.json`, calls `train`, and stores the events and the
 * result. A backend writes its checkpoints under `job.run/checkpoints` and reads
 * `job.run/control.json`.
 */
export interface TrainerBackend {
  /** Never throws. */
  probe(): Promise<Readiness>
  plan(job: TrainJob): Promise<TrainPlan>
  /**
   * Trains, resuming from the newest complete checkpoint of the run if there is one. Ends with
   * `done` or throws an `EtlError`; a requested stop ends with `done`. `signal` asks for an
   * immediate stop that saves nothing more.
   */
  train(job: TrainJob, signal: AbortSignal): AsyncIterable<TrainEvent>
  evaluate(job: EvalJob): Promise<readonly SliceResult[]>
  export(job: ExportJob): Promise<void>
  /** Measures the speed of training steps on random ids; reads no data and saves nothing. */
  bench?(job: TrainJob, signal: AbortSignal): Promise<BenchResult>
  /**
   * The command to run on each of several nodes that share the run's folder. Events then travel
   * through files.
   */
  nodeCommand?(job: TrainJob, nodes: number): string
  /**
   * Yields token ids in small groups as they are made. Ends at `maxTokens` or before an id of
   * `stop`.
   */
  generate(job: GenerateJob): AsyncIterable<readonly number[]>
}

/** A backend as it is registered. */
export interface BackendComponent<Options extends z.ZodObject = z.ZodObject>
  extends Component<Options, TrainerBackend> {
  /** `neural` backends need a preset or an architecture; `count` models have none. */
  readonly family: 'neural' | 'count'
  /** Other names for it: `cuda`, `cpu`. */
  readonly aliases?: readonly string[]
  /**
   * Options that change only where, how fast, or how rounded it computes. A run goes on with other
   * values of these.
   */
  readonly runtime?: readonly string[]
  /** What is wrong with a job for it, one sentence each, before anything is started. */
  readonly check?: (job: TrainJob) => readonly string[]
}

/** Ties a backend's options to its schema. */
export function defineBackend<Options extends z.ZodObject>(
  component: BackendComponent<Options>,
): BackendComponent<Options> {
  return component
}
