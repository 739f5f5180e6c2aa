import type { Filter, Measures } from '../../core/filter.ts'
import type { Step } from '../plan/plan.ts'

/** Values of one measure, one per row. */
export type MeasureValues = Float32Array | Uint32Array | string[]

/** `step` of a row that no filter dropped. */
export const KEPT = -1
/** `step` of a row that the engine dropped before the first filter. */
export const ENGINE_STEP = -2

/** What the filters measured and decided about some rows. */
export interface Ledger {
  readonly rows: number
  /** Index in the source's chain of the filter that dropped the row, or `KEPT` or `ENGINE_STEP`. */
  readonly step: Int16Array
  /** Index of the last filter that measured the row (and rewrote its text); −1 before the first. */
  readonly reached: Int16Array
  /** `''` for kept rows. */
  readonly reason: string[]
  /** By `<filter>.<measure>`; 0 or `''` for rows that the filter did not reach. */
  readonly values: Map<string, MeasureValues>
}

/** An empty ledger with room for every measure of a chain. */
export function newLedger(rows: number, steps: readonly Step[]): Ledger {
  const values = new Map<string, MeasureValues>()
  for (const { name, filter } of steps) {
    for (const [measure, { type }] of Object.entries(filter.measures)) {
      values.set(`${name}.${measure}`, newValues(type, rows))
    }
  }
  return {
    rows,
    step: new Int16Array(rows).fill(KEPT),
    reached: new Int16Array(rows).fill(-1),
    reason: new Array<string>(rows).fill(''),
    values,
  }
}

function newValues(type: 'number' | 'count' | 'label', rows: number): MeasureValues {
  if (type === 'number') return new Float32Array(rows)
  return type === 'count' ? new Uint32Array(rows) : new Array<string>(rows).fill('')
}

/**
 * Arrays for one filter to write its measures to, by measure. `measures` is the view of them that
 * the filter gets.
 */
export function measureBuffers(
  filter: Filter,
  rows: number,
): { measures: Measures; arrays: Map<string, MeasureValues> } {
  const arrays = new Map<string, MeasureValues>()
  for (const [name, { type }] of Object.entries(filter.measures))
    arrays.set(name, newValues(type, rows))
  const get = (type: string) => (name: string) => {
    const array = arrays.get(name)
    if (array === undefined || filter.measures[name]?.type !== type)
      throw new Error(`no ${type} measure "${name}"`)
    return array as never
  }
  return { measures: { number: get('number'), count: get('count'), label: get('label') }, arrays }
}

/**
 * Index of the last filter whose measures count for a row. For a dropped row this is at most the
 * filter that dropped it, even if the row got further under earlier thresholds.
 */
export function lastMeasured(ledger: Ledger, row: number): number {
  const step = ledger.step[row] ?? KEPT
  const reached = ledger.reached[row] ?? -1
  return step === KEPT ? reached : Math.min(step, reached)
}

/**
 * Returns a function that reads the measures of one filter, by measure, for a row of the ledger.
 */
export function measureReader(
  ledger: Ledger,
  { name, filter }: Step,
): (row: number) => Record<string, number | string> {
  const columns = Object.keys(filter.measures).flatMap((measure) => {
    const values = ledger.values.get(`${name}.${measure}`)
    return values === undefined ? [] : [[measure, values] as const]
  })
  return (row) => {
    const found: Record<string, number | string> = {}
    for (const [measure, values] of columns) {
      const value = values[row]
      if (value !== undefined) found[measure] = value
    }
    return found
  }
}

/** Copies the given rows, in the given order, into a new ledger. */
export function gatherLedger(
  refs: readonly { readonly ledger: Ledger; readonly row: number }[],
): Ledger {
  const first = refs[0]?.ledger
  const values = new Map<string, MeasureValues>()
  for (const [name, sample] of first?.values ?? []) {
    const cells = refs.map(({ ledger, row }) => ledger.values.get(name)?.[row])
    if (sample instanceof Float32Array) values.set(name, Float32Array.from(cells as number[]))
    else if (sample instanceof Uint32Array) values.set(name, Uint32Array.from(cells as number[]))
    else values.set(name, cells as string[])
  }
  return {
    rows: refs.length,
    step: Int16Array.from(refs, ({ ledger, row }) => ledger.step[row] ?? KEPT),
    reached: Int16Array.from(refs, ({ ledger, row }) => ledger.reached[row] ?? -1),
    reason: refs.map(({ ledger, row }) => ledger.reason[row] ?? ''),
    values,
  }
}
