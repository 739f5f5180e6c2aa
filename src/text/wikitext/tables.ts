import { GAP, type Page, protect } from './page.ts'

/** A larger table is a list of data, not part of the reading text. */
const MAX_ROWS = 60
const MAX_COLUMNS = 12
const MAX_CELL = 400
/** A table with more separators than this cannot be kept. */
const MAX_CELLS = MAX_ROWS * MAX_COLUMNS

/** Tables that are not part of the reading text, by their class. */
const FURNITURE =
  /class\s*=\s*"?[^"|\n]{0,200}\b(?:navbox|infobox|metadata|ambox|vertical-navbox|sidebar|succession)/i

interface Cell {
  readonly start: number
  readonly end: number
}

/**
 * Renders the content between `{|` and `|}` as a Markdown table on lines of its own. Drops large
 * tables, tables with fewer than two columns or rows, and navigation.
 */
export function renderTable(page: Page, start: number, end: number, depth: number): string {
  const lineEnd = page.text.indexOf('\n', start)
  if (
    lineEnd === -1 ||
    lineEnd >= end ||
    FURNITURE.test(page.text.slice(start, Math.min(lineEnd, start + 1000)))
  ) {
    return GAP
  }
  const cut = cutCells(page, lineEnd, end)
  if (!cut) return GAP
  const rows = cut.rows.map((row) => row.map((cell) => cellText(page, cell, depth)))
  const filled = rows.filter((row) => row.some((cell) => cell !== ''))
  const columns = Math.max(0, ...filled.map((row) => row.length))
  if (
    filled.length < 2 ||
    columns < 2 ||
    columns > MAX_COLUMNS ||
    filled.flat().some((cell) => cell.length > MAX_CELL)
  ) {
    return GAP
  }
  const caption = cut.caption ? cellText(page, cut.caption, depth) : ''
  const lines = filled.map(
    (row) => `| ${Array.from({ length: columns }, (_, index) => row[index] ?? '').join(' | ')} |`,
  )
  lines.splice(1, 0, `|${' --- |'.repeat(columns)}`)
  return `\n${protect(page, [...(caption ? [caption, ''] : []), ...lines].join('\n'))}\n`
}

function cutCells(
  page: Page,
  start: number,
  end: number,
): { rows: Cell[][]; caption: Cell | undefined } | undefined {
  const { text, spans } = page
  const rows: Cell[][] = []
  let row: Cell[] = []
  let caption: Cell | undefined
  let kind = 'none' as 'none' | 'cell' | 'caption'
  let from = start
  let header = false
  const close = (at: number): void => {
    if (kind === 'cell') row.push({ start: from, end: at })
    else if (kind === 'caption') caption = { start: from, end: at }
    kind = 'none'
  }
  const open = (at: number, next: typeof kind): void => {
    kind = next
    from = at
  }
  let cells = 0
  for (let at = start; at < end; at = Math.max(at + 1, spans.endOf(at))) {
    const code = text.charCodeAt(at)
    if (code === 0x0a) {
      let first = at + 1
      while (first < end && (text.charCodeAt(first) === 0x20 || text.charCodeAt(first) === 0x09))
        first++
      const mark = text.charCodeAt(first)
      if (first >= end || (mark !== 0x7c && mark !== 0x21)) continue
      close(at)
      const next = text.charCodeAt(first + 1)
      if (mark === 0x7c && next === 0x2d) {
        if (row.length > 0) rows.push(row)
        row = []
      } else if (mark === 0x7c && next === 0x2b) open(first + 2, 'caption')
      else open(first + 1, 'cell')
      header = mark === 0x21
      at = first
      cells++
    } else if (
      kind === 'cell' &&
      (code === 0x7c || (header && code === 0x21)) &&
      text.charCodeAt(at + 1) === code
    ) {
      close(at)
      open(at + 2, 'cell')
      at++
      cells++
    }
    if (cells > MAX_CELLS) return undefined
  }
  close(end)
  if (row.length > 0) rows.push(row)
  return rows.length > MAX_ROWS ? undefined : { rows, caption }
}

/** A cell on one line, without the attributes that may precede a single `|`. */
function cellText(page: Page, { start, end }: Cell, depth: number): string {
  const { text, spans } = page
  let from = start
  for (let at = start; at < end; at = Math.max(at + 1, spans.endOf(at))) {
    const code = text.charCodeAt(at)
    if (code === 0x0a || spans.endOf(at) !== 0) break
    if (code !== 0x7c) continue
    from = at + 1
    break
  }
  return page
    .render(from, end, depth)
    .replaceAll(GAP, '')
    .replaceAll(/^[*#:;]+/gm, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll('|', '\\|')
    .trim()
}
