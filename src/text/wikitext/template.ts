import { GAP, type Page } from './page.ts'
import { isPageName, parserFunction } from './parser-functions.ts'
import type { Call } from './templates/call.ts'
import { contentHandler } from './templates/content.ts'
import { isDisambiguation, isFurniture, isInfobox, isStub } from './templates/furniture.ts'
import { foldName } from './templates/names.ts'

interface Argument {
  /** Folded; undefined for positional arguments. */
  readonly name: string | undefined
  /** The name as written; empty for positional arguments. */
  readonly written: string
  readonly start: number
  readonly end: number
}

const folded = new Map<string, string>()

/** `foldName` with a cache: a wiki has few templates and uses them often. */
function foldTemplateName(name: string): string {
  let known = folded.get(name)
  if (known === undefined) {
    known = foldName(name.replaceAll(/<!--[\s\S]*?-->/g, '')).replace(/^(?:template|قالب) ?: ?/, '')
    if (folded.size < 20_000) folded.set(name, known)
  }
  return known
}

/** Longer texts are not names. */
const MAX_NAME = 200

/**
 * Renders the template in `[start, end)`, which includes its brackets. Known templates are spelled
 * out or dropped. Of the unknown ones, those are kept that are inside a line and wrap one piece of
 * text, as formatting templates do.
 */
export function renderTemplate(page: Page, start: number, end: number, depth: number): string {
  const { text, spans } = page
  const inner = start + 2
  const close = end - 2
  let nameEnd = inner
  while (nameEnd < close && text.charCodeAt(nameEnd) !== 0x7c && nameEnd - inner < MAX_NAME) {
    nameEnd = Math.max(nameEnd + 1, spans.endOf(nameEnd))
  }
  if (nameEnd > close || (nameEnd < close && text.charCodeAt(nameEnd) !== 0x7c)) return GAP
  const written = text.slice(inner, nameEnd)
  const name = foldTemplateName(written)
  if (name.startsWith('#') || name.includes(':') || isPageName(name)) {
    const result = parserFunction(page, written, inner, close, depth)
    if (result !== undefined) return result
  }
  const handler = contentHandler(name)
  if (handler) {
    const content = handler(callOf(page, name, nameEnd, close, depth))
    return content === '' ? GAP : withBlanks(content, text, { start, nameEnd, close, end })
  }
  if (isInfobox(name)) return infobox(page, nameEnd, close, depth)
  if (isFurniture(name)) {
    if (isStub(name)) page.stub = true
    return GAP
  }
  const args = splitArguments(page, nameEnd, close)
  if (isDisambiguation(name, args.length)) page.disambiguation = true
  const [only] = args
  if (!only || args.length > 1 || only.name !== undefined || !standsInLine(text, start, end))
    return GAP
  const content = page.render(only.start, only.end, depth).trim()
  return /\p{L}/u.test(content) && !content.includes('\n') && !content.includes('://')
    ? content
    : GAP
}

const WORD_BEFORE = /[\p{L}\p{N}}]/u
const WORD_AFTER = /[\p{L}\p{N}{[]/u

/**
 * Blanks at the start of the first argument and at the end of the last one count. Without them, the
 * words of two adjacent templates would be joined.
 */
function withBlanks(
  content: string,
  text: string,
  { start, nameEnd, close, end }: Readonly<Record<'start' | 'nameEnd' | 'close' | 'end', number>>,
): string {
  const before = text[nameEnd + 1] === ' ' && WORD_BEFORE.test(text[start - 1] ?? '') ? ' ' : ''
  const after = text[close - 1] === ' ' && WORD_AFTER.test(text[end] ?? '') ? ' ' : ''
  return before + content + after
}

/** Whether there is other text on its line. */
function standsInLine(text: string, start: number, end: number): boolean {
  const before = text.charCodeAt(start - 1)
  const after = text.charCodeAt(end)
  const alone = (code: number) => Number.isNaN(code) || code === 0x0a
  return !(alone(before) || before === 0x7d) || !(alone(after) || after === 0x7b || after === 0x3c)
}

/** The arguments between the name and the closing brackets. */
function splitArguments(page: Page, start: number, end: number): Argument[] {
  const { text, spans } = page
  const args: Argument[] = []
  let from = start + 1
  let equals = -1
  const push = (to: number): void => {
    const written = equals === -1 ? '' : text.slice(from, equals).trim()
    const name = equals === -1 ? undefined : foldName(written)
    args.push({ name, written, start: equals === -1 ? from : equals + 1, end: to })
  }
  for (let at = start + 1; at < end; at = Math.max(at + 1, spans.endOf(at))) {
    const code = text.charCodeAt(at)
    if (code === 0x3d && equals === -1 && at - from <= MAX_NAME) equals = at
    if (code !== 0x7c) continue
    push(at)
    from = at + 1
    equals = -1
  }
  if (start < end) push(end)
  return args
}

function callOf(page: Page, name: string, start: number, end: number, depth: number): Call {
  const args = splitArguments(page, start, end)
  const positional = args.filter((arg) => arg.name === undefined)
  const rendered = new Map<Argument, string>()
  // Each argument is rendered once. If it were rendered again at every level, the cost would be
  // exponential in the nesting.
  const value = (arg: Argument | undefined): string => {
    if (!arg) return ''
    const known = rendered.get(arg) ?? page.render(arg.start, arg.end, depth).trim()
    rendered.set(arg, known)
    return known
  }
  const named = (key: string): string => value(args.findLast((arg) => arg.name === key))
  return {
    name,
    language: page.site.language,
    count: positional.length,
    at: (position) => value(positional[position - 1]) || named(String(position)),
    get(...names) {
      for (const key of names) {
        const found = named(key)
        if (found !== '') return found
      }
      return ''
    },
    rest: (from = 1) =>
      positional
        .slice(from - 1)
        .map(value)
        .filter((text) => text !== ''),
  }
}

const MAX_FACTS = 40
const MAX_FACT = 300
/** Arguments that control the layout of the box or name pictures. */
const NO_FACT =
  /^(?:image|img|photo|logo|map|pushpin|caption|alt|flag|coat|coor|lat|long|width|style|colou?r|صور|شعار|خريط|تعليق|علم|حجم|لون|احداثي|تصوير|پرچم|نقش)|(?:size|px|caption|image|alt|style|color|class)$/

const NO_VALUE = /\.(?:jpe?g|png|svg|gif|webp)\b|^\d+ ?px$/i

/** Keeps the first infobox as names and values. No infobox becomes part of the text. */
function infobox(page: Page, start: number, end: number, depth: number): string {
  if (page.infobox) return GAP
  const facts = new Map<string, string>()
  page.infobox = facts
  for (const arg of splitArguments(page, start, end)) {
    if (facts.size >= MAX_FACTS) break
    const { name } = arg
    if (name === undefined || name === '' || NO_FACT.test(name)) continue
    const value = page
      .render(arg.start, Math.min(arg.end, arg.start + 4000), depth)
      .replaceAll(GAP, '')
      .replaceAll(/\s*\n[*:#]*\s*/g, ', ')
      .replaceAll(/,(?: ?,)+/g, ',')
      .replace(/^[,\s]+|[,\s]+$/g, '')
    if (value === '' || value.length > MAX_FACT || NO_VALUE.test(value)) continue
    facts.set(arg.written, value)
  }
  return GAP
}
