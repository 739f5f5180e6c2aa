import { createHash } from 'node:crypto'

/** Which half of a set is measured: thresholds are fitted on one and reported on the other. */
export type Half = 'fit' | 'test'

/** The half an item belongs to, by SHA-256 of a key: same item, same half, whatever its order. */
export function halfOf(key: string): Half {
  return (createHash('sha256').update(key).digest()[0] ?? 0) < 128 ? 'fit' : 'test'
}

/** A share of `whole` with its 95 % Wilson score interval. */
export interface Rate {
  readonly part: number
  readonly whole: number
}

/** Bounds of the 95 % Wilson score interval (Wilson 1927, z = 1.96), 0 to 1. */
export function wilson({ part, whole }: Rate): readonly [low: number, high: number] {
  if (whole === 0) return [0, 1]
  const z2 = 1.96 ** 2
  const share = part / whole
  const centre = share + z2 / (2 * whole)
  const spread = 1.96 * Math.sqrt((share * (1 - share)) / whole + z2 / (4 * whole ** 2))
  const scale = 1 + z2 / whole
  return [Math.max(0, (centre - spread) / scale), Math.min(1, (centre + spread) / scale)]
}

/** `.977 (.972–.981), 3,120 of 3,193`; `–` if nothing was counted. */
export function showRate(rate: Rate): string {
  if (rate.whole === 0) return '–'
  const [low, high] = wilson(rate)
  const count = (n: number): string => n.toLocaleString('en-US')
  return `${decimal(rate.part / rate.whole)} (${decimal(low)}–${decimal(high)}), ${count(rate.part)} of ${count(rate.whole)}`
}

/** Three decimals, without the zero before the point. */
export function decimal(value: number): string {
  return value.toFixed(3).replace(/^0(?=\.)/, '')
}

/** What a detector found, against the labels: precision and recall follow. */
export interface Confusion {
  readonly truePositives: number
  readonly falsePositives: number
  readonly falseNegatives: number
}

/** Right ones among those found. */
export function precisionOf({ truePositives, falsePositives }: Confusion): Rate {
  return { part: truePositives, whole: truePositives + falsePositives }
}

/** Found ones among those that are there. */
export function recallOf({ truePositives, falseNegatives }: Confusion): Rate {
  return { part: truePositives, whole: truePositives + falseNegatives }
}
