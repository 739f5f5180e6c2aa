import type { Judgement, MeasuredRow, Verdict } from './filter.ts'

/** What is compared, and the reason for which the row is dropped if it does not pass. */
interface Compared<Value, Limit> {
  readonly reason: string
  readonly measure: string
  readonly value: Value
  readonly limit: Limit
  readonly option?: string
}

// Judging is done for every document, and spreading `compared` takes twenty times as long.

/** The value must not be less than the limit. */
export function atLeast(compared: Compared<number, number>): Judgement {
  const { reason, measure, value, limit, option } = compared
  return { reason, measure, value, comparison: 'least', limit, option, passed: !(value < limit) }
}

/** The value must not be more than the limit. */
export function atMost(compared: Compared<number, number>): Judgement {
  const { reason, measure, value, limit, option } = compared
  return { reason, measure, value, comparison: 'most', limit, option, passed: !(value > limit) }
}

/** Each name in the value, where `+` joins several, must be among those of the limit. */
export function among(compared: Compared<string, readonly string[]>): Judgement {
  const { reason, measure, value, limit, option } = compared
  const passed = namesIn(value).every((name) => limit.includes(name))
  return { reason, measure, value, comparison: 'among', limit, option, passed }
}

/** No name in the value, where `+` joins several, may be among those of the limit. */
export function notAmong(compared: Compared<string, readonly string[]>): Judgement {
  const { reason, measure, value, limit, option } = compared
  const passed = !namesIn(value).some((name) => limit.includes(name))
  return { reason, measure, value, comparison: 'not-among', limit, option, passed }
}

const namesIn = (value: string): string[] => value.split('+')

/**
 * Both ways to judge, made from the same comparisons, so that they always agree. A comparison that
 * does not hold for a row is left out of its list.
 */
export function judgedBy(judgements: (row: MeasuredRow) => readonly Judgement[]) {
  const judge = (row: MeasuredRow): Verdict => judgements(row).find(({ passed }) => !passed)?.reason
  return { judgements, judge }
}
