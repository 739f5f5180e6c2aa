import type { PrintedLine } from '../../src/text/arabic-print/paragraphs.ts'

/**
 * A piece of a PDF's text layer. Lengths are in points, and `y` grows upwards from the bottom of
 * the page.
 */
export interface TextItem {
  readonly text: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

const ARABIC = /\p{Script=Arabic}/u

/**
 * Groups pieces into lines by their height on the page, from top to bottom. Lines that are mostly
 * Arabic are read from right to left, others from left to right. A gap wider than a fifth of the
 * letter height becomes a space.
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
  const ordered = row.toSorted((a, b) => a.x - b.x)
  const runs = isArabic ? rightToLeft(ordered) : [ordered]
  return joined(runs.map((run) => ({ text: joined(run, isArabic), ...extent(run) })))
}

function extent(run: readonly TextItem[]): Omit<TextItem, 'text'> {
  const x = Math.min(...run.map((item) => item.x))
  const width = Math.max(...run.map((item) => item.x + item.width)) - x
  return { x, width, y: run[0]?.y ?? 0, height: Math.max(...run.map(({ height }) => height)) }
}

/** Joins neighbouring pieces, with a space where the gap is wide enough. */
function joined(items: readonly TextItem[], mirrors = false): string {
  return items
    .map((item, at) => {
      const before = items[at - 1]
      const gap = before
        ? Math.max(item.x - before.x - before.width, before.x - item.x - item.width)
        : 0
      const isMirrored = mirrors && !LATIN.test(item.text)
      const text = isMirrored
        ? item.text.replace(BRACKET, (mark) => MIRRORED.get(mark) ?? mark)
        : item.text
      return gap > item.height * 0.2 ? ` ${text}` : text
    })
    .join('')
}

const LATIN = /[\p{Script=Latin}\p{Script=Greek}]/u
const NUMBER_OR_LATIN = /^[\p{Nd}\p{Script=Latin}\p{Script=Greek}]/u
const NUMBER_PUNCTUATION = /^[.,:/%+-]$/
const BRACKET = /[()[\]{}«»]/g
/**
 * Text layers store glyphs as they look, but which bracket opens depends on the direction of
 * reading.
 */
const MIRRORED = new Map(
  [...'()', ...'[]', ...'{}', ...'«»'].map((mark, at, all) => [mark, all[at ^ 1] ?? mark] as const),
)

/**
 * Orders pieces from right to left, but keeps numbers and Latin words of several pieces from left
 * to right.
 */
function rightToLeft(ordered: readonly TextItem[]): TextItem[][] {
  const runs: TextItem[][] = []
  for (const [at, item] of ordered.entries()) {
    const run = runs.at(-1)
    const last = run?.at(-1)
    const next = ordered[at + 1]
    const isInside =
      NUMBER_PUNCTUATION.test(item.text) && next !== undefined && NUMBER_OR_LATIN.test(next.text)
    const goesOn = last && (NUMBER_OR_LATIN.test(last.text) || NUMBER_PUNCTUATION.test(last.text))
    const isStarted = run?.[0] && NUMBER_OR_LATIN.test(run[0].text)
    if (run && isStarted && goesOn && (NUMBER_OR_LATIN.test(item.text) || isInside)) run.push(item)
    else runs.push([item])
  }
  return runs.reverse()
}
