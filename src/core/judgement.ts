import type { Judgement, MeasuredRow, Verdict } from './filter.ts'

/** What is compared, and the reason for which the row is dropped if it does not pass. */
interface Compared<Value, Limit> {
  readonly reason: string
  readonly measure: string
  readonly value: Value
  readonly limit: Limit
  readonly option?: string
}

/** The value must not be less than the limit. */
export function atLeast(compared: Compared<number, number>): Judgement {
  return { ...compared, comparison: 'least', passed: !(compared.value < compared.limit) }
}

/** The value must not be more than the limit. */
export function atMost(compared: Compared<number, number>): Judgement {
  return { ...compared, comparison: 'most', passed: !(compared.value > compared.limit) }
}

/** Each name in the value, where `+` joins several, must be among those of the limit. */
export function among(compared: Compared<string, readonly string[]>): Judgement {
  const passed = namesIn(compared.value).every((name) => compared.limit.includes(name))
  return { ...compared, comparison: 'among', passed }
}

/** No name in the value, where `+` joins several, may be among those of the limit. */
export function notAmong(compared: Compared<string, readonly string[]>): Judgement {
  const passed = !namesIn(compared.value).some((name) => compared.limit.includes(name))
  return { ...compared, comparison: 'not-among', passed }
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
