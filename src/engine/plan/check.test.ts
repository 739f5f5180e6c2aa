import { describe, expect, it } from 'vitest'
import { testRegistry } from '../testing/components.ts'
import { validateManifest } from './check.ts'
import { nearestName } from './registry.ts'
import type { Problem } from './schema-problems.ts'

const VALID = {
  name: 'corpus',
  output: '../out',
  sources: [{ name: 'first', type: 'lines', input: '*.jsonl' }],
  filters: [{ type: 'length', minBytes: 5 }, { type: 'same-text' }],
}

async function problems(manifest: unknown): Promise<readonly Problem[]> {
  const result = await validateManifest(manifest, '/data/manifest.json', testRegistry)
  return 'problems' in result ? result.problems : []
}

it('fills in defaults and makes paths absolute', async () => {
  const result = await validateManifest(VALID, '/data/manifest.json', testRegistry)
  if ('problems' in result) throw new Error('expected a valid manifest')
  expect(result.manifest).toMatchObject({
    folder: '/data',
    output: '/out',
    split: { train: 95, eval: 4, test: 1 },
    filters: [{ name: 'length', options: { minBytes: 5, scale: 1 } }, { name: 'same-text' }],
  })
})

it('reports every problem at once, with its position and the nearest valid name', async () => {
  const found = await problems({
    ...VALID,
    nmae: 'x',
    split: { trian: 1 },
    sources: [
      { name: 'first', type: 'lnies', input: 'a' },
      { name: 'second', type: 'lines' },
      { name: 'Third Source', type: 'lines', input: 'a', inpt: 'b' },
    ],
    filters: [{ type: 'length', minBites: 3 }],
  })
  expect(found).toEqual(
    expect.arrayContaining([
      { path: 'nmae', message: 'unknown key', nearest: 'name' },
      { path: 'split.trian', message: 'unknown key', nearest: 'train' },
      expect.objectContaining({ path: 'sources[0].type', nearest: 'lines' }),
      expect.objectContaining({
        path: 'sources[1].input',
        message: expect.stringContaining('missing'),
      }),
      expect.objectContaining({
        path: 'sources[2].name',
        message: expect.stringContaining('"Third Source"'),
      }),
      { path: 'sources[2].inpt', message: 'unknown key', nearest: 'input' },
      { path: 'filters[0].minBites', message: 'unknown key', nearest: 'minBytes' },
    ]),
  )
  expect(found).toHaveLength(7)
})

it('refuses corpus filters before row filters, repeated sources and unknown sources', async () => {
  const source = VALID.sources[0]
  const found = await problems({
    ...VALID,
    sources: [source, source],
    filters: [{ type: 'same-text' }, { type: 'length', sources: ['frist'] }],
  })
  expect(found.map(({ path }) => path).sort()).toEqual([
    'filters[0]',
    'filters[1].sources',
    'sources[1].name',
  ])
  expect(found.find(({ path }) => path === 'filters[1].sources')?.nearest).toBe('first')
})

it('refuses settings for unknown sources', async () => {
  const found = await problems({
    ...VALID,
    filters: [{ type: 'length', bySource: { first: {}, frist: {} } }],
  })
  expect(found).toContainEqual({
    path: 'filters[0].bySource',
    message: 'no source "frist"',
    nearest: 'first',
  })
  expect(found.map(({ message }) => message)).not.toContain('no source "first"')
})

it('checks the rules between entries even if some entries are invalid', async () => {
  const found = await problems({
    ...VALID,
    sources: [
      { name: 'first', type: 'lnies', input: 'a' },
      { name: 'second', type: 'lines' },
    ],
    filters: [
      { type: 'same-text', sources: ['first', 'second'] },
      { type: 'length', minBites: 3 },
    ],
  })
  expect(found.map(({ path }) => path).sort()).toEqual([
    'filters[0]',
    'filters[1].minBites',
    'sources[0].type',
    'sources[1].input',
  ])
})

describe('filters that run by default', () => {
  const registry = { ...testRegistry, byDefault: ['censor'] }
  const chain = async (filters: readonly object[], sources = VALID.sources) => {
    const manifest = { ...VALID, sources, filters }
    const result = await validateManifest(manifest, '/data/manifest.json', registry)
    if ('problems' in result) throw new Error(JSON.stringify(result.problems))
    return result.manifest.filters.map(({ name, sources: only }) => (only ? [name, only] : name))
  }

  it('come first, also in an empty chain', async () => {
    expect(await chain([])).toEqual(['censor'])
    expect(await chain(VALID.filters)).toEqual(['censor', 'length', 'same-text'])
  })

  it('have the place and the sources that the manifest gives them', async () => {
    expect(await chain([{ type: 'length' }, { type: 'censor' }])).toEqual(['length', 'censor'])
    const first = { type: 'censor', sources: ['first'] }
    expect(await chain([first])).toEqual([['censor', ['first']]])
  })

  it('are switched off, for all sources or for some', async () => {
    const off = { type: 'censor', enabled: false }
    expect(await chain([off, { type: 'length' }])).toEqual(['length'])
    const second = { name: 'second', type: 'lines', input: 'b' }
    expect(await chain([{ ...off, sources: ['first'] }], [...VALID.sources, second])).toEqual([
      ['censor', ['second']],
    ])
  })

  it('let any other filter be switched off too, wherever it stands', async () => {
    const off = { type: 'length', enabled: false }
    expect(await chain([{ type: 'same-text' }, off])).toEqual(['censor', 'same-text'])
  })
})

it.each([null, [], 'text', 3, { sources: 'all' }])(
  'reports problems for a manifest that is %j',
  async (manifest) => {
    expect((await problems(manifest)).length).toBeGreaterThan(0)
  },
)

it('suggests close names and no distant ones', () => {
  expect(nearestName('wikipdia', ['wikipedia', 'jsonl'])).toBe('wikipedia')
  expect(nearestName('parquet', ['wikipedia', 'jsonl'])).toBeUndefined()
})
