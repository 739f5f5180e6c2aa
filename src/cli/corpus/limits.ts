import type { MeasureLimit } from '../../index.ts'
import { paint } from '../terminal/terminal.ts'

/** ` (least 0.95: prose)` for each line, coloured where the value is beyond it. */
export function limitsText(
  value: number | string,
  limits: readonly Omit<MeasureLimit, 'measure'>[],
): string {
  return limits
    .map(({ side, at, scope }) => {
      const kept = side === 'least' ? Number(value) >= at : Number(value) <= at
      const text = `(${side} ${at}${scope === undefined ? '' : `: ${scope}`})`
      return `  ${paint(kept ? 'dim' : 'yellow', text, process.stdout)}`
    })
    .join('')
}
