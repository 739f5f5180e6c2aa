/**
 * Wikitext to readable text: Markdown headings, lists and tables, maths as `$TeX$`, everything else
 * as a reader sees it.
 */
import { formatLines } from './lines.ts'
import { GAP, type Page, restore } from './page.ts'
import { render } from './render.ts'
import { removeInvisible } from './repair.ts'
import type { Site } from './site.ts'
import { findSpans } from './spans.ts'

export { makeSite, type Site } from './site.ts'

/** What a page says, and what it says about itself. */
export interface Article {
  readonly text: string
  /** Names without their prefix, in order of appearance. */
  readonly categories: readonly string[]
  /** Names and values of the first infobox. */
  readonly infobox: Readonly<Record<string, string>>
  /** Whether it only lists meanings of its title. */
  readonly disambiguation: boolean
  /** Whether it is marked as a stub. */
  readonly stub: boolean
}

/**
 * Converts one page. Linear in its length; nesting beyond 40 levels is left out; no input makes it
 * fail.
 */
export function readWikitext(source: string, title: string, site: Site): Article {
  // Characters the converter marks things with; they are not valid in text.
  const text = /[\uFDD0-\uFDD2\r]/.test(source)
    ? source.replaceAll(/[\uFDD0-\uFDD2\r]/g, '')
    : source
  const page: Page = {
    text,
    spans: findSpans(text),
    site,
    title,
    categories: new Set(),
    pieces: [],
    render: (start, end, depth) => render(page, start, end, depth),
    infobox: undefined,
    disambiguation: false,
    stub: false,
  }
  const rendered = page.render(0, text.length, 0)
  const finish = (value: string): string =>
    removeInvisible(restore(page, value).replaceAll(GAP, ''))
  const facts = Array.from(
    page.infobox ?? [],
    ([name, value]) => [finish(name), finish(value)] as const,
  )
  return {
    text: finish(formatLines(rendered)),
    categories: [...page.categories],
    infobox: Object.fromEntries(facts),
    disambiguation: page.disambiguation,
    stub: page.stub,
  }
}
