import { Tokenizer } from 'htmlparser2'

/**
 * An element of a page. Elements are in document order, so parents precede their children. Counts
 * include everything inside the element.
 */
export interface PageElement {
  readonly tag: string
  /** Index of the parent in the list; -1 at the top. */
  readonly parent: number
  /** Start of the element in the source; `end` is just past it. */
  readonly start: number
  end: number
  /** `class`, `id` and `role`, in lower case. */
  readonly names: string
  readonly hidden: boolean
  /** Characters of text, without white space. */
  letters: number
  /** Those of them that are inside links. */
  linked: number
  /** Commas of any script: sentences have them, menus do not. */
  commas: number
  /** Characters of the element's own text, which is not inside an inner block. */
  own: number
  paragraphs: number
  items: number
  images: number
  inputs: number
}

/** A page as a flat list. */
export interface Page {
  readonly elements: readonly PageElement[]
  readonly title: string
  /** `lang` of the page, as written. */
  readonly lang?: string
  /** Target of the first `rel="license"` link. */
  readonly license?: string
  /** Content of `<meta name="robots">`, several joined by commas. */
  readonly robots?: string
  /** Content of `<meta name="tdm-reservation">`. */
  readonly tdmReservation?: string
}

/** Further elements of a larger page count as text of earlier ones. */
const MAX_ELEMENTS = 200_000

/** How many open elements are searched for an unclosed `p` or `li`. */
const IMPLIED_DEPTH = 8

const VOID = new Set('area base br col embed hr img input link meta source track wbr'.split(' '))
const INLINE = new Set(
  'a abbr b bdi bdo big cite code em font i img kbd mark q s samp small span strong sub sup time tt u var wbr br'.split(
    ' ',
  ),
)
const SILENT = new Set(
  'script style template noscript iframe svg head title textarea select'.split(' '),
)

/**
 * Reads a page in linear time without building a tree. Nothing is recursive, so depth costs
 * nothing.
 */
