const CODES = { red: 31, green: 32, yellow: 33, cyan: 36, dim: 2, bold: 1 } as const

/** Whether a line can be overwritten: a terminal that is not dumb. */
export function isTerminal(stream: NodeJS.WriteStream = process.stderr): boolean {
  return stream.isTTY === true && process.env.TERM !== 'dumb'
}

/** Whether to use colours: on a terminal, unless `NO_COLOR` is set (no-color.org). */
function hasColor(stream: NodeJS.WriteStream): boolean {
  return isTerminal(stream) && !process.env.NO_COLOR
}

/** Colours text if the stream supports it. */
export function paint(
  color: keyof typeof CODES,
  text: string,
  stream: NodeJS.WriteStream = process.stderr,
): string {
  return hasColor(stream) ? `\u001B[${CODES[color]}m${text}\u001B[0m` : text
}

/**
 * Makes text from documents safe for a terminal. Control characters, which could move the cursor or
 * change settings, and bidirectional overrides are shown as U+FFFD.
 */
export function plain(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    '\ufffd',
  )
}

/** Like `plain`, but on one line: for an id or a reason printed among other things. */
export const plainLine = (text: string): string => plain(text).replaceAll(/[\n\u2028\u2029]+/g, ' ')

const counts = new Intl.NumberFormat('en-US')

/** A count with thousands separators. */
export const count = (value: number): string => counts.format(value)

/** Formats bytes in the largest unit that leaves at least one digit before the point. */
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 ? Math.round(value) : value.toPrecision(3)} ${units[unit]}`
}

/** Formats a duration for people: `4.2 s`, `3 min 05 s`, `2 h 10 min`. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${String(Math.floor(seconds % 60)).padStart(2, '0')} s`
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
}

/**
 * Formats rows of cells as aligned columns. Numbers (cells of digits, with or without a unit) are
 * right-aligned.
 */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows)
    for (const [column, cell] of row.entries())
      widths[column] = Math.max(widths[column] ?? 0, cell.length)
  const isNumber = (cell: string): boolean => /^[\d,.]+( ?%| [kMGT]?B)?$/.test(cell)
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          isNumber(cell) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
