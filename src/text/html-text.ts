import { decodeHTML, decodeHTMLAttribute } from 'entities'
import { Tokenizer } from 'htmlparser2'
import { blockWriter } from './block-writer.ts'

/**
 * Readable text of HTML posts and comments: paragraphs, lists, quotes, tables and headings as
 * Markdown, code fenced with its language, TeX as it is, links as their text. No tree is built and
 * nothing is recursive, so depth costs nothing. Unclosed and misnested tags are accepted.
 */
export interface HtmlText {
  readonly text: string
  /** Targets of links in order, each once, at most 100. */
  readonly links: readonly string[]
}

const MAX_LINKS = 100

/** Elements whose content is not text. */
const HIDDEN = new Set([
  'script',
  'style',
  'template',
  'noscript',
  'iframe',
  'svg',
  'head',
  'title',
  'textarea',
  'select',
])

/** Elements on lines of their own, with the distance to their neighbours in lines. */
const BLOCKS = new Map<string, 1 | 2>([
  ...[
    'p',
    'div',
    'section',
    'article',
    'header',
    'footer',
    'figure',
    'table',
    'dl',
    'details',
    'center',
  ].map((name) => [name, 2] as const),
  ...['br', 'tr', 'dt', 'dd', 'figcaption', 'summary', 'address'].map((name) => [name, 1] as const),
])

const HEADING = /^h([1-6])$/

/** Image descriptions without information, including file names. */
const EMPTY_ALT =
  /^(enter image description here|alt text|image|screenshot|[^\s/]{1,100}\.(?:jpe?g|png|gif|svg|webp|avif)|)$/i

type Attributes = ReadonlyMap<string, string>

/** Converts one fragment of HTML in linear time. Never throws. */
export function htmlToText(html: string): HtmlText {
  const writer = converter()
  tokenize(html, writer)
  return writer.finish()
}

interface Handler {
  open(tag: string, attributes: Attributes): void
  close(tag: string): void
  text(text: string): void
}

const NO_ATTRIBUTES: Attributes = new Map()

function tokenize(html: string, handler: Handler): void {
  let tag = ''
  let name = ''
  let value = ''
  let attributes: Map<string, string> | undefined
  const opened = () => {
    handler.open(tag, attributes ?? NO_ATTRIBUTES)
    attributes = undefined
  }
  const ignore = () => {}
  const tokenizer = new Tokenizer(
    // Decoding all text between two tags at once is twice as fast as letting the tokenizer stop at
    // every reference.
    { decodeEntities: false },
    {
      onopentagname: (start, end) => {
        tag = html.slice(start, end).toLowerCase()
      },
      onopentagend: opened,
      onselfclosingtag: opened,
      onclosetag: (start, end) => handler.close(html.slice(start, end).toLowerCase()),
      onattribname: (start, end) => {
        name = html.slice(start, end).toLowerCase()
        value = ''
      },
      onattribdata: (start, end) => {
        value += html.slice(start, end)
      },
      onattribentity: ignore,
      onattribend: () => {
        attributes ??= new Map()
        if (!attributes.has(name)) attributes.set(name, decodeHTMLAttribute(value))
      },
      ontext: (start, end) => handler.text(html.slice(start, end)),
      ontextentity: ignore,
      oncomment: ignore,
      oncdata: ignore,
      ondeclaration: ignore,
      onprocessinginstruction: ignore,
      onend: ignore,
    },
  )
  tokenizer.write(html)
  tokenizer.end()
}

