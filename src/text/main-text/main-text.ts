import { decodeHTML } from 'entities'
import { htmlToText } from '../html-text.ts'
import { type PageElement, readPage } from './element-tree.ts'

/** The main text of a page, without its surroundings. */
export interface MainText {
  /** Markdown, as `htmlToText` writes it. */
  readonly text: string
  readonly title: string
  /** Language that the page declares: `ar`, `en-GB`. */
  readonly lang?: string
  /** Address of the licence that the page declares as its own. */
  readonly license?: string
  /** What the head says to robots, and on text and data mining: `noindex, noai` and `1`. */
  readonly optOut: { readonly robots?: string; readonly tdm_reservation?: string }
}

/*
 * Extracts the main text of a web page with the method of Arc90's Readability, as maintained in
 * Mozilla's Reader View. Paragraphs earn points for length and commas and pass them to the elements
 * around them; the element with the most points and few links wins. Names, weights and thresholds
 * are those of that method. New is that it works on a flat list in source order, in time linear in
 * the page at any depth.
 */

/** Class and id names of elements that are not the text, unless `LIKELY` matches too. */
const UNLIKELY =
  /-ad-|ad-break|banner|breadcrumb|combx|comment|community|cookie|consent|disqus|extra|footer|gdpr|header|legends|menu|navbar|navigation|newsletter|pager|pagination|popup|promo|related|remark|replies|rss|share|shoutbox|sidebar|skyscraper|social|sponsor|subscribe|supplemental|yom-remote/
const LIKELY = /and|article|body|column|content|main|shadow|mathjax/
const POSITIVE =
  /article|body|content|entry|hentry|h-entry|main|page|pagination|post|text|blog|story/
const NEGATIVE =
  /-ad-|hidden|^hid$| hid$| hid |^hid |banner|combx|comment|com-|contact|footer|gdpr|masthead|media|meta|outbrain|promo|related|scroll|share|shoutbox|sidebar|skyscraper|sponsor|shopping|tags|widget|editsection|noprint/

/** Elements that are never part of the text. */
const DROPPED = new Set(
  'script style template noscript iframe svg head nav footer aside form button object embed input textarea select dialog menu'.split(
    ' ',
  ),
)
const DROPPED_ROLE =
  /(?:^| )(?:navigation|complementary|banner|menu|menubar|dialog|alertdialog|search|contentinfo)(?: |$)/

/** Elements that earn points. Containers such as `div` also do if they have text of their own. */
const PARAGRAPHS = new Set([
  'p',
  'td',
  'pre',
  'section',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'blockquote',
  'dd',
])
const CONTAINERS = new Set(['div', 'section', 'article', 'main', 'td', 'li', 'body', 'center'])
const TAG_POINTS = new Map<string, number>([
  ...['article', 'main'].map((tag) => [tag, 10] as const),
  ['div', 5],
  ...['pre', 'td', 'blockquote'].map((tag) => [tag, 3] as const),
  ...['address', 'ol', 'ul', 'dl', 'dd', 'dt', 'li', 'form'].map((tag) => [tag, -3] as const),
  ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'th'].map((tag) => [tag, -5] as const),
])

/** How many ancestors get a share of a paragraph's points. */
const SHARED_LEVELS = 5

/**
 * A shorter result is extracted again with fewer elements dropped. This is less than Mozilla's 500
 * because Arabic is denser.
 */
const ENOUGH_LETTERS = 300

/** Extracts the main text of an HTML page in linear time. Never throws. */
export function mainText(html: string): MainText {
  const page = readPage(html)
  const { elements } = page
  const facts = {
    title: decodeHTML(page.title).replace(/\s+/g, ' ').trim(),
    ...(page.lang ? { lang: page.lang } : {}),
    ...(page.license ? { license: page.license } : {}),
    optOut: {
      ...(page.robots ? { robots: page.robots } : {}),
      ...(page.tdmReservation ? { tdm_reservation: page.tdmReservation } : {}),
    },
  }
  for (const strict of [true, false]) {
    const dropped = droppedElements(elements, strict)
    const chosen = chooseElements(elements, dropped)
    const letters = chosen.reduce((sum, index) => sum + (elements[index]?.letters ?? 0), 0)
    if (letters < ENOUGH_LETTERS) continue
    if (strict) dropClutter(elements, chosen, dropped)
    const { text } = htmlToText(keptSource(html, elements, chosen, dropped))
    if (text !== '') return { text, ...facts }
  }
  const { text } = htmlToText(
    keptSource(html, elements, topLevel(elements), droppedElements(elements, false)),
  )
  return { text, ...facts }
}

const topLevel = (elements: readonly PageElement[]): number[] =>
  elements.flatMap((element, index) => (element.parent === -1 ? [index] : []))

/** 1 for each element that is dropped, itself or with an ancestor. */
function droppedElements(elements: readonly PageElement[], strict: boolean): Uint8Array {
  const dropped = new Uint8Array(elements.length)
  for (const [index, { tag, parent, names, hidden }] of elements.entries()) {
    const whole = tag === 'body' || tag === 'html'
    const unlikely =
      strict &&
      tag !== 'a' &&
      UNLIKELY.test(names) &&
      !LIKELY.test(names) &&
      tag !== 'article' &&
      tag !== 'main'
    const out = DROPPED.has(tag) || hidden || DROPPED_ROLE.test(names) || unlikely
    if ((!whole && out) || dropped[parent] === 1) dropped[index] = 1
  }
  return dropped
}

