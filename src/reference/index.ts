import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ERROR_CODES } from '../core/error-codes.ts'
import type { Registry } from '../engine/plan/registry.ts'
import type { Backends } from '../train/prepare.ts'
import { componentsPage } from './components-page.ts'
import { manifestJsonSchema } from './manifest-schema.ts'
import { trainingPage } from './training-page.ts'

/**
 * Renders every generated file, by its path from the root of the repository. `etl docs` writes
 * them; a test compares them. `root` is the repository: connectors with a guide in docs/sources get
 * a link to it.
 */
export async function referenceFiles(
  registry: Registry,
  backends: Backends,
  root: string,
): Promise<Readonly<Record<string, string>>> {
  const connectors = await Promise.all(Object.values(registry.connectors).map((load) => load()))
  const filters = await Promise.all(Object.values(registry.filters).map((load) => load()))
  const trainers = await Promise.all(Object.values(backends).map((load) => load()))
  const schema = manifestJsonSchema(connectors, filters)
  return {
    'docs/components.md': componentsPage(connectors, filters, trainers, (name) =>
      existsSync(join(root, 'docs/sources', `${name}.md`)),
    ),
    'docs/errors.md': errorsPage(),
    'docs/training-manifest.md': trainingPage(),
    'manifests/schema.json': `${JSON.stringify(schema, undefined, 2)}\n`,
  }
}

function errorsPage(): string {
  const entries = Object.entries(ERROR_CODES).map(([code, { meaning, hint, retryable }]) => {
    const again = retryable ? ' Trying again may help without changing anything.' : ''
    return `## ${code}\n\n${meaning}\n\n${hint}${again}\n`
  })
  return `<!-- Written by \`npm run docs\` from src/core/error-codes.ts. -->

# Errors

Every error says where it happened, what was found and what to do. These are its codes: they are in
brackets at the end of a message, and in \`code\` with \`--json\`. A malformed row of an input is
not an error: it is skipped, counted by reason and shown in the report.

${entries.join('\n')}`
}
