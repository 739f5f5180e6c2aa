import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ERROR_CODES } from '../core/error-codes.ts'
import type { Registry } from '../engine/plan/registry.ts'
import type { Backends } from '../train/prepare.ts'
import { componentsPage } from './components-page.ts'
import { manifestJsonSchema } from './manifest-schema.ts'

/**
 * Every generated file by its path from the root of the repository. `etl docs` writes them; a test
 * compares them. `root` is the repository: connectors with a guide in docs/sources are linked to
 * it.
 */
export async function referenceFiles(
  registry: Registry,
  backends: Backends,
  root: string,
): Promise<Readonly<Record<string, string>>> {
  const connectors = await Promise.all(Object.values(registry.connectors).map((load) => load()))
  const filters = await Promise.all(Object.values(registry.filters).map((load) => load()))
  const trainers = await Promise.all(Object.values(backends).map((load) => load()))
  return {
    'docs/components.md': componentsPage(connectors, filters, trainers, (name) =>
      existsSync(join(root, 'docs/sources', `${name}.md`)),
    ),
    'docs/errors.md': errorsPage(),
    'manifests/schema.json': `${JSON.stringify(manifestJsonSchema(connectors, filters), undefined, 2)}\n`,
  }
}

function errorsPage(): string {
  const entries = Object.entries(ERROR_CODES).map(([code, { meaning, hint, retryable }]) => {
    return `## ${code}\n\n${meaning}\n\n${hint}${retryable ? ' Trying again may help without changing anything.' : ''}\n`
  })
  return `<!-- Written by \`npm run docs\` from src/core/error-codes.ts. -->

# Errors

Every error says where it happened, what was found and what to do. These are the codes, in brackets at the end of a message and as
\`code\` with \`--json\`. A bad row of an input is no error: it is skipped, counted under its reason and shown in the report.

${entries.join('\n')}`
}
