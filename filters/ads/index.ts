import { z } from 'zod'
import { type Batch, kindAt, type TextColumn } from '../../src/core/batch.ts'
import { defineFilter, type Judgement, type Measures } from '../../src/core/filter.ts'
import { atMost, judgedBy } from '../../src/core/judgement.ts'
import { lazily } from '../../src/core/lazily.ts'
import { takeMemory } from '../../src/core/text-memory.ts'
import {
  type CandidateLines,
  candidateLines,
  LINE,
  LINE_NUMBERS,
} from '../../src/kernels/candidates/candidate-lines.ts'
import type { Fragment } from '../../src/kernels/candidates/candidate-tables.ts'
import { candidateScanner, FRAGMENT, MARK } from '../../src/kernels/candidates/candidates.ts'
import { lineCounter } from '../../src/kernels/line-fold/kernel.ts'
import { isAdvertisement } from './line.ts'
import { type LinkCount, readLines, SIGN } from './lines.ts'
import { TRIGGERS } from './lists/triggers.ts'
import { AFFILIATE_LITERALS, type Suspects, suspects } from './suspects.ts'

const options = z.strictObject({
  maxUrlShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.4)
    .describe(
      'Documents with a larger share of their bytes in web addresses are dropped as link farms.',
    ),
  maxLinksPerLine: z
    .number()
    .min(0)
    .default(3)
    .describe(
      'Documents with ten or more links and more links than this per line with text are dropped as link farms.',
    ),
  maxRemovedShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe(
      'Documents that lost a larger share of their bytes as advertising lines are dropped.',
    ),
})

/** A few links in a short text are no link farm. */
const FARM_LINKS = 10

/**
 * Removes advertising, sharing rows, cookie notices and bare links line by line. Code and fenced
 * code stay unchanged.
 */
export const ads = defineFilter({
  name: 'ads',
  version: 2,
  summary: 'Removes advertising and link-spam lines, English and Arabic, and drops link farms.',
  options,
  example: {},
  thresholds: ['maxUrlShare', 'maxLinksPerLine', 'maxRemovedShare'],
  create({ maxUrlShare, maxLinksPerLine, maxRemovedShare }) {
    const tools = lazily(() => ({
      scan: candidateScanner({
        marks: [0x23, 0xf0],
        numbers: false,
        fragments: SIGNS.map(([fragment]) => fragment),
      }),
      linesOf: candidateLines(),
      linesWithText: lineCounter(),
      aside: suspects(),
    }))
    return {
      reasons: ['link-farm', 'mostly-ads'],
      measures: {
        removedLines: { type: 'count', description: 'Advertising lines removed.' },
        removedShare: {
          type: 'number',
          description: 'Share of the bytes of the text that was removed, 0 to 1.',
        },
        links: {
          type: 'count',
          description: 'Web addresses in the text outside fenced code, before removal.',
        },
        urlShare: {
          type: 'number',
          description: 'Share of the bytes of the text in web addresses, before removal, 0 to 1.',
        },
        linksPerLine: {
          type: 'number',
          description: 'Web addresses per line with text, before removal.',
        },
      },
      limits: [
        { measure: 'removedShare', side: 'most', at: maxRemovedShare },
        { measure: 'urlShare', side: 'most', at: maxUrlShare, scope: `from ${FARM_LINKS} links` },
        {
          measure: 'linksPerLine',
          side: 'most',
          at: maxLinksPerLine,
          scope: `from ${FARM_LINKS} links`,
        },
      ],
      rewrites: true,
      measure: (batch, out) => cleanBatch(batch, tools(), out),
      ...judgedBy(({ values }) => {
        const most = (reason: string, measure: string, limit: number, option: string): Judgement =>
          atMost({ reason, measure, value: Number(values[measure]), limit, option })
        const density = [
          most('link-farm', 'urlShare', maxUrlShare, 'maxUrlShare'),
          most('link-farm', 'linksPerLine', maxLinksPerLine, 'maxLinksPerLine'),
        ]
        return [
          ...(Number(values.links) >= FARM_LINKS ? density : []),
          most('mostly-ads', 'removedShare', maxRemovedShare, 'maxRemovedShare'),
        ]
      }),
    }
  },
})

