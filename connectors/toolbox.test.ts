import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

/** Names that connectors import from a folder of src, each with a file that imports it. */
function importedFrom(room: string): Map<string, string> {
  const found = new Map<string, string>()
  const paths = readdirSync(import.meta.dirname, { recursive: true }).map(String)
  for (const path of paths.filter((name) => /(?<!\.test)\.ts$/.test(name))) {
    const text = readFileSync(join(import.meta.dirname, path), 'utf8')
    const pattern = new RegExp(`import (?:type )?\\{([^}]*)\\} from '[./]*/src/${room}/`, 'g')
    for (const [, list = ''] of text.matchAll(pattern)) {
      for (const name of list.split(',')) {
        const plain = name
          .replace(/^\s*type /, '')
          .split(' as ')[0]
          ?.trim()
        if (plain) found.set(plain, path)
      }
    }
  }
  return found
}

it.each(['files', 'text'])(
  'the index of src/%s exports every name that connectors import from there',
  (room) => {
    const face = readFileSync(join(import.meta.dirname, `../src/${room}/index.ts`), 'utf8')
    const used = importedFrom(room)
    const missing = [...used].filter(([name]) => !new RegExp(`[{ ,]${name}[ ,}\\n]`).test(face))
    expect(used.size).toBeGreaterThan(10)
    expect(missing).toEqual([])
  },
)