export function readPage(html: string): Page {
  const elements: PageElement[] = []
  const open: number[] = []
  const openTags = new Map<string, number>()
  const page: { -readonly [Fact in keyof Omit<Page, 'elements'>]: Page[Fact] } = { title: '' }
  let start = 0
  let tag = ''
  let name = ''
  let attributes = new Map<string, string>()
  let silent = 0
  let links = 0
  const top = (): PageElement | undefined => elements[open.at(-1) ?? -1]
  const pop = (end: number): void => {
    const element = elements[open.pop() ?? -1]
    if (!element) return
    element.end = end
    openTags.set(element.tag, (openTags.get(element.tag) ?? 1) - 1)
    if (SILENT.has(element.tag)) silent--
    if (element.tag === 'a') links--
  }
  const closeTag = (closed: string, end: number): void => {
    if (!openTags.get(closed)) return
    while (open.length > 0 && top()?.tag !== closed) pop(start)
    pop(end)
  }
  const closeImplied = (): void => {
    const wanted = tag === 'li' ? 'li' : INLINE.has(tag) ? undefined : 'p'
    if (wanted === undefined || !openTags.get(wanted)) return
    for (let up = open.length - 1; up >= Math.max(0, open.length - IMPLIED_DEPTH); up--) {
      const above = elements[open[up] ?? -1]?.tag ?? ''
      if (above === wanted) closeTag(wanted, start)
      if (above === wanted || !INLINE.has(above)) return
    }
  }
  const readMeta = (): void => {
    const content = attributes.get('content')?.trim()
    const meta = attributes.get('name')?.trim().toLowerCase()
    if (!content) return
    if (meta === 'robots') page.robots = page.robots ? `${page.robots}, ${content}` : content
    if (meta === 'tdm-reservation') page.tdmReservation ??= content
  }
  const opened = (end: number): void => {
    closeImplied()
    if (tag === 'html') page.lang ??= attributes.get('lang') ?? attributes.get('xml:lang') ?? ''
    if (/^(?:a|link)$/.test(tag) && attributes.get('rel') === 'license')
      page.license ??= attributes.get('href') ?? ''
    if (tag === 'meta') readMeta()
    if (elements.length < MAX_ELEMENTS) {
      const element = elementOf(tag, open.at(-1) ?? -1, start, end, attributes)
      elements.push(element)
      if (!VOID.has(tag)) {
        open.push(elements.length - 1)
        openTags.set(tag, (openTags.get(tag) ?? 0) + 1)
        if (SILENT.has(tag)) silent++
        if (tag === 'a') links++
      }
    }
    attributes = new Map()
  }
  const text = (from: number, to: number): void => {
    const element = top()
    if (element?.tag === 'title') page.title ||= html.slice(from, to)
    if (!element || silent > 0) return
    const { letters, commas } = countText(html, from, to)
    element.letters += letters
    element.commas += commas
    if (links > 0) element.linked += letters
  }
  const ignore = () => {}
  const tokenizer = new Tokenizer(
    { decodeEntities: false },
    {
      onopentagname(from, to) {
        start = from - 1
        tag = html.slice(from, to).toLowerCase()
      },
      onopentagend: (at) => opened(at + 1),
      onselfclosingtag: (at) => opened(at + 1),
      onclosetag(from, to) {
        start = from - 2
        const close = html.indexOf('>', to)
        closeTag(html.slice(from, to).toLowerCase(), close === -1 ? html.length : close + 1)
      },
      onattribname(from, to) {
        name = html.slice(from, to).toLowerCase()
        if (!attributes.has(name)) attributes.set(name, '')
      },
      onattribdata(from, to) {
        if (USED.has(name))
          attributes.set(
            name,
            (attributes.get(name) ?? '') + html.slice(from, Math.min(to, from + 500)),
          )
      },
      onattribentity: ignore,
      onattribend: ignore,
      ontext: text,
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
  while (open.length > 0) pop(html.length)
  addUp(elements)
  return { elements, ...page }
}

const USED = new Set([
  'class',
  'id',
  'role',
  'style',
  'aria-hidden',
  'lang',
  'xml:lang',
  'rel',
  'href',
  'name',
  'content',
])

function elementOf(
  tag: string,
  parent: number,
  start: number,
  end: number,
  attributes: ReadonlyMap<string, string>,
): PageElement {
  const names = ['class', 'id', 'role'].map((name) => attributes.get(name) ?? '').join(' ')
  const hidden =
    attributes.has('hidden') ||
    attributes.get('aria-hidden') === 'true' ||
    /display\s*:\s*none|visibility\s*:\s*hidden/i.test(attributes.get('style') ?? '')
  return {
    tag,
    parent,
    start,
    end,
    names: names.toLowerCase(),
    hidden,
    letters: 0,
    linked: 0,
    commas: 0,
    own: 0,
    paragraphs: tag === 'p' ? 1 : 0,
    items: tag === 'li' ? 1 : 0,
    images: tag === 'img' ? 1 : 0,
    inputs: tag === 'input' ? 1 : 0,
  }
}

/**
 * Counts characters other than white space, and commas: Latin, Arabic, ideographic and full-width.
 */
function countText(html: string, from: number, to: number): { letters: number; commas: number } {
  let letters = 0
  let commas = 0
  for (let at = from; at < to; at++) {
    const code = html.charCodeAt(at)
    if (code > 32) letters++
    if (code === 0x2c || code === 0x60c || code === 0x3001 || code === 0xff0c) commas++
  }
  return { letters, commas }
}

/** Adds the counts of each element to its parent, from the last element to the first. */
function addUp(elements: readonly PageElement[]): void {
  for (let index = elements.length - 1; index >= 0; index--) {
    const element = elements[index]
    if (!element) continue
    // Until here `own` held the text of the inner blocks.
    element.own = element.letters - element.own
    const parent = elements[element.parent]
    if (!parent) continue
    parent.letters += element.letters
    parent.linked += element.linked
    parent.commas += element.commas
    parent.paragraphs += element.paragraphs
    parent.items += element.items
    parent.images += element.images
    parent.inputs += element.inputs
    parent.own += INLINE.has(element.tag) ? element.letters - element.own : element.letters
  }
}
