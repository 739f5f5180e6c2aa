import { kindAt, textAt } from '../core/batch.ts'
import type { Document } from '../core/document.ts'
import type { Filter } from '../core/filter.ts'
import { measureBuffers } from './segments/ledger.ts'
import { batchBuilder } from './stage/batch-builder.ts'

/** What one filter found and decided about one document. */
export interface Trial {
  /** Why it would drop the document; undefined if it keeps it. */
  readonly reason?: string
  readonly values: Readonly<Record<string, number | string>>
  /** Lines that the filter draws through its measures, and whether the value keeps to them. */
  readonly limits: readonly {
    readonly measure: string
    readonly side: 'least' | 'most'
    readonly at: number
    readonly scope?: string
    readonly kept: boolean
  }[]
  readonly lang: string
  /** The text before and after the filter. */
  readonly before: string
  readonly after: string
}

/** Documents with more bytes are not tried. */
const MOST_BYTES = 64 << 20

/** Measures and judges documents with one row filter, as a run would. */
export function tryFilter(filter: Filter, documents: readonly Document[]): readonly Trial[] {
  return documents.map((document) => {
    const builder = batchBuilder('try', 0, MOST_BYTES)
    builder.add(document)
    const { batch } = builder.finish().rows
    const before = textAt(batch.text, 0)
    const { measures, arrays } = measureBuffers(filter, 1)
    filter.measure(batch, measures)
    const values = Object.fromEntries([...arrays].map(([name, array]) => [name, array[0] ?? 0]))
    const lang = batch.lang[0] ?? ''
    const reason = filter.judge({ kind: kindAt(batch, 0), lang, values })
    const limits = (filter.limits ?? []).map((limit) => {
      const value = Number(values[limit.measure])
      return { ...limit, kept: limit.side === 'least' ? value >= limit.at : value <= limit.at }
    })
    const after = textAt(batch.text, 0)
    return { ...(reason === undefined ? {} : { reason }), values, limits, lang, before, after }
  })
}
