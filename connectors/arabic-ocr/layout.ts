import { cropColumns, type Grey, halve, median, quarterTurn, resize, rotate } from './raster.ts'

/**
 * Prepares a page for recognition: removes specks, stretches contrast, levels the lines, scales
 * letters to the size that the engine reads best, and splits columns, from right to left as in
 * Arabic. A blank page returns no columns.
 */
export function prepare(page: Grey): Grey[] {
  if (isBlank(page)) return []
  const clean = stretch(isSpeckled(page) ? median(page) : page)
  const angle = skewAngle(clean)
  const level = Math.abs(angle) >= 0.1 ? rotate(clean, angle) : clean
  const pitch = linePitch(level)
  const largest = Math.sqrt(LARGEST_PICTURE / (level.width * level.height))
  const factor = pitch === 0 ? 1 : Math.min(scaleFor(pitch), Math.max(1, largest))
  const scaled = factor === 1 ? level : resize(level, factor)
  return columnsOf(scaled).map(([left, right]) => cropColumns(scaled, left, right))
}

/**
 * Range of line pitch in pixels at which letters are 20 to 40 pixels high: text of 10 to 16 points
 * at 300 dpi.
 */
const SMALLEST_PITCH = 50
const LARGEST_PITCH = 110

/** Pictures are not enlarged beyond this many pixels: half a page more than A3 at 400 dpi. */
const LARGEST_PICTURE = 40_000_000

/** Scale factor for lines of this pitch. */
function scaleFor(pitch: number): number {
  if (pitch < SMALLEST_PITCH) return Math.min(3, 75 / pitch)
  return pitch > LARGEST_PITCH ? 75 / pitch : 1
}

/**
 * Stretches grey values so that the darkest 0.5 % become black and the paper (the 80th percentile)
 * white.
 */
function stretch({ width, height, data }: Grey): Grey {
  const histogram = histogramOf(data)
  const [black, white] = [percentile(histogram, 0.005), percentile(histogram, 0.8)]
  if (white - black < 16 || (black < 8 && white > 247)) return { width, height, data }
  const curve = new Uint8Array(256).map((_, value) => {
    return Math.max(0, Math.min(255, Math.round(((value - black) * 255) / (white - black))))
  })
  return { width, height, data: data.map((value) => curve[value] ?? value) }
}

/** Whether a page has no print: all but one pixel in five thousand have nearly the same shade. */
function isBlank({ data }: Grey): boolean {
  const histogram = histogramOf(data)
  return percentile(histogram, 0.9998) - percentile(histogram, 0.0002) < 32
}

function histogramOf(data: Uint8Array): Uint32Array {
  const histogram = new Uint32Array(256)
  for (const value of data) histogram[value] = (histogram[value] ?? 0) + 1
  return histogram
}

/** The grey value below which this share of the pixels lies. */
function percentile(histogram: Uint32Array, share: number): number {
  const wanted = histogram.reduce((sum, count) => sum + count, 0) * share
  let seen = 0
  const value = histogram.findIndex((count) => {
    seen += count
    return seen > wanted
  })
  return value === -1 ? 255 : value
}

/**
 * The grey value that best separates ink from paper: Otsu’s threshold, which maximises the variance
 * between the two classes.
 */
export function inkThreshold(data: Uint8Array): number {
  const histogram = histogramOf(data)
  const total = histogram.reduce((sum, count, value) => sum + count * value, 0)
  let [best, threshold, count, sum] = [-1, 128, 0, 0]
  for (let value = 0; value < 255; value++) {
    count += histogram[value] ?? 0
    sum += value * (histogram[value] ?? 0)
    const rest = data.length - count
    if (count === 0 || rest === 0) continue
    const spread = count * rest * (sum / count - (total - sum) / rest) ** 2
    if (spread > best) [best, threshold] = [spread, value]
  }
  return threshold
}

/**
 * Whether more than 1 % of the sampled pixels are specks: pixels more than 24 shades darker or
 * lighter than all four neighbours.
 */
function isSpeckled({ width, height, data }: Grey): boolean {
  let specks = 0
  let looked = 0
  for (let y = 1; y < height - 1; y += 3) {
    for (let x = 1; x < width - 1; x += 3) {
      const at = y * width + x
      const value = data[at] ?? 255
      const [left, right] = [data[at - 1] ?? 255, data[at + 1] ?? 255]
      const [above, below] = [data[at - width] ?? 255, data[at + width] ?? 255]
      looked++
      if (
        Math.min(left, right, above, below) - value > 24 ||
        value - Math.max(left, right, above, below) > 24
      )
        specks++
    }
  }
  return looked > 0 && specks / looked > 0.01
}

/**
 * Counts dark pixels per row as if the picture were sheared by a small slope (rows per column),
 * without shearing it.
 */
function rowInk({ width, height, data }: Grey, threshold: number, slope = 0): Float64Array {
  const ink = new Float64Array(height)
  for (let x = 0; x < width; x++) {
    const shift = Math.round((x - width / 2) * slope)
    for (let y = Math.max(0, -shift); y < height && y + shift < height; y++) {
      if ((data[(y + shift) * width + x] ?? 255) <= threshold) ink[y] = (ink[y] ?? 0) + 1
    }
  }
  return ink
}

