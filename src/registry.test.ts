import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { validateManifest } from './engine/plan/check.ts'
import { backends, registry } from './index.ts'

const root = join(import.meta.dirname, '..')

/**
 * Names of the components on disk: `name/` with an `index.ts`, or `name.ts`. Tests, notes and the
 * registry itself are left out.
 */
function namesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(
      (entry) =>
        entry.isDirectory() || (/^[a-z0-9-]+\.ts$/.test(entry.name) && entry.name !== 'index.ts'),
    )
    .filter(
      (entry) =>
        !entry.isDirectory() || readdirSync(join(root, folder, entry.name)).includes('index.ts'),
    )
    .map((entry) => entry.name.replace(/\.ts$/, ''))
    .sort()
}

/** All files of a component: below its folder, or beside it with its name. */
function filesOf(folder: string, name: string): string[] {
  const own = readdirSync(join(root, folder), { recursive: true, withFileTypes: false }).map(String)
  return own.filter((path) => path.startsWith(`${name}/`) || path.startsWith(`${name}.`))
}

it('violated rules between options of a component are reported with their position', async () => {
  const manifest = {
    name: 'corpus',
    output: 'out',
    sources: [{ name: 'rows', type: 'jsonl', input: '*.jsonl' }],
    filters: [{ type: 'minhash', bands: 20, rows: 8 }],
    split: { train: 0, eval: 0, test: 0 },
  }
  const validation = await validateManifest(manifest, '/data/manifest.json', registry)
  expect(
    'problems' in validation ? validation.problems.map(({ path }) => path).sort() : [],
  ).toEqual(['filters[0].bands', 'split'])
})

describe.each([
  ['connectors', registry.connectors],
  ['filters', registry.filters],
  ['plugins', backends],
] as const)('%s', (folder, components) => {
  it('are registered exactly as they are in the folder, in alphabetical order', () => {
    expect(Object.keys(components)).toEqual(namesIn(folder))
    expect(namesIn(folder).length).toBeGreaterThan(1)
  })

  it.each(Object.keys(components))('%s carries its own name and has a test', async (name) => {
    const component = await components[name]!()
    expect(component.name).toBe(name)
    expect(filesOf(folder, name).filter((path) => path.endsWith('.test.ts'))).not.toEqual([])
  })
})

describe('filters', () => {
  it('list only options as thresholds', async () => {
    for (const load of Object.values(registry.filters)) {
      const { name, thresholds, options } = await load()
      expect(
        thresholds.filter((threshold) => !(threshold in options.shape)),
        name,
      ).toEqual([])
    }
  })
})
