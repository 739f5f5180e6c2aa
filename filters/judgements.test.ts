import fc from 'fast-check'
import { expect, it } from 'vitest'
import { KINDS } from '../src/core/document.ts'
import type { Filter, Judgement, MeasureSpec } from '../src/core/filter.ts'
import { testContext } from '../src/testing/context.ts'
import { filters } from './index.ts'

/** The built-in row filters that need no file of their own. */
async function rowFilters(): Promise<[string, Filter][]> {
  const made: [string, Filter][] = []
  for (const [name, load] of Object.entries(filters)) {
    const component = await load()
    if (component.level !== 'row' || name === 'perplexity') continue
    const options = component.options.parse(component.example)
    made.push([name, await component.create(options, testContext('/'))])
  }
  return made
}

const LABELS = ['', 'ar', 'en', 'fr', 'ar+en', 'xml', 'generated', 'MIT', 'NOASSERTION', 'noai']
const values: Record<MeasureSpec['type'], fc.Arbitrary<number | string>> = {
  number: fc.oneof(fc.float({ min: 0, max: 1, noNaN: true }), fc.float({ max: 2000, noNaN: true })),
  count: fc.oneof(fc.nat(60), fc.nat(10_000_000)),
  label: fc.constantFrom(...LABELS),
}

it('judge drops for the first judgement that fails, whatever was measured', async () => {
  const made = await rowFilters()
  expect(made.map(([name]) => name)).toContain('quality')
  for (const [name, filter] of made) {
    const row = fc.record({
      kind: fc.constantFrom(...KINDS),
      lang: fc.constantFrom('', 'ar', 'arz', 'en', 'fr', 'json', 'xslt', 'webassembly'),
      values: fc.record(
        Object.fromEntries(
          Object.entries(filter.measures).map(([measure, { type }]) => [measure, values[type]]),
        ),
      ),
    })
    fc.assert(
      fc.property(row, (one) => {
        const judgements = filter.judgements?.(one) ?? []
        expect(filter.judge(one), name).toBe(judgements.find(({ passed }) => !passed)?.reason)
        for (const judgement of judgements) expectHonest(judgement, one.values)
      }),
    )
  }
})

/** A number is the one that was measured, and passes if it keeps to the limit. */
function expectHonest(judgement: Judgement, measured: Readonly<Record<string, unknown>>): void {
  const { measure, value, limit, comparison, passed } = judgement
  if (typeof value !== 'number' || typeof limit !== 'number') return
  // langid compares 32-bit floats, of which one is the limit itself.
  if (value === Math.fround(limit)) return
  if (measure in measured) expect(value, measure).toBe(measured[measure])
  expect(passed, measure).toBe(comparison === 'least' ? value >= limit : value <= limit)
}
