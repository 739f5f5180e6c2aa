import type { TextColumn } from '../core/batch.ts'
import { type ColumnData, type Columns, isList, isText, type NumberColumn } from './columns.ts'

/** Collects rows of text and number columns in reused memory. */
export interface ColumnGatherer {
  /**
   * Copies the rows `[start, end)`. Every call must pass the same column names and types. A list
   * column is a `TypeError`.
   */
  append(columns: Columns, start: number, end: number): void
  readonly rows: number
  /** Returns the collected columns and starts over. They are valid until the next `append`. */
  take(): Columns
}

/** An empty gatherer. */
export function columnGatherer(): ColumnGatherer {
  const gatherers = new Map<string, Gatherer>()
  let rows = 0
  return {
    append(columns, start, end) {
      for (const [name, values] of Object.entries(columns)) {
        let gatherer = gatherers.get(name)
        if (gatherer === undefined) {
          gatherer = gathererFor(values)
          gatherers.set(name, gatherer)
        }
        gatherer.append(values as never, start, end)
      }
      rows += end - start
    },
    get rows() {
      return rows
    },
    take() {
      rows = 0
      return Object.fromEntries(
        Array.from(gatherers, ([name, gatherer]) => [name, gatherer.take()]),
      )
    },
  }
}

interface Gatherer {
  append(values: never, start: number, end: number): void
  take(): ColumnData
}

function gathererFor(values: ColumnData): Gatherer {
  if (isList(values)) throw new TypeError('lists are not gathered')
  return isText(values) ? textGatherer() : numberGatherer(values)
}

function textGatherer(): Gatherer {
  let bytes = new Uint8Array(0)
  let offsets = new Int32Array(1)
  let rows = 0
  let length = 0
  return {
    append(column: TextColumn, start: number, end: number) {
      const first = column.offsets[start] ?? 0
      const last = column.offsets[end] ?? first
      bytes = withRoom(bytes, length, length + last - first)
      offsets = withRoom(offsets, rows + 1, rows + 1 + end - start)
      bytes.set(column.bytes.subarray(first, last), length)
      for (let row = start + 1; row <= end; row++)
        offsets[++rows] = (column.offsets[row] ?? 0) - first + length
      length += last - first
    },
    take() {
      const column = { bytes: bytes.subarray(0, length), offsets: offsets.subarray(0, rows + 1) }
      rows = 0
      length = 0
      return column
    },
  }
}

function numberGatherer(sample: NumberColumn): Gatherer {
  let values = sample.slice(0, 0)
  let rows = 0
  return {
    append(column: NumberColumn, start: number, end: number) {
      values = withRoom(values, rows, rows + end - start)
      values.set(column.subarray(start, end), rows)
      rows += end - start
    },
    take() {
      const taken = values.subarray(0, rows)
      rows = 0
      return taken
    },
  }
}

/**
 * Returns the array itself if it has room for `wanted` values. Otherwise returns a copy of the
 * first `used` values in an array at least twice as long.
 */
function withRoom<Values extends NumberColumn>(
  values: Values,
  used: number,
  wanted: number,
): Values {
  if (wanted <= values.length) return values
  const grown = new (values.constructor as new (length: number) => Values)(
    Math.max(wanted, values.length * 2),
  )
  grown.set(values.subarray(0, used))
  return grown
}
