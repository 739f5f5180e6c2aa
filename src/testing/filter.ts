import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { type Batch, META_COLUMNS, textAt, textColumn } from '../core/batch.ts'
import { canonicalJson } from '../core/canonical-json.ts'
import { type Document, KINDS } from '../core/document.ts'
import type { Filter, FilterComponent, MeasuredRow, Measures } from '../core/filter.ts'
import { testContext } from './context.ts'

const decoder = new TextDecoder()

/** A batch of the given documents, as the engine would pack them. */
export function batchOf(documents: readonly Document[], source = 'test'): Batch {
  const column = (value: (document: Document) => string | undefined) =>
    textColumn(documents.map((document) => value(document) ?? ''))
  return {
    source,
    rows: documents.length,
    kind: Uint8Array.from(documents, (document) => KINDS.indexOf(document.kind)),
    items: Uint32Array.from(documents, (document) => document.items ?? 1),
    id: textColumn(documents.map((document, row) => `${source}:${document.key ?? row}`)),
    text: column(({ text }) => (typeof text === 'string' ? text : decoder.decode(text))),
    url: column(({ url }) => url),
    license: column(({ license }) => license),
    author: column(({ author }) => author),
    created: column(({ created }) => created),
    revised: column(({ revised }) => revised),
    metadata: column(({ metadata }) =>
      metadata === undefined ? undefined : canonicalJson(metadata),
    ),
    lang: documents.map((document) => document.lang ?? ''),
    langScore: new Float32Array(documents.length).fill(Number.NaN),
  }
}

/** A prose document of this text. */
export const prose = (text: string, extra: Partial<Document> = {}): Document => ({
  kind: 'prose',
  ...extra,
  text,
})

/** The result of a filter on some documents. */
export interface FilterOutcome {
  /** Per document: the reason it was dropped for, or undefined. */
  readonly verdicts: readonly (string | undefined)[]
  readonly values: readonly Readonly<Record<string, number | string>>[]
  readonly texts: readonly string[]
  readonly batch: Batch
}

/** Measures and judges documents the way the engine does. */
export function applyFilter(filter: Filter, documents: readonly Document[]): FilterOutcome {
  const batch = batchOf(documents)
  const { measures, valuesOf } = measureArrays(filter, batch.rows)
  filter.measure(batch, measures)
  const values = documents.map((_, row) => valuesOf(row))
  const verdicts = values.map((row, index) => filter.judge(measuredRow(batch, index, row)))
  return { verdicts, values, texts: documents.map((_, row) => textAt(batch.text, row)), batch }
}

function measuredRow(batch: Batch, row: number, values: MeasuredRow['values']): MeasuredRow {
  return { kind: KINDS[batch.kind[row] ?? 0] ?? 'prose', lang: batch.lang[row] ?? '', values }
}

/** Fresh arrays for the measures of a filter, and a way to read one row of them. */
export function measureArrays(filter: Filter, rows: number) {
  const arrays = new Map<string, Float32Array | Uint32Array | string[]>()
  for (const [name, { type }] of Object.entries(filter.measures)) {
    if (type === 'number') arrays.set(name, new Float32Array(rows))
    else if (type === 'count') arrays.set(name, new Uint32Array(rows))
    else arrays.set(name, new Array<string>(rows).fill(''))
  }
  const get = (name: string, type: 'number' | 'count' | 'label') => {
    const array = arrays.get(name)
    if (array === undefined || filter.measures[name]?.type !== type)
      throw new Error(`no ${type} measure ${name}`)
    return array
  }
  const measures: Measures = {
    number: (name) => get(name, 'number') as Float32Array,
    count: (name) => get(name, 'count') as Uint32Array,
    label: (name) => get(name, 'label') as string[],
  }
  const valuesOf = (row: number) =>
    Object.fromEntries([...arrays].map(([name, array]) => [name, array[row] as number | string]))
  return { measures, valuesOf }
}

export interface FilterCase<Options extends z.ZodObject> {
  readonly component: FilterComponent<Options>
  readonly options?: z.input<Options>
  /** Documents that show the filter at work, English and Arabic among them. */
  readonly documents: readonly Document[]
}

