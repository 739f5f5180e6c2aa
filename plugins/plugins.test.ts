import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { backends } from './index.ts'

it('the registry lists every folder, and every backend is a valid component', async () => {
  const entries = readdirSync(fileURLToPath(new URL('.', import.meta.url)), { withFileTypes: true })
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  expect(Object.keys(backends).sort()).toEqual(folders.sort())
  for (const [name, load] of Object.entries(backends)) {
    const { name: own, summary, options, example } = await load()
    expect(own).toBe(name)
    expect(summary).toMatch(/\.$/)
    expect(options.safeParse(example).error).toBeUndefined()
    expect(options.safeParse({ ...example, surprise: 1 }).success).toBe(false)
    for (const [option, schema] of Object.entries(options.shape)) {
      expect(
        (schema as { description?: string }).description,
        `description of ${option}`,
      ).toBeTruthy()
    }
  }
})
