import { GAP, type Page } from './page.ts'
import { foldName, nameSet } from './templates/names.ts'

const PAGE_NAME = nameSet('pagename|fullpagename|basepagename|اسم الصفحة|اسم_الصفحة|عنوان الصفحة')
const KEPT = nameSet('formatnum|صيغة رقم|lc|uc|lcfirst|ucfirst|nowrap|plural|grammar')

/**
 * Renders parser functions and variables that show text: `{{PAGENAME}}`, `{{formatnum:…}}`. Others,
 * such as `{{#if:…}}`, become a gap. Returns undefined if the colon is only part of a template's
 * name.
 */
export function parserFunction(
  page: Page,
  written: string,
  start: number,
  end: number,
  depth: number,
): string | undefined {
  const colon = written.indexOf(':')
  const name = foldName(colon === -1 ? written : written.slice(0, colon))
  if (PAGE_NAME.has(name)) return page.title
  if (colon === -1) return GAP
  if (KEPT.has(name))
    return changeCase(
      name,
      page.render(start + colon + 1, firstPipe(page, start, end), depth).trim(),
    )
  if (name.startsWith('#') || DROPPED.has(name)) return GAP
  return undefined
}

/** Whether a folded name stands for the title of the page itself. */
export function isPageName(name: string): boolean {
  return PAGE_NAME.has(name)
}

/** Sorting, transclusion, time and wiki internals: nothing that is part of the article. */
const DROPPED = nameSet(
  `defaultsort|displaytitle|ترتيب افتراضي|ترتيب_افتراضي|مفتاح ترتيب|عرض العنوان|عنوان العرض|subst|safesubst|نسخ|نسخ آمن
  int|msg|ns|fullurl|localurl|filepath|anchorencode|urlencode|pagesincategory|special|user|wikipedia|mediawiki|help`,
)

function firstPipe(page: Page, start: number, end: number): number {
  for (let at = start; at < end; at = Math.max(at + 1, page.spans.endOf(at))) {
    if (page.text.charCodeAt(at) === 0x7c) return at
  }
  return end
}

function changeCase(name: string, text: string): string {
  if (name === 'lc') return text.toLowerCase()
  if (name === 'uc') return text.toUpperCase()
  if (name === 'lcfirst') return text.slice(0, 1).toLowerCase() + text.slice(1)
  return name === 'ucfirst' ? text.slice(0, 1).toUpperCase() + text.slice(1) : text
}
