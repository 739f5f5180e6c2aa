import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { checkManifest } from '../src/index.ts'

const folder = import.meta.dirname
const manifests = readdirSync(folder).filter(
  (name) => name.endsWith('.json') && name !== 'schema.json',
)

it.each(manifests)('%s is valid', async (name) => {
  expect(await checkManifest(join(folder, name))).toEqual([])
})

it('includes the main manifest', () => {
  expect(manifests).toContain('corpus.json')
})
