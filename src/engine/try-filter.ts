import { kindAt, textAt } from '../core/batch.ts'
import type { Document } from '../core/document.ts'
import type { Filter, Judgement, MeasureLimit } from '../core/filter.ts'
import { measureBuffers } from './segments/ledger.ts'
import { batchBuilder } from './stage/batch-builder.ts'

/** What one filter found and decided about one document. */
export interface Trial {
  readonly verdict: 'kept' | 'dropped'
  /** Why it would drop the document. */
  readonly reason?: string
  readonly lang: string
  readonly measures: Readonly<Record<string, number | string>>
  /** The comparisons that the filter made; undefined if it does not name them. */
  readonly judgements?: readonly Judgement[]
  /** Lines that the filter draws through its measures. Not all hold for every text. */
  readonly limits: readonly MeasureLimit[]
  /** The text before and after the filter. */
  readonly before: string
  readonly after: string
}

/** Measures and judges documents of any size with one row filter, as a run would. */
export function tryFilter(filter: Filter, documents: readonly Document[]): readonly Trial[] {
  return documents.map((document) => {
    const builder = batchBuilder('try', 0, Number.POSITIVE_INFINITY)
    builder.add(document)
    const { batch } = builder.finish().rows
    const before = textAt(batch.text, 0)
    const { measures: out, arrays } = measureBuffers(filter, 1)
    filter.measure(batch, out)
    const measures = Object.fromEntries([...arrays].map(([name, array]) => [name, array[0] ?? 0]))
    const lang = batch.lang[0] ?? ''
    const row = { kind: kindAt(batch, 0), lang, values: measures }
    const reason = filter.judge(row)
    const judgements = filter.judgements?.(row)
    return {
      verdict: reason === undefined ? 'kept' : 'dropped',
      ...(reason === undefined ? {} : { reason }),
      lang,
      measures,
      ...(judgements === undefined ? {} : { judgements }),
      limits: filter.limits ?? [],
      before,
      after: textAt(batch.text, 0),
    }
  })
}
