/** A stretch of a text, from `start` up to `end`. */
export interface Span {
  readonly start: number
  readonly end: number
}

const FENCE = /^ {0,3}(`{3,}|~{3,})/
const INDENTED = /^(?: {4}| {0,3}\t)/
const BACKTICKS = /`+/g

/**
 * Code in a text of Markdown, in order: fenced blocks, blocks indented after an empty line, and
 * stretches between equal runs of backticks in one line. A fence without an end reaches to the end.
 */
export function codeSpans(text: string): Span[] {
  const spans: Span[] = []
  let fence = ''
  let mayIndent = true
  for (let start = 0; start < text.length; ) {
    const next = text.indexOf('\n', start)
    const end = next < 0 ? text.length : next
    const line = text.slice(start, end)
    const mark = FENCE.exec(line)?.[1] ?? ''
    if (fence !== '') {
      spans.push({ start, end })
      if (mark.startsWith(fence)) fence = ''
    } else if (mark !== '') {
      fence = mark
      spans.push({ start, end })
    } else if (mayIndent && INDENTED.test(line)) {
      spans.push({ start, end })
    } else {
      mayIndent = line.trim() === ''
      if (line.includes('`')) spans.push(...inlineSpans(line, start))
    }
    start = end + 1
  }
  return spans
}

function inlineSpans(line: string, offset: number): Span[] {
  const runs = [...line.matchAll(BACKTICKS)].map(({ 0: { length }, index }) => ({ index, length }))
  const next = new Map<number, number>()
  const closing = new Array<number>(runs.length).fill(-1)
  for (let at = runs.length - 1; at >= 0; at--) {
    const { length } = runs[at] ?? { length: 0 }
    closing[at] = next.get(length) ?? -1
    next.set(length, at)
  }
  const spans: Span[] = []
  for (let at = 0; at < runs.length; at++) {
    const opened = runs[at]
    const closed = runs[closing[at] ?? -1]
    if (opened === undefined || closed === undefined) continue
    spans.push({ start: offset + opened.index, end: offset + closed.index + closed.length })
    at = closing[at] ?? at
  }
  return spans
}
