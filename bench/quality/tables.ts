/** Lines of a text file; the last line feed ends the last line. */
export const linesOf = (text: string): readonly string[] => text.replace(/\n$/, '').split('\n')

/**
 * Rows of a table with commas or tabs. Quoted cells may hold line breaks, and quotes doubled. The
 * last row is empty if the table ends with a line feed.
 */
export function rowsOf(table: string, separator: ',' | '\t'): readonly (readonly string[])[] {
  const cell = new RegExp(`(?:"((?:[^"]|"")*)"|([^${separator}\\n]*))(${separator}|\\r?\\n|$)`, 'y')
  const rows: string[][] = [[]]
  while (cell.lastIndex < table.length) {
    const match = cell.exec(table)
    if (match === null) break
    rows.at(-1)?.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '')
    if (match[3] !== separator) rows.push([])
  }
  return rows
}
