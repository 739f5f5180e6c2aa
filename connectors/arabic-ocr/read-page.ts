import type { PrintedLine } from '../../src/text/arabic-print/paragraphs.ts'
import type { Engine, ReadLine } from './engine.ts'
import { isSideways, prepare } from './layout.ts'
import { type Grey, halfTurn, quarterTurn } from './raster.ts'

/** The result of recognising a page. */
export interface Recognised {
  readonly lines: readonly PrintedLine[]
  /** Confidence of every kept word, 0 to 100, in reading order. */
  readonly confidences: readonly number[]
  /** Whether the page was upside down or sideways. */
  readonly turned: boolean
}

/**
 * Below this mean confidence, other orientations of the page are tried. Upright pages score higher,
 * even noisy ones.
 */
const DOUBTFUL = 75

/**
 * Below this confidence, anything but a word of three or more Arabic letters is taken for specks
 * and rules misread as letters.
 */
const GARBAGE = 5

/**
 * Recognises a page. A page with low confidence is also tried upside down, or turned to either side
 * if its lines run vertically, and the best reading wins.
 */
export async function recognise(page: Grey, engine: Engine): Promise<Recognised> {
  const columns = prepare(page)
  let best: Recognised = { ...(await readColumns(columns, engine)), turned: false }
  if (columns.length === 0 || score(best) >= DOUBTFUL) return best
  const quarter = isSideways(page) ? quarterTurn(page) : undefined
  for (const other of quarter ? [quarter, halfTurn(quarter)] : [halfTurn(page)]) {
    const turned = await readColumns(prepare(other), engine)
    if (score(turned) > score(best)) best = { ...turned, turned: true }
  }
  return best
}

type Reading = Omit<Recognised, 'turned'>

const score = ({ confidences }: Reading): number =>
  confidences.length === 0 ? 0 : mean(confidences)

async function readColumns(columns: readonly Grey[], engine: Engine): Promise<Reading> {
  const read = await Promise.all(columns.map((column) => engine.read(column)))
  const lines = read.flatMap((lines) => {
    const kept = lines.map(withoutGarbage).filter(({ words }) => words.length > 0)
    const left = Math.min(...kept.map((line) => line.left))
    const right = Math.max(...kept.map((line) => line.right))
    return kept.map((line) => ({
      ...line,
      indent: right - line.right,
      shortfall: line.left - left,
      width: right - left,
    }))
  })
  return {
    lines: lines.map(({ words, indent, shortfall, width }) => {
      const text = words.map(({ text }) => text).join(' ')
      return { text, indent: round(indent / width), shortfall: round(shortfall / width) }
    }),
    confidences: lines.flatMap(({ words }) =>
      words.map(({ confidence }) => Math.round(confidence)),
    ),
  }
}

const withoutGarbage = (line: ReadLine): ReadLine => ({
  ...line,
  words: line.words.filter(({ text, confidence }) => {
    return text.trim() !== '' && (confidence >= GARBAGE || /^[\u0621-\u0652]{3,}$/.test(text))
  }),
})

const round = (value: number): number =>
  Number.isFinite(value) ? Math.round(value * 1000) / 1000 : 0

/** The arithmetic mean; NaN for an empty list. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** The tenth percentile (nearest rank); NaN for an empty list. */
export function tenthPercentile(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length / 10) - 1)] ?? Number.NaN
}
