import type { RunReport } from '../core/report.ts'

export const PHASES = ['plan', 'stage', 'dedup', 'publish', 'report'] as const
export type Phase = (typeof PHASES)[number]

/**
 * What a run says while it works, for progress displays and logs. Never part of what is published.
 */
export type RunEvent =
  | { readonly type: 'phase'; readonly phase: Phase }
  /** At most a few times a second. `total` is 0 while unknown. */
  | {
      readonly type: 'progress'
      readonly phase: Phase
      /** What is being worked on, for people. */
      readonly label: string
      readonly done: number
      readonly total: number
      readonly unit: 'bytes' | 'segments' | 'shards' | 'percent'
      /**
       * Documents and text bytes handled in this phase so far, by this process and earlier tries.
       */
      readonly documents: number
      readonly bytes: number
    }
  /** Work found finished from an earlier try. */
  | { readonly type: 'resumed'; readonly documents: number; readonly segments: number }
  | { readonly type: 'notice'; readonly source: string; readonly message: string }
  | { readonly type: 'warning'; readonly message: string }
  | {
      readonly type: 'done'
      readonly report: RunReport
      readonly output: string
      readonly seconds: number
    }

export type OnEvent = (event: RunEvent) => void
