import { plainLine } from './terminal.ts'

const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** Code units around a place that are searched for the start of a character. */
const REACH = 64

/** The last place up to `index` where a character, as readers see it, begins or the text ends. */
export function characterStart(text: string, index: number): number {
  if (index >= text.length) return text.length
  const from = Math.max(0, index - REACH)
  const segment = characters.segment(text.slice(from, index + REACH)).containing(index - from)
  return from + (segment?.index ?? 0)
}

/** The part of a line from `start` to `end`, on one line, with `…` where more is left out. */
export function excerpt(line: string, start: number, end: number): string {
  const [first, last] = [characterStart(line, Math.max(0, start)), characterStart(line, end)]
  const part = plainLine(line.slice(first, last))
  return `${first > 0 ? '…' : ''}${isolated(part)}${last < line.length ? '…' : ''}`
}

/** Text within Unicode isolates, so that its direction does not move what stands around it. */
export const isolated = (text: string): string => `\u2068${text}\u2069`
