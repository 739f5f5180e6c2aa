import type { MeasureReport } from '../core/report.ts'
import { formatCount, formatShare, formatValue } from './format.ts'
import { html, type Markup } from './markup.ts'

/** A part of a stacked bar; `tone` names a colour of style.ts. */
export interface BarPart {
  readonly label: string
  readonly value: number
  readonly tone: string
}

const WIDTH = 600
const BAR_HEIGHT = 14

/** A horizontal bar, divided into parts, that stretches to the width of its container. */
export function stackedBar(parts: readonly BarPart[], label: string): Markup {
  const total = parts.reduce((sum, { value }) => sum + value, 0)
  let x = 0
  const pieces = parts
    .filter(({ value }) => value > 0)
    .map(({ label: name, value, tone }) => {
      const width = (WIDTH * value) / total
      const piece = html`<rect class="tone-${tone}" x="${round(x)}" width="${round(width)}" height="${BAR_HEIGHT}"><title>${name}: ${formatCount(value)} (${formatShare(value, total)})</title></rect>`
      x += width
      return piece
    })
  return html`<svg class="bar" viewBox="0 0 ${WIDTH} ${BAR_HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}">${pieces}</svg>`
}

const PLOT = { width: 280, height: 96, floor: 80 }

/**
 * Histogram of a measure between 0 and its end: documents per bin, and a line at each limit.
 * Heights are proportional to the square root of the count, so that a bin of ten beside one of a
 * hundred thousand is still visible. The exact counts are in the tooltips.
 */
export function histogram(report: MeasureReport): Markup {
  const { measure, bins = [], end = 1, limits = [], max = 0 } = report
  const highest = Math.max(1, ...bins)
  const step = PLOT.width / bins.length
  const columns = bins.map((count, bin) => {
    const height = count === 0 ? 0 : Math.max(1.5, PLOT.floor * Math.sqrt(count / highest))
    const isOpen = bin === bins.length - 1 && max > end
    const upTo = isOpen ? 'and more' : `to ${round(((bin + 1) / bins.length) * end)}`
    const range = `${round((bin / bins.length) * end)} ${upTo}`
    return html`<rect x="${round(bin * step + 0.5)}" y="${round(PLOT.floor - height)}" width="${round(step - 1)}" height="${round(height)}"><title>${range}: ${formatCount(count)}</title></rect>`
  })
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((at) => {
    const anchor = at === 0 ? 'start' : at === 1 ? 'end' : 'middle'
    return html`<text x="${at * PLOT.width}" y="${PLOT.height - 3}" text-anchor="${anchor}">${round(at * end)}</text>`
  })
  const lines = limits.map((limit) => {
    const x = round(Math.min(1, limit.at / end) * PLOT.width)
    return html`<line class="limit" x1="${x}" x2="${x}" y1="0" y2="${PLOT.floor}"><title>${limitText(limit)}</title></line>`
  })
  return html`<svg class="histogram" viewBox="0 0 ${PLOT.width} ${PLOT.height}" role="img" aria-label="Histogram of ${measure}">${columns}<line x1="0" x2="${PLOT.width}" y1="${PLOT.floor}" y2="${PLOT.floor}"/>${lines}${ticks}</svg>`
}

/** `English: at least 0.12`. */
export function limitText(limit: NonNullable<MeasureReport['limits']>[number]): string {
  const { scope, side, at } = limit
  return `${scope === undefined ? '' : `${scope}: `}at ${side} ${formatValue(at)}`
}

const round = (value: number): number => Number(value.toFixed(2))
