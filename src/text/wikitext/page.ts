import type { Site } from './site.ts'
import type { Spans } from './spans.ts'

/**
 * Marks where something was dropped, until `repair` has mended the text around it. It is a
 * noncharacter, so no text contains it.
 */
export const GAP = '\uFDD2'
/** Enclose the number of a piece that later steps must not touch. */
const OPEN = '\uFDD0'
const CLOSE = '\uFDD1'

/** Brackets nested deeper than this are dropped: MediaWiki itself stops at 40 templates. */
export const MAX_DEPTH = 40

/** The text of one construct, and the position after it. */
export interface Rendered {
  readonly text: string
  readonly end: number
}

/** One page being rendered. */
export interface Page {
  readonly text: string
  readonly spans: Spans
  readonly site: Site
  readonly title: string
  readonly categories: Set<string>
  /** Pieces that later steps must not touch: maths, code, tables. */
  readonly pieces: string[]
  /** Renders `text[start, end)`; `depth` counts the brackets around it. */
  render(start: number, end: number, depth: number): string
  /** The facts of the first infobox; undefined until one is found. */
  infobox: Map<string, string> | undefined
  disambiguation: boolean
  stub: boolean
}

/** Hides a piece from the steps that work on lines and punctuation. Returns its placeholder. */
export function protect(page: Page, piece: string): string {
  page.pieces.push(piece)
  return `${OPEN}${page.pieces.length - 1}${CLOSE}`
}

/** Replaces placeholders with their pieces, including placeholders inside pieces. */
export function restore(page: Page, text: string): string {
  if (page.pieces.length === 0) return text
  const inner = text.replaceAll(
    /\uFDD0(\d+)\uFDD1/g,
    (_, index: string) => page.pieces[Number(index)] ?? '',
  )
  return inner.includes(OPEN) && inner !== text ? restore(page, inner) : inner
}
