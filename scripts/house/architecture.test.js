import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { architectureFiles } from './architecture.js'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

it.each(Object.entries(architectureFiles(root)))(
  '%s is what `npm run docs` writes',
  (path, text) => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(text)
  },
)