const HARD_TEXTS = [
  '',
  ' ',
  '\n\n\n',
  '\u0000',
  '٠١٢٣',
  'a',
  '😀'.repeat(300),
  '\u200f\u202b'.repeat(50),
  'ـ'.repeat(999),
]

/**
 * The contract every row filter keeps: valid example, declared reasons and measures only, rows
 * judged alike alone and in company, repeatable, harmless on hard input, untouched text unless it
 * says that it rewrites.
 *
 * @example In a vitest file beside the filter:
 * ```ts
 * testFilter({ component: shouting, documents: [prose('LOUD'), prose('نص عربي')] })
 * ```
 */
export function testFilter<Options extends z.ZodObject>(input: FilterCase<Options>): void {
  const { component } = input
  const make = async (): Promise<Filter> =>
    component.create(component.options.parse(input.options ?? component.example), testContext('/'))
  const documents = [...input.documents, ...HARD_TEXTS.map((text) => prose(text))]

  describe(`filter contract: ${component.name}`, () => {
    it('has a strict schema that accepts its own example and describes every option', () => {
      expect(component.options.safeParse(component.example).error).toBeUndefined()
      expect(component.options.safeParse({ ...component.example, surprise: 1 }).success).toBe(false)
      for (const [name, schema] of Object.entries(component.options.shape)) {
        expect((schema as z.ZodType).description, `description of option ${name}`).toBeTruthy()
      }
      for (const name of component.thresholds)
        expect(Object.keys(component.options.shape)).toContain(name)
    })

    it('drops only for declared reasons', async () => {
      const filter = await make()
      for (const verdict of applyFilter(filter, documents).verdicts) {
        if (verdict !== undefined) expect(filter.reasons).toContain(verdict)
      }
    })

    it('names limits of its own measures only', async () => {
      const { limits = [], measures } = await make()
      for (const { measure } of limits) expect(Object.keys(measures)).toContain(measure)
    })

    it('judges by the judgements it names, of its own measures and options', async () => {
      const filter = await make()
      if (filter.judgements === undefined) return
      const { batch, values, verdicts } = applyFilter(filter, documents)
      for (const [index, row] of values.entries()) {
        const judgements = filter.judgements(measuredRow(batch, index, row))
        expect(judgements.find(({ passed }) => !passed)?.reason).toBe(verdicts[index])
        for (const { reason, measure, option } of judgements) {
          expect(filter.reasons).toContain(reason)
          expect(Object.keys(filter.measures)).toEqual(
            expect.arrayContaining(measure.split(/ [/+] /)),
          )
          const [name] = option?.split('.') ?? []
          if (name !== undefined) expect(Object.keys(component.options.shape)).toContain(name)
        }
      }
    })

    it('treats a row alone as it does among others: same measures, text and verdict', async () => {
      const together = applyFilter(await make(), documents)
      for (const [row, document] of documents.entries()) {
        const alone = applyFilter(await make(), [document])
        expect(alone.verdicts[0], `verdict of row ${row}`).toBe(together.verdicts[row])
        expect(alone.values[0], `measures of row ${row}`).toEqual(together.values[row])
        expect(alone.texts[0], `text of row ${row}`).toBe(together.texts[row])
      }
    })

    it('changes text, metadata and language only if it rewrites, and never the row count', async () => {
      const filter = await make()
      const before = batchOf(documents)
      const { batch } = applyFilter(filter, documents)
      for (const name of [...META_COLUMNS, 'text'] as const) {
        expect(batch[name].offsets.length, `rows of ${name}`).toBe(documents.length + 1)
        if (!filter.rewrites) expect(batch[name].bytes, name).toEqual(before[name].bytes)
      }
      if (!filter.rewrites) expect(batch.lang).toEqual(before.lang)
      if (filter.redacts) expect(filter.rewrites).toBe(true)
    })

    it('changes nothing more in a text that it has rewritten', async () => {
      const filter = await make()
      if (!filter.rewrites) return
      const once = applyFilter(filter, documents).texts
      const again = applyFilter(
        filter,
        documents.map((document, row) => ({ ...document, text: once[row] ?? '' })),
      ).texts
      expect(again).toEqual(once)
    })
  })
}