/**
 * How much neighbouring rows differ in ink. The value is high where lines of print alternate with
 * blanks.
 */
function rowContrast(picture: Grey, threshold: number, degrees = 0): number {
  const ink = rowInk(picture, threshold, Math.tan((degrees * Math.PI) / 180))
  return ink.reduce(
    (sum, value, row) => (row === 0 ? 0 : sum + (value - (ink[row - 1] ?? 0)) ** 2),
    0,
  )
}

/** Width in pixels at which lines can still be told apart. */
const SMALL_WIDTH = 900

/** Halves a page until it is at most `SMALL_WIDTH` wide. */
function shrunk(page: Grey): Grey {
  let small = page
  while (small.width > SMALL_WIDTH) small = halve(small)
  return small
}

/**
 * Whether the lines of a page run vertically. If so, its pixel columns differ more than twice as
 * much as its rows.
 */
export function isSideways(page: Grey): boolean {
  const small = shrunk(page)
  const threshold = inkThreshold(small.data)
  return rowContrast(quarterTurn(small), threshold) > 2 * rowContrast(small, threshold)
}

const MAX_SKEW_DEGREES = 5

/**
 * The angle in degrees, counter-clockwise, by which a page must be rotated to level its lines. At
 * that angle rows differ most.
 */
export function skewAngle(page: Grey): number {
  const small = shrunk(page)
  const threshold = inkThreshold(small.data)
  const contrast = (degrees: number): number => rowContrast(small, threshold, degrees)
  let best = search(contrast, 0, MAX_SKEW_DEGREES, 0.5)
  best = search(contrast, best, 0.4, 0.1)
  // A small gain is no evidence, because pictures and empty pages have no lines.
  return contrast(best) > contrast(0) * 1.05 ? best : 0
}

/** The angle around `middle` with the highest contrast, or `middle` itself if none is better. */
function search(
  contrast: (degrees: number) => number,
  middle: number,
  reach: number,
  step: number,
): number {
  let best = middle
  let highest = contrast(middle)
  for (let place = -Math.round(reach / step); place <= Math.round(reach / step); place++) {
    const value = contrast(middle + place * step)
    if (value > highest) [best, highest] = [middle + place * step, value]
  }
  return best
}

/**
 * The distance between lines in pixels: the shift at which the ink per row is most similar to
 * itself. 0 if there is no regular pattern.
 */
export function linePitch(page: Grey): number {
  const ink = rowInk(page, inkThreshold(page.data))
  const mean = ink.reduce((sum, value) => sum + value, 0) / ink.length
  const centred = ink.map((value) => value - mean)
  const likeness = (lag: number): number => {
    let sum = 0
    for (let row = lag; row < centred.length; row++)
      sum += (centred[row] ?? 0) * (centred[row - lag] ?? 0)
    return sum / (centred.length - lag)
  }
  const self = likeness(0)
  if (self === 0) return 0
  const lags = Array.from(
    { length: Math.min(400, centred.length >> 1) },
    (_, lag) => likeness(lag) / self,
  )
  // Peaks before the first lag without correlation come from letters, not from lines.
  const dip = lags.findIndex((value) => value <= 0)
  const peaks = lags.flatMap((value, lag) => {
    const isPeak =
      lag >= 10 &&
      lag > dip &&
      value > 0.2 &&
      value >= (lags[lag - 1] ?? 1) &&
      value > (lags[lag + 1] ?? 1)
    return isPeak ? [{ lag, value }] : []
  })
  const highest = Math.max(0, ...peaks.map(({ value }) => value))
  return peaks.find(({ value }) => value >= 0.7 * highest)?.lag ?? 0
}

/** Narrowest blank band between columns, as a share of the text width. */
const GUTTER = 0.02

/** Narrowest column, as a share of the text width. */
const NARROWEST_COLUMN = 0.2

/** Left and right edges of the text columns in pixels, rightmost column first. */
export function columnsOf(page: Grey): [number, number][] {
  const threshold = inkThreshold(page.data)
  const ink = new Uint32Array(page.width)
  for (let y = 0, at = 0; y < page.height; y++) {
    for (let x = 0; x < page.width; x++, at++)
      if ((page.data[at] ?? 255) <= threshold) ink[x] = (ink[x] ?? 0) + 1
  }
  const isText = (count: number): boolean => count > Math.max(2, page.height * 0.004)
  const left = ink.findIndex(isText)
  const right = ink.findLastIndex(isText) + 1
  if (left === -1) return []
  const columns: [number, number][] = []
  let start = left
  let blank = 0
  for (let x = left; x < right; x++) {
    blank = isText(ink[x] ?? 0) ? 0 : blank + 1
    const isGutter = blank >= GUTTER * (right - left) && isText(ink[x + 1] ?? 0)
    const gap = x + 1 - blank
    const wide = NARROWEST_COLUMN * (right - left)
    if (isGutter && gap - start >= wide && right - x >= wide) {
      columns.push([start, gap])
      start = x + 1
    }
  }
  columns.push([start, right])
  return columns
    .reverse()
    .map(([from, to]) => [Math.max(0, from - 4), Math.min(page.width, to + 4)])
}
