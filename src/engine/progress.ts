import type { OnEvent, Phase } from './events.ts'

export function progressEvent(
  phase: Phase,
  label: string,
  done: number,
  total: number,
  unit: 'bytes' | 'shards' | 'percent',
) {
  return { type: 'progress', phase, label, done, total, unit, documents: 0, bytes: 0 } as const
}

export interface WarningLog {
  add(source: string, message: string): void
  readonly messages: ReadonlySet<string>
}

/**
 * Reports every message once. Warnings depend on what this execution had to do, so they go to
 * run.json and not into reports.
 */
export function warningLog(onEvent: OnEvent): WarningLog {
  const messages = new Set<string>()
  return {
    add(source, message) {
      const text = source ? `${source}: ${message}` : message
      if (messages.has(text)) return
      messages.add(text)
      onEvent({ type: 'warning', message: text })
    },
    messages,
  }
}

/** Wraps `act` so that it runs at most once per `milliseconds`; calls in between are dropped. */
export function throttled(milliseconds: number, act: () => void): () => void {
  let last = Number.NEGATIVE_INFINITY
  return () => {
    if (performance.now() - last < milliseconds) return
    last = performance.now()
    act()
  }
}
