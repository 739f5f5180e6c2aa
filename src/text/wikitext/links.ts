import { GAP, type Page, type Rendered } from './page.ts'
import { CATEGORY, FILE, isLanguagePrefix } from './site.ts'

/**
 * Renders the content between `[[` and `]]`. Letters around the link stay attached to it, which is
 * right for both Arabic and English.
 */
export function wikiLink(page: Page, start: number, end: number, depth: number): string {
  const { text, spans } = page
  let pipe = start
  while (pipe < end && text.charCodeAt(pipe) !== 0x7c) pipe = Math.max(pipe + 1, spans.endOf(pipe))
  pipe = Math.min(pipe, end)
  const target = text.slice(start, pipe).trim()
  const colon = target.indexOf(':')
  if (colon > 0) {
    const prefix = target.slice(0, colon)
    const namespace = page.site.namespace(prefix)
    if (namespace === FILE) return GAP
    if (namespace === CATEGORY) {
      const name = target
        .slice(colon + 1)
        .replaceAll('_', ' ')
        .trim()
      if (name !== '' && name.length <= 300) page.categories.add(name)
      return GAP
    }
    if (isLanguagePrefix(prefix)) return GAP
  }
  if (pipe === end) return page.render(start + (colon === 0 ? 1 : 0), end, depth)
  const label = page.render(pipe + 1, end, depth)
  return label === '' ? pipeTrick(target) : label
}

/**
 * `[[Mercury (planet)|]]` and `[[:Category:Physics|]]` are shown without the part that
 * distinguishes them.
 */
function pipeTrick(target: string): string {
  return target.replace(/^:?[^:]*:/, '').replace(/ ?[(،,][^(),،]*\)?$/, '')
}

/** Maximum length of an external link. */
const MAX_LINK = 1000
const SCHEME = /(?:https?:|ftps?:|mailto:|news:|irc:|tel:)?\/\/|mailto:/y

/** `[https://… label]` becomes its label. Without a label it is a bare footnote and is dropped. */
export function externalLink(
  page: Page,
  at: number,
  limit: number,
  depth: number,
): Rendered | undefined {
  const { text, spans } = page
  SCHEME.lastIndex = at + 1
  if (!SCHEME.test(text)) return undefined
  const last = Math.min(limit, at + MAX_LINK)
  let label = 0
  for (let end = at + 1; end < last; end = Math.max(end + 1, spans.endOf(end))) {
    const code = text.charCodeAt(end)
    if (code === 0x0a || (code === 0x5b && spans.endOf(end) === 0 && label === 0)) return undefined
    if (code === 0x20 && label === 0) label = end + 1
    if (code !== 0x5d) continue
    return { text: label === 0 ? GAP : page.render(label, end, depth + 1), end: end + 1 }
  }
  return undefined
}
