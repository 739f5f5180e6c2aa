// docs/filters.md: one part per filter between markers, so that one can be measured anew alone.
import type { QualitySection, Table } from './section.ts'

const HEAD = `# How right the filters are

Written by \`npm run bench:quality\`. Every rate stands with its 95 % Wilson interval and the counts
behind it. Sets are public and fetched at a fixed commit; none is part of this project. Where a
threshold was fitted, it was fitted on the other half of the set (or on another set) than the one
the table shows.
`

const start = (name: string): string => `<!-- filter: ${name} -->`
const end = (name: string): string => `<!-- end of filter: ${name} -->`

/** The page with the section's part replaced, or added in the order of names. */
export function withSection(
  page: string,
  section: QualitySection,
  tables: readonly Table[],
): string {
  const parts = new Map<string, string>()
  for (const [, name, part] of page.matchAll(
    /<!-- filter: (\S+) -->\n([\s\S]*?)<!-- end of filter/g,
  ))
    parts.set(name ?? '', part ?? '')
  parts.set(section.name, partOf(section, tables))
  const sorted = [...parts].sort(([a], [b]) => (a < b ? -1 : 1))
  const shown = sorted.map(([name, part]) => `${start(name)}\n${part}${end(name)}\n`)
  return [HEAD, ...shown].join('\n')
}

function partOf({ name, introduction, sets }: QualitySection, tables: readonly Table[]): string {
  const date = new Date().toISOString().slice(0, 10)
  const origins = sets.map(
    ({ repository, commit, license }) =>
      `[${repository}](https://github.com/${repository}) at \`${commit.slice(0, 12)}\` (${license})`,
  )
  const from = origins.length === 0 ? '' : `Sets: ${origins.join('; ')}.\n`
  return `## ${name}\n\n${introduction.trim()}\n\nMeasured on ${date}. ${from}\n${tables.map(showTable).join('\n')}`
}

function showTable({ title, columns, rows }: Table): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
  const rule = line(columns.map(() => '---'))
  return `**${title}**\n\n${[line(columns), rule, ...rows.map(line)].join('\n')}\n`
}
