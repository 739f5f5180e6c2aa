import { GAP } from './page.ts'
import { repairLine } from './repair.ts'
import { isTailSection } from './sections.ts'

/** A line of the result; headings have a level, from 2. */
interface Line {
  readonly text: string
  readonly level: number
}

/**
 * Turns rendered wikitext into Markdown lines: headings, lists, and code that was indented by a
 * space. Drops tail sections, sections that became empty, rules, and lines of which nothing is
 * left.
 */
export function formatLines(rendered: string): string {
  const lines: Line[] = []
  const numbers: number[] = []
  let indented: string[] = []
  /** The level of the tail section being skipped, 0 outside. */
  let skipping = 0
  const flushIndented = (): void => {
    pushIndented(lines, indented)
    indented = []
  }
  for (const raw of rendered.split('\n')) {
    const heading = parseHeading(raw)
    if (heading) {
      flushIndented()
      numbers.length = 0
      if (skipping > 0 && heading.level > skipping) continue
      skipping = isTailSection(heading.text) ? heading.level : 0
      if (skipping === 0) pushHeading(lines, heading)
      continue
    }
    if (skipping > 0) continue
    if (raw.charCodeAt(0) === 0x20 && raw.trim() !== '' && !raw.includes(GAP)) {
      indented.push(raw.slice(1).trimEnd())
      continue
    }
    flushIndented()
    const text = formatLine(raw, numbers)
    if (text !== undefined) lines.push({ text, level: 0 })
  }
  flushIndented()
  while ((lines.at(-1)?.level ?? 0) > 0 || lines.at(-1)?.text === '') lines.pop()
  return joinLines(lines)
}

function parseHeading(raw: string): Line | undefined {
  if (raw.charCodeAt(0) !== 0x3d) return undefined
  const line = raw.replaceAll(GAP, '').trim()
  let level = 0
  while (level < 6 && line[level] === '=' && line[line.length - 1 - level] === '=') level++
  if (level === 0 || line.length < level * 2 + 1) return undefined
  const text = line.slice(level, -level).replaceAll(/\s+/g, ' ').trim()
  return text === '' ? undefined : { text, level: Math.max(2, level) }
}

/** Removes empty sections when the next heading of the same or a higher rank begins. */
function pushHeading(lines: Line[], heading: Line): void {
  for (;;) {
    const last = lines.at(-1)
    if (!last || (last.text !== '' && last.level < heading.level)) break
    lines.pop()
  }
  lines.push(heading)
}

/** Two lines in a row that begin with a space are meant as code; a single one is a slip. */
function pushIndented(lines: Line[], indented: readonly string[]): void {
  if (indented.length === 0) return
  if (indented.length === 1) lines.push({ text: tidy(indented[0] ?? ''), level: 0 })
  else for (const text of ['```', ...indented, '```']) lines.push({ text, level: 0 })
}

const WIDE_SPACE = /[\t\u00a0\u2009\u200a\u202f]| {2}/

function tidy(text: string): string {
  const spaced = WIDE_SPACE.test(text)
    ? text.replaceAll(/[ \t\u00a0\u2009\u200a\u202f]+/g, ' ')
    : text
  return repairLine(spaced).trim()
}

/** Formats one line of text or of a list; undefined if nothing is left of it. */
function formatLine(raw: string, numbers: number[]): string | undefined {
  let marks = 0
  while ('*#:;'.includes(raw[marks] ?? ' ')) marks++
  const prefix = raw.slice(0, marks)
  const content = tidy(raw.slice(marks))
  if (content === '') return raw.trim() === '' ? '' : undefined
  // Punctuation whose words were dropped, or never existed.
  if (raw.includes(GAP) ? !/[\p{L}\p{N}\uFDD0]/u.test(content) : /^[.,;:،؛]+$/.test(content))
    return undefined
  if (/^(?:-{4,}|[|!]|\{\||\|\})/.test(content)) return undefined
  if (marks === 0) {
    numbers.length = 0
    return content
  }
  return listMark(prefix, numbers) + content
}

const MAX_INDENT = 6

/** Markdown's mark for wiki marks such as `*`, `#*` or `::`; numbered lists keep counting. */
function listMark(prefix: string, numbers: number[]): string {
  const depth = Math.min(prefix.length, MAX_INDENT)
  const kind = prefix.at(-1)
  numbers.length = Math.min(numbers.length, depth)
  while (numbers.length < depth) numbers.push(0)
  if (kind === ';' || /^:+$/.test(prefix)) return ''
  const indent = '  '.repeat(depth - 1)
  if (kind === ':') return indent
  if (kind === '*') return `${indent}- `
  const number = (numbers[depth - 1] ?? 0) + 1
  numbers[depth - 1] = number
  return `${indent}${number}. `
}

/** At most one empty line between lines, and one around every heading. */
function joinLines(lines: readonly Line[]): string {
  let out = ''
  let empty = true
  for (const { text, level } of lines) {
    if (text === '') {
      if (!empty) out += '\n'
      empty = true
      continue
    }
    if (level > 0) {
      out += `${empty ? '' : '\n'}${'#'.repeat(level)} ${tidy(text)}\n\n`
      empty = true
      continue
    }
    out += `${text}\n`
    empty = false
  }
  return out.trim()
}
