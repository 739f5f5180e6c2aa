/**
 * Converts wikitext to readable text: Markdown headings, lists and tables, maths as `$TeX$`,
 * everything else as a reader sees it.
 */
import { formatLines } from './lines.ts'
import { GAP, type Page, restore } from './page.ts'
import { render } from './render.ts'
import { removeInvisible } from './repair.ts'
import type { Site } from './site.ts'
import { findSpans } from './spans.ts'

export { makeSite, type Site } from './site.ts'

/** The text of a page, and its metadata. */
export interface Article {
  readonly text: string
  /** Names without their prefix, in order of appearance. */
  readonly categories: readonly string[]
  /** Names and values of the first infobox. */
  readonly infobox: Readonly<Record<string, string>>
  /** Whether the page only lists meanings of its title. */
  readonly disambiguation: boolean
  /** Whether the page is marked as a stub. */
  readonly stub: boolean
}

/**
 * Converts one page in time linear in its length. Drops brackets nested deeper than 40 levels.
 * Never throws.
 */
export function readWikitext(source: string, title: string, site: Site): Article {
  // The noncharacters that the converter uses as markers. They are not valid in text.
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