function converter(): Handler & { finish(): HtmlText } {
  const writer = blockWriter()
  const links = new Set<string>()
  const lists: (number | undefined)[] = []
  let hidden: string | undefined
  let pre: { text: string; language: string } | undefined
  let code: string | undefined
  let href: string | undefined
  let raised = ''
  let inHeading = false
  let row: { cells: number; header: boolean } | undefined
  let pending = ''

  /** Writes the text since the last tag. */
  const flush = (): void => {
    if (pending === '') return
    const text = pending.includes('&') ? decodeHTML(pending) : pending
    pending = ''
    if (pre) pre.text += text
    else if (code !== undefined) code += text
    else writer.text(raised === '' ? linkText(text, href) : raised + inParentheses(text))
  }
  const endPre = (): void => {
    if (pre && pre.text.trim() !== '') writer.lines(fenced(pre.text, pre.language))
    pre = undefined
  }
  const endCode = (): void => {
    if (code !== undefined && code.trim() !== '') writer.verbatim(quoted(code))
    code = undefined
  }
  const endRow = (): void => {
    if (!row) return
    const { cells, header } = row
    row = undefined
    if (cells > 0) writer.verbatim(' |')
    writer.end(1)
    if (!header) return
    writer.verbatim(`|${' --- |'.repeat(cells)}`)
    writer.end(1)
  }
  const openCell = (tag: string): void => {
    row ??= { cells: 0, header: false }
    writer.verbatim(row.cells++ === 0 ? '| ' : ' | ')
    if (tag === 'th') row.header = true
  }
  const openItem = (): void => {
    if (writer.isInside('li')) writer.close('li')
    const number = lists.at(-1)
    const marker = number === undefined ? '- ' : `${number}. `
    if (number !== undefined) lists[lists.length - 1] = number + 1
    writer.open('li', marker, ' '.repeat(marker.length))
  }
  const open = (tag: string, attributes: Attributes): void => {
    const heading = HEADING.exec(tag)
    const gap = BLOCKS.get(tag)
    if (tag === 'td' || tag === 'th') openCell(tag)
    else if (row && tag !== 'tr' && (gap !== undefined || heading || tag === 'li')) writer.text(' ')
    else if (heading) {
      inHeading = true
      writer.end(2)
      writer.verbatim(`${'#'.repeat(Number(heading[1]))} `)
    } else if (tag === 'blockquote') {
      writer.end(2)
      writer.open(tag, '> ', '> ')
    } else if (tag === 'ul' || tag === 'ol') {
      writer.end(lists.length > 0 ? 1 : 2)
      const start = Number(attributes.get('start') ?? 1)
      writer.open('list', '', '')
      lists.push(tag === 'ol' ? (Number.isSafeInteger(start) ? start : 1) : undefined)
    } else if (tag === 'li') openItem()
    else if (tag === 'hr') writer.lines('---')
    else if (tag === 'img') {
      const alt = attributes.get('alt') ?? ''
      if (!EMPTY_ALT.test(alt.trim())) writer.text(`[${alt.trim()}]`)
    } else if (tag === 'br' && inHeading) writer.text(' ')
    else if (gap !== undefined) {
      inHeading = false
      endRow()
      writer.end(gap)
      if (tag === 'tr') row = { cells: 0, header: false }
    }
  }
  return {
    open(tag, attributes) {
      if (hidden !== undefined) return
      flush()
      if (pre) {
        if (tag === 'br') pre.text += '\n'
        if (tag === 'code') pre.language ||= languageOf(attributes)
        return
      }
      if (code !== undefined) return
      if (HIDDEN.has(tag)) hidden = tag
      else if (tag === 'pre') pre = { text: '', language: languageOf(attributes) }
      else if (tag === 'code' || tag === 'tt' || tag === 'samp') code = ''
      else if (tag === 'sup' || tag === 'sub') raised = tag === 'sup' ? '^' : '_'
      else if (tag === 'a') {
        href = attributes.get('href') ?? ''
        if (/^https?:/i.test(href) && links.size < MAX_LINKS) links.add(href)
      } else open(tag, attributes)
    },
    close(tag) {
      flush()
      if (hidden !== undefined) hidden = tag === hidden ? undefined : hidden
      else if (pre) {
        if (tag === 'pre') endPre()
      } else if (code !== undefined) {
        if (tag === 'code' || tag === 'tt' || tag === 'samp') endCode()
      } else if (tag === 'a') href = undefined
      else if (tag === 'sup' || tag === 'sub') raised = ''
      else if (tag === 'tr' || tag === 'table') {
        endRow()
        if (tag === 'table') writer.end(2)
      } else if (tag === 'li') writer.close('li')
      else if (tag === 'ul' || tag === 'ol') {
        writer.close('list')
        lists.pop()
        writer.end(lists.length > 0 ? 1 : 2)
      } else if (tag === 'blockquote') {
        writer.close(tag)
        writer.end(2)
      } else if (!row && tag !== 'br') {
        const isHeading = HEADING.test(tag)
        if (isHeading) inHeading = false
        const gap = isHeading ? 2 : BLOCKS.get(tag)
        if (gap !== undefined) writer.end(gap)
      }
    },
    text(text) {
      if (hidden === undefined) pending += text
    },
    finish() {
      flush()
      endPre()
      endCode()
      endRow()
      return { text: writer.finish(), links: [...links] }
    },
  }
}

/** Hacker News shortens the text of long links; the target has the missing part. */
function linkText(text: string, href: string | undefined): string {
  return href !== undefined && text.endsWith('...') && href.startsWith(text.slice(0, -3))
    ? href
    : text
}

/** As an exponent or index, anything longer than a number, letter or word needs parentheses. */
function inParentheses(text: string): string {
  return /^[+\-−]?[\p{L}\p{N}]+$/u.test(text) ? text : `(${text.trim()})`
}

/** The language named by a class `lang-…` or `language-…`, or `''`. */
function languageOf(attributes: Attributes): string {
  const name =
    /(?:^|\s)lang(?:uage)?-([\w+#.-]{1,30})/.exec(attributes.get('class') ?? '')?.[1] ?? ''
  return name === 'none' || name === 'default' ? '' : name
}

/** A fenced block whose fence is longer than any run of backticks in the text. */
function fenced(text: string, language: string): string {
  const body = text.replace(/\r\n?/g, '\n').replace(/^\n/, '').trimEnd()
  let fence = '```'
  while (body.includes(fence)) fence += '`'
  return `${fence}${language}\n${body}\n${fence}`
}

function quoted(code: string): string {
  const body = code.replace(/\s+/g, ' ')
  if (!body.includes('`')) return `\`${body}\``
  return `\`\` ${body} \`\``
}
