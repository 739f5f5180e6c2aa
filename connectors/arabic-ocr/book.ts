import type { Document } from '../../src/core/document.ts'
import {
  arabicShare,
  cleanLine,
  commasFromQuotes,
  isPersian,
  mixedNumbers,
} from '../../src/text/arabic-print/clean.ts'
import {
  joinLines,
  type PrintedLine,
  withoutFurniture,
} from '../../src/text/arabic-print/paragraphs.ts'
import { judgeTextLayer, visualToLogical } from '../../src/text/arabic-print/text-layer.ts'
import { mean, type Recognised, tenthPercentile } from './read-page.ts'

/** A page that was read, or the reason why it is skipped. */
export type PageResult = { readonly page: number } & (
  | {
      readonly lines: readonly PrintedLine[]
      readonly confidences?: readonly number[]
      readonly turned?: boolean
    }
  | { readonly skipped: string }
)

/** A page that was read. */
export type KeptPage = Extract<PageResult, { readonly lines: unknown }>

/** The cleaned lines of a text layer; undefined if the layer cannot be trusted. */
export function trustedLayer(layer: readonly PrintedLine[]): PrintedLine[] | undefined {
  const lines = cleaned(layer)
  const verdict = judgeTextLayer(lines.map(({ text }) => text).join('\n'))
  if ('distrusted' in verdict) return undefined
  if (verdict.order === 'logical') return lines
  return cleaned(lines.map((line) => ({ ...line, text: visualToLogical(line.text) })))
}

/**
 * Limits for keeping a recognised page. All are starting points from the literature, for printed
 * prose.
 */
export interface PageLimits {
  /** Lowest mean confidence of its words, 0 to 100. */
  readonly minConfidence: number
}

const UNSURE = 50
const MAX_UNSURE_SHARE = 0.3
const MIN_ARABIC_SHARE = 0.6
const MAX_SINGLE_LETTERS = 0.2

/** Cleans the lines of a recognised page, or returns the reason why it is skipped. */
export function judgePage(
  page: number,
  { lines, confidences, turned }: Recognised,
  limits: PageLimits,
): PageResult {
  if (confidences.length === 0) return { page, skipped: 'empty-page' }
  const unsure = confidences.filter((confidence) => confidence < UNSURE).length / confidences.length
  if (mean(confidences) < limits.minConfidence || unsure > MAX_UNSURE_SHARE)
    return { page, skipped: 'low-confidence' }
  const texts = commasFromQuotes(lines.map(({ text }) => text))
  const kept = cleaned(lines.map((line, place) => ({ ...line, text: texts[place] ?? line.text })))
  const text = kept.map(({ text }) => text).join('\n')
  if (arabicShare(text) < MIN_ARABIC_SHARE) return { page, skipped: 'not-arabic' }
  const words = text.match(/\p{L}[\p{L}\p{M}]*/gu) ?? []
  const single = words.filter((word) => word.replace(/\p{M}+/gu, '').length === 1).length
  if (words.length >= 10 && single / words.length > MAX_SINGLE_LETTERS)
    return { page, skipped: 'broken-words' }
  return { page, lines: kept, confidences, turned }
}

function cleaned(lines: readonly PrintedLine[]): PrintedLine[] {
  const persian = isPersian(lines.map(({ text }) => text).join('\n'))
  return lines
    .map((line) => ({ ...line, text: cleanLine(line.text, persian) }))
    .filter(({ text }) => text !== '')
}

/** Facts about a file, apart from its pages. */
export interface BookFacts {
  readonly sha256: string
  readonly name: string
  readonly pages: number
  readonly license: string | undefined
  readonly engine: string
}

/**
 * Joins the kept pages into one document. Returns undefined if only headers and page numbers are
 * left.
 */
export function bookOf(pages: readonly KeptPage[], facts: BookFacts): Document | undefined {
  const { text, starts } = joinLines(withoutFurniture(pages.map(({ lines }) => lines)))
  if (text === '') return undefined
  const recognised = pages.filter(({ confidences }) => confidences !== undefined)
  const confidences = recognised.flatMap(({ confidences }) => confidences ?? [])
  const turned = recognised.filter(({ turned }) => turned).length
  return {
    key: facts.sha256.slice(0, 32),
    text,
    kind: 'prose',
    lang: 'ar',
    items: pages.length,
    ...(facts.license === undefined ? {} : { license: facts.license }),
    metadata: {
      file: facts.name,
      pages: facts.pages,
      page_numbers: pages.map(({ page }) => page),
      page_starts: starts,
      text_layer_pages: pages.length - recognised.length,
      ocr_pages: recognised.length,
      ...(recognised.length === 0
        ? {}
        : {
            ocr_engine: facts.engine,
            ocr_conf_mean: Math.round(mean(confidences) * 10) / 10,
            ocr_conf_p10: tenthPercentile(confidences),
            mixed_numbers: mixedNumbers(text),
          }),
      ...(turned > 0 ? { turned_pages: turned } : {}),
    },
  }
}
