import type { Judgement, MeasureLimit } from '../../index.ts'
import { isolated } from '../terminal/excerpt.ts'
import { paint, plainLine } from '../terminal/terminal.ts'

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

/** A value of a measure: at most six digits, `–` for an empty label, other scripts isolated. */
export function valueText(value: number | string): string {
  if (typeof value === 'number') return String(Number(value.toPrecision(6)))
  if (value === '') return '–'
  return /^[ -~]*$/.test(value) ? value : isolated(plainLine(value))
}

/** `  ✓ at least 0.95 (minProbability)` for each judgement, `✗` and coloured if it did not pass. */
export function judgementsText(judgements: readonly Judgement[]): string {
  return judgements
    .map((one) => {
      const text = `${one.passed ? '✓' : '✗'} ${comparisonText(one)}`
      return `  ${paint(one.passed ? 'dim' : 'red', text, process.stdout)}`
    })
    .join('')
}

const WORDS = { least: 'at least', most: 'at most', among: 'among', 'not-among': 'not among' }

/** `at least 0.95 (minProbability)` */
export function comparisonText({ comparison, limit, option }: Judgement): string {
  const what = typeof limit === 'number' ? valueText(limit) : limit.map(plainLine).join(', ')
  return `${WORDS[comparison]} ${what}${option === undefined ? '' : ` (${option})`}`
}

/** `: topNgrams 2.71, at most 1 (english.maxTopNgrams)`: what a document was dropped for. */
export function ruleText(judgements: readonly Judgement[] = []): string {
  const rule = judgements.find(({ passed }) => !passed)
  return rule ? `: ${rule.measure} ${valueText(rule.value)}, ${comparisonText(rule)}` : ''
}
