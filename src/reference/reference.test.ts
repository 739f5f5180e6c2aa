import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ERROR_CODES } from '../core/error-codes.ts'
import { backends, registry } from '../index.ts'
import { referenceFiles } from './index.ts'
import { optionsOf } from './options-table.ts'

const root = join(import.meta.dirname, '../..')
const files = await referenceFiles(registry, backends, root)

describe('the generated reference', () => {
  it.each(Object.keys(files))('%s is up to date (otherwise: npm run docs)', async (name) => {
    expect(await readFile(join(root, name), 'utf8')).toBe(files[name])
  })

  it('has a heading for every error code and no others', async () => {
    const headings = files['docs/errors.md']?.match(/(?<=^## ).*$/gm)
    expect(headings).toEqual(Object.keys(ERROR_CODES))
  })

  it('describes every backend by the name that a training manifest uses', () => {
    for (const name of Object.keys(backends))
      expect(files['docs/components.md']).toContain(`"backend": "${name}"`)
  })

  it('links to pages that exist', () => {
    for (const [name, text] of Object.entries(files).filter(([path]) => path.endsWith('.md'))) {
      const links = [...text.matchAll(/\]\(([^)#]+)\)/g)].map((match) => match[1] ?? '')
      for (const link of links) expect(existsSync(join(root, dirname(name), link)), link).toBe(true)
    }
  })

  it('has one schema per component and refers to all of them', () => {
    const schema = JSON.parse(files['manifests/schema.json'] ?? '')
    const names = [
      ...Object.keys(registry.connectors).map((name) => `sources-${name}`),
      ...Object.keys(registry.filters).map((name) => `filters-${name}`),
    ]
    expect(Object.keys(schema.$defs)).toEqual(names)
    const references = [...JSON.stringify(schema).matchAll(/"#\/\$defs\/([^"]+)"/g)].map(
      (match) => match[1],
    )
    expect(references.sort()).toEqual(names.sort())
  })
})

describe('the table of options', () => {
  it('shows type, range, default and whether an option is required', () => {
    const schema = z.strictObject({
      input: z.string().describe('Where'),
      minScore: z.number().min(0).max(1).default(0.95),
      count: z.int().default(3),
      mode: z.enum(['a', 'b']).optional(),
      names: z.array(z.string()).default([]),
      sizes: z.record(z.string(), z.int().min(1)).optional(),
      limits: z.strictObject({ low: z.int().default(1), high: z.int().optional() }).prefault({}),
      where: z.union([z.string(), z.strictObject({ page: z.int().min(1) })]).optional(),
    })
    expect(
      optionsOf(schema).map(({ name, type, fallback, required }) => [
        name,
        type,
        fallback,
        required,
      ]),
    ).toEqual([
      ['input', 'text', undefined, true],
      ['minScore', 'number ≥ 0, ≤ 1', '0.95', false],
      ['count', 'integer', '3', false],
      ['mode', '"a" or "b"', undefined, false],
      ['names', 'list of text', '[]', false],
      ['sizes', 'object of integer ≥ 1', undefined, false],
      ['limits', 'object', '{}', false],
      ['limits.low', 'integer', '1', false],
      ['limits.high', 'integer', undefined, false],
      ['where', 'text or object', undefined, false],
    ])
  })
})