/** Byte strings to look for, and what each indicates about its line. */
const SIGNS: readonly (readonly [Fragment, number])[] = [
  ...TRIGGERS.map(
    (text) =>
      [{ bytes: Buffer.from(text), anyCase: true }, SIGN.trigger | addressSign(text)] as const,
  ),
  ...['```', '~~~'].map(
    (text) => [{ bytes: Buffer.from(text) }, SIGN.trigger | SIGN.fence] as const,
  ),
  ...AFFILIATE_LITERALS.map(
    (text) => [{ bytes: Buffer.from(text).subarray(0, 16) }, SIGN.affiliate] as const,
  ),
]

function addressSign(trigger: string): number {
  return trigger === '://' || trigger === 'www.' ? SIGN.address : 0
}

/** Signs by kind of candidate. */
const signs = new Uint8Array(FRAGMENT + SIGNS.length)
signs[MARK] = SIGN.trigger
for (const [i, [, sign]] of SIGNS.entries()) signs[FRAGMENT + i] = sign

interface Tools {
  readonly scan: ReturnType<typeof candidateScanner>
  readonly linesOf: CandidateLines
  readonly linesWithText: ReturnType<typeof lineCounter>
  readonly aside: Suspects
}

function cleanBatch(
  batch: Batch,
  { scan, linesOf, linesWithText, aside }: Tools,
  out: Measures,
): void {
  const { text } = batch
  const bytes = Buffer.from(text.bytes.buffer, text.bytes.byteOffset, text.bytes.length)
  const candidates = scan(text)
  const lines = linesOf(text, candidates, signs)
  const triggers = { ...candidates, lines, signs }
  aside.clear()
  let next = 0
  for (let row = 0; row < batch.rows; row++) {
    const start = text.offsets[row] ?? 0
    const end = text.offsets[row + 1] ?? 0
    const first = next
    while (
      next * LINE_NUMBERS < lines.length &&
      (lines[next * LINE_NUMBERS + LINE.start] ?? 0) < end
    )
      next++
    if (first === next || kindAt(batch, row) === 'code') continue
    const count = readLines(bytes, row, triggers, first, next, aside)
    if (count.links > 0) reportLinks(count, row, end - start, linesWithText(text, start, end), out)
  }
  const removed: Removed[] = []
  aside.each(text, (row, start, end, may) => {
    if (isAdvertisement(bytes.toString('utf8', start, end).trimEnd(), may))
      removed.push({ row, start, end })
  })
  if (removed.length === 0) return
  reportRemoved(removed, text.offsets, out)
  batch.text = withoutRanges(text, removed)
}

function reportLinks(
  count: LinkCount,
  row: number,
  bytes: number,
  lines: number,
  out: Measures,
): void {
  out.count('links')[row] = count.links
  out.number('urlShare')[row] = count.bytes / bytes
  out.number('linksPerLine')[row] = count.links / Math.max(1, lines)
}

/** Removed lines with their line breaks, in order. */
interface Removed {
  readonly row: number
  readonly start: number
  readonly end: number
}

function reportRemoved(removed: readonly Removed[], offsets: Int32Array, out: Measures): void {
  const [lines, share] = [out.count('removedLines'), out.number('removedShare')]
  for (let i = 0; i < removed.length; ) {
    const row = removed[i]?.row ?? 0
    let bytes = 0
    let count = 0
    for (; removed[i]?.row === row; i++) {
      bytes += (removed[i]?.end ?? 0) - (removed[i]?.start ?? 0)
      count++
    }
    lines[row] = count
    share[row] = bytes / ((offsets[row + 1] ?? 0) - (offsets[row] ?? 0))
  }
}

function withoutRanges({ bytes, offsets }: TextColumn, removed: readonly Removed[]): TextColumn {
  const length = bytes.length - removed.reduce((sum, { start, end }) => sum + end - start, 0)
  const kept = takeMemory(length).subarray(0, length)
  const moved = Int32Array.from(offsets)
  let copied = 0
  let gone = 0
  let row = 0
  for (const line of removed) {
    kept.set(bytes.subarray(copied, line.start), copied - gone)
    // Rows that end before the line are complete.
    for (; row < line.row; row++) moved[row + 1] = (offsets[row + 1] ?? 0) - gone
    gone += line.end - line.start
    copied = line.end
  }
  kept.set(bytes.subarray(copied), copied - gone)
  for (; row + 1 < moved.length; row++) moved[row + 1] = (offsets[row + 1] ?? 0) - gone
  return { bytes: kept, offsets: moved }
}
