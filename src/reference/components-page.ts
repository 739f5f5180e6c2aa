import type { z } from 'zod'
import type { Component } from '../core/component.ts'
import type { ConnectorComponent } from '../core/connector.ts'
import type { AnyFilterComponent } from '../core/filter.ts'
import type { BackendComponent } from '../core/trainer.ts'
import { cell, optionsTable } from './options-table.ts'

/**
 * Renders docs/components.md: every connector, filter and backend with its options, taken from
 * their schemas, and links to the guides that exist.
 */
export function componentsPage(
  connectors: readonly ConnectorComponent[],
  filters: readonly AnyFilterComponent[],
  backends: readonly BackendComponent[],
  hasGuide: (connector: string) => boolean,
): string {
  return `<!-- Written by \`npm run docs\` from the components themselves. -->

# Components

A manifest names connectors in \`sources\` and filters in \`filters\`; a training manifest names a
backend. \`etl list <name>\` prints the same in the terminal. With \`manifests/schema.json\`,
editors complete and validate manifests.

## Connectors

${summaryTable(connectors)}

${connectors.map((connector) => section(connector, connectorNotes(connector, hasGuide))).join('\n')}
## Filters

Row filters judge one document at a time, in the order of the manifest. Corpus filters need all
documents and come last. Options marked ◆ are thresholds: \`etl refilter\` applies a change to them
without reading the sources again.

${summaryTable(filters)}

${filters.map(filterSection).join('\n')}
## Backends

What \`etl train\` trains with: chosen by \`backend\` and \`options\` of a training manifest, or by
\`--backend\`. See [training.md](training.md) for the rest.

${summaryTable(backends)}

${backends.map(backendSection).join('\n')}`
}

const filterSection = (filter: AnyFilterComponent): string =>
  section(filter, `${filter.level === 'row' ? 'Row' : 'Corpus'} filter.`, filter.thresholds)

const backendSection = (backend: BackendComponent): string =>
  section(backend, backendNotes(backend), [], backendEntry(backend))

type AnyComponent = Component<z.ZodObject, unknown>

function summaryTable(components: readonly AnyComponent[]): string {
  const rows = components.map(({ name, summary }) => `| [${name}](#${name}) | ${cell(summary)} |`)
  return ['| name | what it does |', '|---|---|', ...rows].join('\n')
}

function connectorNotes(
  { name, notice }: ConnectorComponent,
  hasGuide: (connector: string) => boolean,
): string {
  const guide = hasGuide(name)
    ? `What to download, and what the licence demands: [sources/${name}.md](sources/${name}.md).`
    : ''
  return guide + (notice ? `\n\n> ${notice}` : '')
}

const backendNotes = ({ name, aliases = [] }: BackendComponent): string => {
  const guide = name === 'torch' ? ' Setup and figures: [torch.md](torch.md).' : ''
  return (
    (aliases.length > 0
      ? `Also called ${aliases.map((alias) => `\`${alias}\``).join(' and ')}.`
      : '') + guide
  )
}

const backendEntry = ({ name, example }: BackendComponent): object => ({
  backend: name,
  options: example,
})

const manifestEntry = ({ name, example }: AnyComponent): object => ({
  type: name,
  ...(example as object),
})

function section(
  component: AnyComponent,
  notes: string,
  thresholds: readonly string[] = [],
  entry = manifestEntry(component),
): string {
  const { name, version, summary, options } = component
  return `### ${name}

${`${summary} Version ${version}. ${notes}`.trimEnd()}

${optionsTable(options, thresholds)}

\`\`\`json
${JSON.stringify(entry, undefined, 2)}
\`\`\`
`
}
