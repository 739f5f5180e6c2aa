/*
 * Second pass: renders wikitext to text that contains Markdown maths and tables, with lines still
 * in wiki markup. Recurses over the brackets that the first pass matched, down to a fixed depth.
 * Anything dropped leaves a gap sign.
 */
import { decodeEntity } from './entities.ts'
import { externalLink, wikiLink } from './links.ts'
import { GAP, MAX_DEPTH, type Page, type Rendered } from './page.ts'
import { renderTable } from './tables.ts'
import { renderElement } from './tags.ts'
import { renderTemplate } from './template.ts'

/** ASCII characters at which a construct may begin. */
const SPECIAL = new Uint8Array(128)
for (const character of `'&<[]{}_`) SPECIAL[character.charCodeAt(0)] = 1

/** Renders `page.text[start, end)`. */
export function render(page: Page, start: number, end: number, depth: number): string {
  const { text } = page
  let out = ''
  let from = start
  let at = start
  while (at < end) {
    const code = text.charCodeAt(at)
    if (code >= 128 || SPECIAL[code] === 0) {
      at++
      continue
    }
    const rendered = construct(page, code, at, end, depth)
    if (rendered === undefined) {
      at++
      continue
    }
    out += text.slice(from, at) + rendered.text
    at = rendered.end
    from = at
  }
  return from === start ? text.slice(start, end) : out + text.slice(from, end)
}

function construct(
  page: Page,
  code: number,
  at: number,
  end: number,
  depth: number,
): Rendered | undefined {
  const { text } = page
  const twice = text.charCodeAt(at + 1) === code
  switch (code) {
    case 0x27: // '
      return twice ? emphasis(text, at) : undefined
    case 0x26: // &
      return decodeEntity(text, at)
    case 0x3c: // <
      return renderElement(page, at, end, depth)
    case 0x5b: // [
      return twice ? link(page, at, end, depth) : externalLink(page, at, end, depth)
    case 0x7b: // {
      if (twice) return template(page, at, end, depth)
      return text.charCodeAt(at + 1) === 0x7c ? table(page, at, end, depth) : undefined
    case 0x5d: // ]
    case 0x7d: // }
      return twice ? { text: '', end: at + 2 } : undefined
    default: // _
      return twice ? magicWord(page, at) : undefined
  }
}

/**
 * Removes bold and italics. Of four apostrophes one is real and stays, and so do those beyond five.
 */
function emphasis(text: string, at: number): Rendered {
  let end = at
  while (text.charCodeAt(end) === 0x27) end++
  const count = end - at
  const kept = count === 4 ? 1 : Math.max(0, count - 5)
  return { text: "'".repeat(kept), end }
}

function link(page: Page, at: number, limit: number, depth: number): Rendered {
  const end = page.spans.endOf(at)
  if (end === 0 || end > limit) return { text: '', end: at + 2 }
  return { text: depth > MAX_DEPTH ? GAP : wikiLink(page, at + 2, end - 2, depth + 1), end }
}

function template(page: Page, at: number, limit: number, depth: number): Rendered {
  const end = page.spans.endOf(at)
  if (end !== 0 && end <= limit)
    return { text: depth > MAX_DEPTH ? GAP : renderTemplate(page, at, end, depth + 1), end }
  // Never closed: its name and arguments up to the end of the line are not for readers.
  let line = at + 2
  while (line < limit && page.text.charCodeAt(line) !== 0x0a) line++
  return { text: GAP, end: line }
}

function table(page: Page, at: number, limit: number, depth: number): Rendered {
  const end = page.spans.endOf(at)
  if (end === 0 || end > limit) return { text: '', end: at + 2 }
  return { text: depth > MAX_DEPTH ? GAP : renderTable(page, at + 2, end - 2, depth + 1), end }
}

const MAGIC_WORD = /__[\p{Lu}\p{Lo}_]{2,40}?__/uy

/** Removes `__NOTOC__`, `__لافهرس__` and similar words. */
function magicWord(page: Page, at: number): Rendered | undefined {
  MAGIC_WORD.lastIndex = at
  const word = MAGIC_WORD.exec(page.text)?.[0]
  if (word === undefined) return undefined
  if (word === '__DISAMBIG__' || word === '__توضيح__') page.disambiguation = true
  return { text: '', end: at + word.length }
}
