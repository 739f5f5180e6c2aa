import type { RunReport } from '../core/report.ts'

/** Steps of a run, in order. */
export const PHASES = ['plan', 'stage', 'dedup', 'publish', 'report'] as const
/** A step of a run, as events name it. */
export type Phase = (typeof PHASES)[number]

/**
 * What a run reports while it works, for progress displays and logs. Nothing of it is published.
 */
export type RunEvent =
  | { readonly type: 'phase'; readonly phase: Phase }
  /** Sent at most a few times a second. `total` is 0 while unknown. */
  | {
      readonly type: 'progress'
      readonly phase: Phase
      /** What is being worked on, in words for people. */
      readonly label: string
      readonly done: number
      readonly total: number
      readonly unit: 'bytes' | 'segments' | 'shards' | 'percent'
      /**
       * Documents and text bytes processed in this phase, by this execution and earlier ones that
       * it resumed.
       */
      readonly documents: number
      readonly bytes: number
    }
  /** Work that an earlier execution had finished. */
  | { readonly type: 'resumed'; readonly documents: number; readonly segments: number }
  | { readonly type: 'notice'; readonly source: string; readonly message: string }
  | { readonly type: 'warning'; readonly message: string }
  | {
      readonly type: 'done'
      readonly report: RunReport
      readonly output: string
      readonly seconds: number
    }

/** Called with the events of a run as they happen. */
export type OnEvent = (event: RunEvent) => void
