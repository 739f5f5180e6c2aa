import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { testRegistry } from '../testing/components.ts'
import { withPlugins } from './plugins.ts'

const component = (name: string) =>
  `export const one = { name: '${name}', version: 1, options: {}, create() {} }`

async function load(files: Record<string, string>, plugins: string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'plugins-'))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  return withPlugins(testRegistry, { plugins }, join(folder, 'manifest.json'))
}

it('adds the components of a module beside the manifest', async () => {
  const registry = await load({ 'mine.mjs': component('mine') }, ['./mine.mjs'])
  expect(Object.keys(registry.connectors)).toEqual(['lines', 'threads', 'mine'])
  expect(await registry.connectors.mine?.()).toMatchObject({ name: 'mine' })
})

it('leaves the registry alone where there are none', async () => {
  expect(await withPlugins(testRegistry, { name: 'x' }, '/x.json')).toBe(testRegistry)
})

it.each([
  ['a missing module', ['./gone.mjs'], 'cannot be loaded'],
  ['a module without components', ['./empty.mjs'], 'exports no connector or filter'],
  ['a name that exists', ['./lines.mjs'], '"lines" exists already'],
])('refuses %s', async (_, plugins, message) => {
  const files = { 'empty.mjs': 'export const a = 1', 'lines.mjs': component('lines') }
  await expect(load(files, plugins)).rejects.toMatchObject({
    code: 'manifest-invalid',
    what: expect.stringContaining(message),
  })
})
