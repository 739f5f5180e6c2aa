import type { PrintedLine } from '../../src/text/arabic-print/paragraphs.ts'

/** A piece of a PDF's text layer; lengths in points, `y` upwards from the bottom of the page. */
export interface TextItem {
  readonly text: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

const ARABIC = /\p{Script=Arabic}/u

/**
 * Pieces put together to lines by their height on the page, top to bottom. Within a line pieces go right to left if
 * most letters are Arabic, else left to right; a gap wider than a fifth of the letters' height is a space.
 */
export function textLines(items: readonly TextItem[], pageWidth: number): PrintedLine[] {
  const rows: TextItem[][] = []
  const sorted = items.filter(({ text }) => text.trim() !== '').sort((a, b) => b.y - a.y)
  for (const item of sorted) {
    const row = rows.at(-1)
    const first = row?.[0]
    if (row && first && first.y - item.y < Math.max(first.height, item.height) * 0.5) row.push(item)
    else rows.push([item])
  }
  const right = Math.max(...sorted.map(({ x, width }) => x + width))
  const left = Math.min(...sorted.map(({ x }) => x))
  const width = Math.max(right - left, pageWidth / 4)
  return rows.map((row) => {
    const isArabic = row.filter(({ text }) => ARABIC.test(text)).length * 2 >= row.length
    const start = isArabic
      ? right - Math.max(...row.map(({ x, width }) => x + width))
      : Math.min(...row.map(({ x }) => x)) - left
    const end = isArabic
      ? Math.min(...row.map(({ x }) => x)) - left
      : right - Math.max(...row.map(({ x, width }) => x + width))
    return { text: rowText(row, isArabic), indent: start / width, shortfall: end / width }
  })
}

function rowText(row: readonly TextItem[], isArabic: boolean): string {
  const ordered = [...row].sort((a, b) => (isArabic ? b.x - a.x : a.x - b.x))
  let text = ''
  let before: TextItem | undefined
  for (const item of ordered) {
    const [near, far] = isArabic ? [item, before] : [before, item]
    const gap = near && far ? far.x - (near.x + near.width) : 0
    if (before && gap > item.height * 0.2) text += ' '
    text += item.text
    before = item
  }
  return text
}