function nameWeight({ names }: PageElement): number {
  return (NEGATIVE.test(names) ? -25 : 0) + (POSITIVE.test(names) ? 25 : 0)
}

const linkDensity = ({ linked, letters }: PageElement): number =>
  letters === 0 ? 0 : linked / letters

/**
 * The element with the most points, and the siblings that belong to it, in source order. Empty if
 * nothing earns points.
 */
function chooseElements(elements: readonly PageElement[], dropped: Uint8Array): number[] {
  const points = new Float64Array(elements.length)
  const scored = new Uint8Array(elements.length)
  for (const [index, element] of elements.entries()) {
    const { tag, own, commas, parent } = element
    const isParagraph = PARAGRAPHS.has(tag) || (CONTAINERS.has(tag) && own > 0)
    if (dropped[index] === 1 || !isParagraph || own < 25) continue
    const earned = 1 + Math.min(commas, own / 10) + Math.min(3, Math.floor(own / 100))
    for (let level = 0, above = parent; level < SHARED_LEVELS && above >= 0; level++) {
      const ancestor = elements[above]
      if (!ancestor) break
      if (scored[above] === 0)
        points[above] = (TAG_POINTS.get(ancestor.tag) ?? 0) + nameWeight(ancestor)
      scored[above] = 1
      points[above] =
        (points[above] ?? 0) + earned / (level === 0 ? 1 : level === 1 ? 2 : level * 3)
      above = ancestor.parent
    }
  }
  let best = -1
  for (const [index, element] of elements.entries()) {
    if (scored[index] === 0) continue
    points[index] = (points[index] ?? 0) * (1 - linkDensity(element))
    if (best === -1 || (points[index] ?? 0) > (points[best] ?? 0)) best = index
  }
  if (best === -1) return []
  return withSiblings(elements, dropped, points, climb(elements, points, best))
}

/**
 * Goes up to a parent whose points are still high: then the text is spread over several children.
 */
function climb(elements: readonly PageElement[], points: Float64Array, best: number): number {
  const least = (points[best] ?? 0) / 3
  let last = points[best] ?? 0
  let chosen = best
  for (
    let above = elements[best]?.parent ?? -1;
    above >= 0;
    above = elements[above]?.parent ?? -1
  ) {
    const { tag = '' } = elements[above] ?? {}
    const now = points[above] ?? 0
    if (tag === 'body' || tag === 'html' || now < least) break
    if (now > last) chosen = above
    last = now
  }
  return chosen
}

function withSiblings(
  elements: readonly PageElement[],
  dropped: Uint8Array,
  points: Float64Array,
  best: number,
): number[] {
  const top = elements[best]
  const enough = Math.max(10, (points[best] ?? 0) * 0.2)
  return elements.flatMap((element, index) => {
    if (index === best) return [index]
    if (element.parent !== top?.parent || dropped[index] === 1) return []
    const bonus =
      element.names !== '' && element.names === top.names ? (points[best] ?? 0) * 0.2 : 0
    const density = linkDensity(element)
    const isText = element.tag === 'p' && element.letters > 80 && density < 0.25
    return (points[index] ?? 0) + bonus >= enough || isText ? [index] : []
  })
}

/**
 * Drops lists, tables and boxes in the chosen elements that consist of links, controls or pictures
 * rather than text.
 */
function dropClutter(
  elements: readonly PageElement[],
  chosen: readonly number[],
  dropped: Uint8Array,
): void {
  const whole = new Set(chosen)
  for (const [index, element] of elements.entries()) {
    if (dropped[index] === 1 || dropped[element.parent] === 1) dropped[index] = 1
    else if (!whole.has(index) && isClutter(element)) dropped[index] = 1
  }
}

function isClutter(element: PageElement): boolean {
  const { tag, commas, letters, paragraphs, items, images, inputs } = element
  if (/^h[1-6]$/.test(tag)) return nameWeight(element) < 0
  if (!/^(?:div|section|ul|ol|table|fieldset|header|span|sup)$/.test(tag)) return false
  const weight = nameWeight(element)
  if (tag === 'span' || tag === 'sup') return /editsection|noprint/.test(element.names)
  if (weight < 0) return true
  if (commas >= 10) return false
  const list = tag === 'ul' || tag === 'ol'
  const density = linkDensity(element)
  return (
    (images > 1 && paragraphs / images < 0.5) ||
    (!list && items - 100 > paragraphs) ||
    inputs > paragraphs / 3 ||
    (!list && letters < 25 && images === 0 && paragraphs === 0 && density > 0) ||
    (weight < 25 && density > 0.33) ||
    (weight >= 25 && density > 0.5)
  )
}

/** Source of the chosen elements, without the dropped ones. */
function keptSource(
  html: string,
  elements: readonly PageElement[],
  chosen: readonly number[],
  dropped: Uint8Array,
): string {
  const parts: string[] = []
  let next = 0
  for (const index of chosen) {
    const root = elements[index]
    if (!root) continue
    let at = root.start
    for (next = index + 1; next < elements.length; next++) {
      const element = elements[next]
      if (!element || element.start >= root.end) break
      if (dropped[next] === 0 || element.start < at) continue
      parts.push(html.slice(at, element.start))
      at = Math.max(at, Math.min(element.end, root.end))
    }
    parts.push(html.slice(at, root.end), '\n')
  }
  return parts.join('')
}
