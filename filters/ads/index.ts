import { z } from 'zod'
import { type Batch, kindAt, textBuilder } from '../../src/core/batch.ts'
import { defineFilter, type Measures } from '../../src/core/filter.ts'
import { type Candidates, candidateScanner, FRAGMENT, type Fragment, MARK } from '../../src/kernels/candidates.ts'
import { isAdvertisement } from './line.ts'
import { type LinkCount, linesWithText, readLines, SIGN } from './lines.ts'
import { TRIGGERS } from './phrases.ts'
import { AFFILIATE_LITERALS, type Suspects, suspects } from './suspects.ts'

const options = z.strictObject({
  maxUrlShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.4)
    .describe('Documents with a larger share of their bytes in web addresses are dropped as link farms.'),
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
    .describe('Documents that lost a larger share of their bytes as advertising lines are dropped.'),
})

/** A few links in a short text make no farm. */
const FARM_LINKS = 10

/** Advertising, sharing rows, cookie notices and bare links leave the text line by line; code and fenced code stay as they are. */
export const ads = defineFilter({
  name: 'ads',
  version: 1,
  summary: 'Removes advertising and link-spam lines, English and Arabic, and drops link farms.',
  options,
  example: {},
  thresholds: ['maxUrlShare', 'maxLinksPerLine', 'maxRemovedShare'],
  create({ maxUrlShare, maxLinksPerLine, maxRemovedShare }) {
    const scan = candidateScanner({
      marks: [0x23, 0xf0],
      numbers: false,
      fragments: SIGNS.map(([fragment]) => fragment),
    })
    const aside = suspects()
    return {
      reasons: ['link-farm', 'mostly-ads'],
      measures: {
        removedLines: { type: 'count', description: 'Advertising lines removed.' },
        removedShare: { type: 'number', description: 'Share of the bytes of the text that was removed, 0 to 1.' },
        links: { type: 'count', description: 'Web addresses in the text outside fenced code, before removal.' },
        urlShare: {
          type: 'number',
          description: 'Share of the bytes of the text in web addresses, before removal, 0 to 1.',
        },
        linksPerLine: { type: 'number', description: 'Web addresses per line with text, before removal.' },
      },
      rewrites: true,
      measure: (batch, out) => cleanBatch(batch, scan(batch.text), aside, out),
      judge({ values }) {
        const { links, urlShare, linksPerLine, removedShare } = values
        const dense = Number(urlShare) > maxUrlShare || Number(linksPerLine) > maxLinksPerLine
        if (dense && Number(links) >= FARM_LINKS) return 'link-farm'
        return Number(removedShare) > maxRemovedShare ? 'mostly-ads' : undefined
      },
    }
  },
})

/** What is looked for, and what it says of its line. */
const SIGNS: readonly (readonly [Fragment, number])[] = [
  ...TRIGGERS.map((text) => [{ bytes: Buffer.from(text), anyCase: true }, SIGN.trigger | addressSign(text)] as const),
  ...['```', '~~~'].map((text) => [{ bytes: Buffer.from(text) }, SIGN.trigger | SIGN.fence] as const),
  ...AFFILIATE_LITERALS.map((text) => [{ bytes: Buffer.from(text).subarray(0, 16) }, SIGN.affiliate] as const),
]

function addressSign(trigger: string): number {
  return trigger === '://' || trigger === 'www.' ? SIGN.address : 0
}

/** Signs by kind of candidate. */
const signs = new Uint8Array(FRAGMENT + SIGNS.length)
signs[MARK] = SIGN.trigger
for (const [i, [, sign]] of SIGNS.entries()) signs[FRAGMENT + i] = sign

function cleanBatch(batch: Batch, candidates: Candidates, aside: Suspects, out: Measures): void {
  const { bytes, offsets } = batch.text
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  aside.clear()
  let next = 0
  for (let row = 0; row < batch.rows; row++) {
    const start = offsets[row] ?? 0
    const end = offsets[row + 1] ?? 0
    const first = next
    while (next < candidates.count && (candidates.positions[next] ?? 0) < end) next++
    if (first === next || kindAt(batch, row) === 'code') continue
    const triggers = { ...candidates, signs, first, last: next }
    reportLinks(readLines(buffer, start, end, row, triggers, aside), buffer, start, end, row, out)
  }
  const removed: number[][] = []
  aside.each((row, start, end) => {
    if (!isAdvertisement(buffer.toString('utf8', start, end).trimEnd())) return
    removed[row] ??= []
    removed[row]?.push(start, end)
  })
  if (removed.length === 0) return
  reportRemoved(removed, offsets, out)
  batch.text = withoutRanges(batch, removed)
}

function reportLinks(
  count: LinkCount,
  bytes: Uint8Array,
  start: number,
  end: number,
  row: number,
  out: Measures,
): void {
  if (count.links === 0) return
  out.count('links')[row] = count.links
  out.number('urlShare')[row] = count.bytes / (end - start)
  out.number('linksPerLine')[row] = count.links / Math.max(1, linesWithText(bytes, start, end))
}

/** Ranges of bytes removed are flat and ascending per row: start, end (past the line break), start, end… */
function reportRemoved(removed: readonly (readonly number[])[], offsets: Int32Array, out: Measures): void {
  const [lines, share] = [out.count('removedLines'), out.number('removedShare')]
  removed.forEach((ranges, row) => {
    let bytes = 0
    for (let i = 0; i < ranges.length; i += 2) bytes += (ranges[i + 1] ?? 0) - (ranges[i] ?? 0)
    lines[row] = ranges.length / 2
    share[row] = bytes / ((offsets[row + 1] ?? 0) - (offsets[row] ?? 0))
  })
}

function withoutRanges({ text, rows }: Batch, removed: readonly (readonly number[] | undefined)[]): Batch['text'] {
  const builder = textBuilder(rows, text.bytes.length)
  for (let row = 0; row < rows; row++) {
    let copied = text.offsets[row] ?? 0
    const ranges = removed[row] ?? []
    for (let i = 0; i < ranges.length; i += 2) {
      builder.append(text.bytes, copied, ranges[i])
      copied = ranges[i + 1] ?? copied
    }
    builder.append(text.bytes, copied, text.offsets[row + 1] ?? 0)
    builder.endRow()
  }
  return builder.finish()
}
