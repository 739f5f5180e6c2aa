import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { FilterComponent } from '../src/core/filter.ts'
import { applyFilter, prose, testContext } from '../src/testing/index.ts'

const root = join(import.meta.dirname, '..')
const read = (name: string): Promise<string> => readFile(join(root, name), 'utf8')

async function pages(): Promise<string[]> {
  const below = await readdir(join(root, 'docs'), { recursive: true })
  return [
    'README.md',
    'CONTRIBUTING.md',
    'CHANGELOG.md',
    'samples/README.md',
    ...below.map((name) => `docs/${name}`),
  ]
    .filter((name) => name.endsWith('.md'))
    .sort()
}

describe('the pages', () => {
  it('link only to files that exist', async () => {
    const names = await pages()
    expect(names.length).toBeGreaterThan(6)
    for (const name of names) {
      const links = [...(await read(name)).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(
        (match) => match[1] ?? '',
      )
      for (const link of links)
        expect(existsSync(join(root, dirname(name), link)), `${name} → ${link}`).toBe(true)
    }
  })

  it('index every decision', async () => {
    const index = await read('docs/decisions/README.md')
    const notes = (await readdir(join(root, 'docs/decisions'))).filter(
      (name) => name !== 'README.md',
    )
    expect(notes.filter((name) => !index.includes(`](${name})`))).toEqual([])
  })

  it('give a reason for every dependency', async () => {
    const text = await read('docs/decisions/dependencies.md')
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(
      await read('package.json'),
    )
    const names = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies })
    expect(names.filter((name) => !text.includes(`\`${name}\``))).toEqual([])
  })
})

describe('the README', () => {
  it('shows a filter that works as it stands', async () => {
    const code = /```ts\n([\s\S]*?)```/.exec(await read('README.md'))?.[1] ?? ''
    // Beside the sources, where its relative imports mean what they mean for a real filter.
    const folder = await mkdtemp(join(root, 'filters', '.readme-'))
    try {
      await writeFile(join(folder, 'index.ts'), code)
      const { shouting }: { shouting: FilterComponent } = await import(join(folder, 'index.ts'))
      const filter = await shouting.create(
        shouting.options.parse(shouting.example),
        testContext(folder),
      )
      const texts = [
        'BUY THIS TELESCOPE TODAY, it is good',
        'A quiet text by Ibn al-Haytham.',
        'نص عربي بلا حروف كبيرة',
      ]
      expect(
        applyFilter(
          filter,
          texts.map((text) => prose(text)),
        ).verdicts,
      ).toEqual(['mostly-capitals', undefined, undefined])
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
