/** A line of a printed page. Lengths are fractions of the width of its column. */
export interface PrintedLine {
  readonly text: string
  /** White space at the start of the line, which is the right side in Arabic. */
  readonly indent: number
  /** White space at the end of the line, which is the left side in Arabic. */
  readonly shortfall: number
}

/** How many lines at the top and at the bottom can be running headers and page numbers. */
const MARGIN_LINES = 2
/** A running header is on at least this many pages. */
const REPEATS = 3
const PAGE_NUMBER = /^[\p{P}\p{S}\s]*(?:(?:صفحة|ص|page|p)[\s.:]*)?[\p{Nd}]{1,4}[\p{P}\p{S}\s]*$/iu
const ROMAN_NUMBER = /^[p{P}\s]*[ivxl]{1,6}[p{P}\s]*$/i
/** Four or more dots in a row, as in a table of contents. */
const LEADERS = /(?:[.·…]\s?){4,}/

/**
 * Removes running headers and footers (the same line on three pages, ignoring digits), page numbers
 * and contents lines.
 */
export function withoutFurniture(pages: readonly (readonly PrintedLine[])[]): PrintedLine[][] {
  const pagesWith = new Map<string, number>()
  for (const lines of pages) {
    const here = new Set(
      lines.filter((_, place) => isMargin(place, lines.length)).map((line) => masked(line.text)),
    )
    for (const line of here) pagesWith.set(line, (pagesWith.get(line) ?? 0) + 1)
  }
  return pages.map((lines) =>
    lines.filter(({ text }, place) => {
      if (LEADERS.test(text)) return false
      if (!isMargin(place, lines.length)) return true
      return (
        !PAGE_NUMBER.test(text) &&
        !ROMAN_NUMBER.test(text) &&
        (pagesWith.get(masked(text)) ?? 0) < REPEATS
      )
    }),
  )
}

const isMargin = (place: number, lines: number): boolean =>
  place < MARGIN_LINES || place >= lines - MARGIN_LINES
const masked = (text: string): string =>
  text
    .replace(/\p{Nd}+/gu, '0')
    .replace(/[\p{P}\p{S}\s]+/gu, ' ')
    .trim()

/** Lines that leave this much of their column empty end a paragraph. */
const SHORT = 0.15
/** After a mark that ends a sentence, this much is enough. */
const SHORT_AFTER_STOP = 0.03
const INDENTED = 0.02
const DEEPLY_INDENTED = 0.5
const STOP = /[.؟?!:؛»”"۔]$/

/** A footnote begins with its number in brackets or followed by one. */
const NOTE = /^[([]?\s*(\p{Nd}{1,2})\s*[)\]]\s*(?=\p{L})/u
/** Footnotes start below this share of the page. */
const NOTES_BELOW = 0.4

/**
 * Splits a page into its body and its footnotes. If the text has no mark that points to the first
 * footnote, there are none.
 */
function splitNotes(lines: readonly PrintedLine[]): {
  body: readonly PrintedLine[]
  notes: string[]
} {
  const first = lines.findIndex(({ text }, place) => {
    const number =
      place >= Math.max(1, lines.length * NOTES_BELOW) ? NOTE.exec(text)?.[1] : undefined
    return number !== undefined && lines.slice(0, place).some((above) => points(above.text, number))
  })
  if (first === -1) return { body: lines, notes: [] }
  const notes: string[] = []
  for (const { text } of lines.slice(first)) {
    if (NOTE.test(text)) notes.push(text)
    else notes.push(`${notes.pop()} ${text}`)
  }
  return { body: lines.slice(0, first), notes }
}

/** Whether a line has this number in brackets, not at its start. */
const points = (text: string, number: string): boolean =>
  [`(${number})`, `[${number}]`].some((mark) => text.indexOf(mark) > 0)

/**
 * Joins lines to paragraphs, one per line. `starts` are the positions in the result where the text
 * of each page begins (code units). Arabic is not hyphenated, so lines are joined with a space,
 * even across pages. A paragraph ends at a short line, sooner if a sentence ends there, and before
 * an indented line. Footnotes follow the last paragraph of their page.
 */
export function joinLines(pages: readonly (readonly PrintedLine[])[]): {
  text: string
  starts: number[]
} {
  let text = ''
  let before: PrintedLine | undefined
  let waiting: string[] = []
  const starts = pages.map((lines) => {
    const { body, notes } = splitNotes(lines)
    let start: number | undefined
    for (const line of body) {
      if (before) {
        if (endsParagraph(before, line)) {
          text += ['', ...waiting, ''].join('\n')
          waiting = []
        } else text += ' '
      }
      start ??= text.length
      text += line.text
      before = line
    }
    waiting.push(...notes)
    return start ?? text.length
  })
  return { text: text + waiting.map((note) => `\n${note}`).join(''), starts }
}

function endsParagraph(line: PrintedLine, next: PrintedLine): boolean {
  if (line.shortfall >= SHORT) return true
  if (!STOP.test(line.text)) return false
  const isIndented = next.indent - line.indent >= INDENTED && next.indent < DEEPLY_INDENTED
  return line.shortfall >= SHORT_AFTER_STOP || isIndented
}
