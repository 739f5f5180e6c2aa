import { z } from 'zod'
import { type Batch, kindAt, textBuilder } from '../../src/core/batch.ts'
import { defineFilter, type Measures } from '../../src/core/filter.ts'
import { type Candidates, candidateScanner } from '../../src/kernels/candidates.ts'
import { type LineCount, readLines } from './lines.ts'
import { TRIGGERS } from './phrases.ts'

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
      fragments: TRIGGERS.map((text) => ({ bytes: Buffer.from(text), anyCase: true })).concat(
        ['```', '~~~'].map((text) => ({ bytes: Buffer.from(text), anyCase: false })),
      ),
    })
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
      measure: (batch, out) => cleanBatch(batch, scan(batch.text), out),
      judge({ values }) {
        const { links, urlShare, linksPerLine, removedShare } = values
        const dense = Number(urlShare) > maxUrlShare || Number(linksPerLine) > maxLinksPerLine
        if (dense && Number(links) >= FARM_LINKS) return 'link-farm'
        return Number(removedShare) > maxRemovedShare ? 'mostly-ads' : undefined
      },
    }
  },
})

function cleanBatch(batch: Batch, candidates: Candidates, out: Measures): void {
  const { bytes, offsets } = batch.text
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const removed: (readonly number[])[] = []
  let next = 0
  let any = false
  for (let row = 0; row < batch.rows; row++) {
    const start = offsets[row] ?? 0
    const end = offsets[row + 1] ?? 0
    const first = next
    while (next < candidates.count && (candidates.positions[next] ?? 0) < end) next++
    if (first === next || kindAt(batch, row) === 'code') continue
    const count = readLines(buffer, start, end, candidates.positions.subarray(first, next))
    report(count, row, end - start, out)
    if (count.removed.length > 0) any = true
    removed[row] = count.removed
  }
  if (any) batch.text = withoutRanges(batch, removed)
}

function report({ removed, links, urlBytes, lines }: LineCount, row: number, bytes: number, out: Measures): void {
  let removedBytes = 0
  for (let i = 0; i < removed.length; i += 2) removedBytes += (removed[i + 1] ?? 0) - (removed[i] ?? 0)
  out.count('removedLines')[row] = removed.length / 2
  out.number('removedShare')[row] = removedBytes / bytes
  out.count('links')[row] = links
  out.number('urlShare')[row] = urlBytes / bytes
  out.number('linksPerLine')[row] = links / Math.max(1, lines)
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
