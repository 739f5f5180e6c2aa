import type { Skipped } from '../../core/connector.ts'
import type { SkipReport } from '../../core/report.ts'

const PLACES = 5

/** Counts skipped items by reason and keeps the first five places of each. */
export function skipCounter() {
  const reasons = new Map<string, { items: number; places: string[] }>()
  return {
    add({ skipped, where }: Skipped): void {
      const entry = reasons.get(skipped) ?? { items: 0, places: [] }
      reasons.set(skipped, entry)
      entry.items++
      if (entry.places.length < PLACES) entry.places.push(where)
    },
    /** Adds counts of items that come later in reading order. */
    merge(reports: readonly SkipReport[]): void {
      for (const { reason, items, places } of reports) {
        const entry = reasons.get(reason) ?? { items: 0, places: [] }
        reasons.set(reason, entry)
        entry.items += items
        entry.places.push(...places.slice(0, PLACES - entry.places.length))
      }
    },
    /** Sorted by reason. */
    list: (): SkipReport[] =>
      [...reasons]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([reason, entry]) => ({ reason, ...entry })),
  }
}
