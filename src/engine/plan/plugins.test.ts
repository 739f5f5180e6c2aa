import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { testRegistry } from '../testing/components.ts'
import { withPlugins } from './plugins.ts'

const component = (name: string) =>
  `export const one = { name: '${name}', version: 1, options: {}, create() {} }`

async function place(folder: string, files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
}

async function load(files: Record<string, string>, plugins: string[]) {
  const folder = join(await mkdtemp(join(tmpdir(), 'plugins-')), 'manifests')
  await place(folder, files)
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

it.each([
  [
    'a folder with an entry',
    './own',
    { 'own/package.json': '{"main":"a.mjs"}', 'own/a.mjs': component('mine') },
  ],
  ['a file named without a dot', 'mine.mjs', { 'mine.mjs': component('mine') }],
  [
    'a package of ES modules only',
    'mine',
    {
      'node_modules/mine/package.json': '{"exports":{".":{"types":"./a.d.ts","import":"./a.mjs"}}}',
      'node_modules/mine/a.mjs': component('mine'),
    },
  ],
  [
    'a scoped package in a folder above',
    '@me/mine',
    {
      '../node_modules/@me/mine/package.json': '{"exports":"./a.mjs"}',
      '../node_modules/@me/mine/a.mjs': component('mine'),
    },
  ],
] as [string, string, Record<string, string>][])('finds %s', async (_, plugin, files) => {
  const registry = await load(files, [plugin])
  expect(Object.keys(registry.connectors)).toContain('mine')
})

it('finds a package in the node_modules of the working folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plugins-'))
  const before = process.cwd()
  try {
    await place(folder, {
      'node_modules/mine/package.json': '{"exports":"./a.mjs"}',
      'node_modules/mine/a.mjs': component('mine'),
    })
    process.chdir(folder)
    expect(Object.keys((await load({}, ['mine'])).connectors)).toContain('mine')
  } finally {
    process.chdir(before)
  }
})

it('says where it looked for a plug-in', async () => {
  await expect(load({}, ['nowhere'])).rejects.toMatchObject({
    what: expect.stringMatching(/cannot be loaded: not found as .*node_modules\/nowhere/),
  })
})
