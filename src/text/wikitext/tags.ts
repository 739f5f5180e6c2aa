import { decodeEntities } from './entities.ts'
import { GAP, MAX_DEPTH, type Page, protect, type Rendered } from './page.ts'
import { tagEnd, tagName } from './spans.ts'

/** Renders the comment, element or tag that begins at `at`; undefined if the `<` is just a sign. */
export function renderElement(
  page: Page,
  at: number,
  limit: number,
  depth: number,
): Rendered | undefined {
  const { text } = page
  const end = page.spans.endOf(at)
  const first = text.charCodeAt(at + 1)
  if (first === 0x21) return comment(text, at, end)
  if (first === 0x2f) return endTag(text, at, limit)
  const name = tagName(text, at + 1)
  if (name === '') return undefined
  const open = tagEnd(text, at)
  if (open === -1 || open >= limit) return undefined
  if (end !== 0 && end <= limit) {
    return {
      text: depth > MAX_DEPTH ? GAP : element(page, name, at, open + 1, end, depth + 1),
      end,
    }
  }
  return { text: startTag(name), end: open + 1 }
}

/**
 * A comment that fills its line removes the line. Of one that is never closed, only the opening is
 * removed.
 */
function comment(text: string, at: number, end: number): Rendered | undefined {
  if (end === 0) return text.startsWith('!--', at + 1) ? { text: '', end: at + 4 } : undefined
  const fillsLine = (at === 0 || text.charCodeAt(at - 1) === 0x0a) && text.charCodeAt(end) === 0x0a
  return { text: '', end: fillsLine ? end + 1 : end }
}

const BLOCKS = new Set(
  'div p center blockquote table tr td th dl dd dt ul ol li h1 h2 h3 h4 h5 h6 poem hr section'.split(
    ' ',
  ),
)

function endTag(text: string, at: number, limit: number): Rendered | undefined {
  const name = tagName(text, at + 2)
  const end = tagEnd(text, at)
  if (name === '' || end === -1 || end >= limit) return undefined
  return { text: BLOCKS.has(name) ? '\n' : '', end: end + 1 }
}

function startTag(name: string): string {
  if (name === 'br' || name === 'hr') return '\n'
  if (name === 'li') return '\n* '
  return BLOCKS.has(name) ? '\n' : name === 'ref' || name === 'references' ? GAP : ''
}

/** Renders an element as a whole: `[at, open)` is its start tag, `[at, end)` all of it. */
function element(
  page: Page,
  name: string,
  at: number,
  open: number,
  end: number,
  depth: number,
): string {
  const { text } = page
  if (text.charCodeAt(open - 2) === 0x2f) return name === 'nowiki' ? '' : GAP
  const close = text.lastIndexOf('<', end - 1)
  switch (name) {
    case 'nowiki':
      return decodeEntities(text.slice(open, close))
    case 'math':
      return maths(page, text.slice(open, close))
    case 'chem':
    case 'ce':
      return maths(page, `\\ce{${text.slice(open, close).trim()}}`)
    case 'pre':
    case 'syntaxhighlight':
    case 'source':
      return code(page, text.slice(at, open), text.slice(open, close))
    case 'sup':
      return raised(page.render(open, close, depth), SUPERSCRIPT, '^')
    case 'sub':
      return raised(page.render(open, close, depth), SUBSCRIPT, '_')
    default:
      return GAP
  }
}

function maths(page: Page, tex: string): string {
  const plain = decodeEntities(tex).replaceAll(/\s+/g, ' ').trim()
  return plain === '' ? GAP : protect(page, `$${plain}$`)
}

function code(page: Page, tag: string, content: string): string {
  const lines = decodeEntities(content.replaceAll(/<\/?nowiki>/g, ''))
    .replace(/^\n+/, '')
    .trimEnd()
  if (lines === '') return GAP
  const language = /lang\s*=\s*["']?([\w+#-]{1,20})/i.exec(tag)?.[1]?.toLowerCase() ?? ''
  if (!lines.includes('\n') && /\binline\b/i.test(tag)) return protect(page, `\`${lines}\``)
  const fence = lines.includes('```') ? '~~~~' : '```'
  return `\n${protect(page, `${fence}${language}\n${lines}\n${fence}`)}\n`
}

const SUPERSCRIPT = characterMap('0123456789+-−=()ni', '⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ')
const SUBSCRIPT = characterMap('0123456789+-−=()ni', '₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₙᵢ')

function characterMap(from: string, to: string): ReadonlyMap<string, string> {
  const raised = [...to]
  return new Map([...from].map((character, index) => [character, raised[index] ?? character]))
}

/**
 * "10^6" must not become "106": raised or lowered characters are used if they exist, otherwise
 * TeX's mark. Ordinals (1st, 2e) stay flat.
 */
function raised(content: string, map: ReadonlyMap<string, string>, mark: string): string {
  const plain = content.trim()
  if (plain === '' || plain.includes(GAP)) return plain
  if (/^(?:st|nd|rd|th|e|er|re|o|a|me|ème|TM|SM)$/i.test(plain) || plain.length > 40) return plain
  const characters = [...plain]
  if (characters.every((character) => map.has(character))) {
    return characters.map((character) => map.get(character)).join('')
  }
  return characters.length === 1 ? mark + plain : `${mark}(${plain})`
}
