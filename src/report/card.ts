import { type RunReport, SPLITS } from '../core/report.ts'
import { formatBytes, formatCount, formatShare } from './format.ts'
import { publishedBy, publishedTotal, reasonRows, sum, totalsBy } from './funnel.ts'

/**
 * Renders the dataset card: `README.md` of the corpus in the form that dataset hubs read. It starts
 * with YAML front matter (languages, licences and the files of every split); Markdown follows.
 */
export function renderCard(report: RunReport): string {
  const sections = [
    frontMatter(report),
    opening(report),
    contents(report),
    origin(report),
    usage(report),
    limits(report),
  ]
  return `${sections.join('\n\n')}\n`
}

function frontMatter(report: RunReport): string {
  const languages = totalsBy(report, 'languages').map(({ name }) => name)
  const splits = SPLITS.filter((split) => report.shards.some((shard) => shard.split === split))
  const lines = [
    `pretty_name: ${JSON.stringify(report.name)}`,
    list(
      'language',
      languages.filter((name) => HUB_LANGUAGES.has(name)),
    ),
    list('license', hubLicenses(totalsBy(report, 'licenses').map(({ name }) => name))),
    'task_categories:\n- text-generation',
    `size_categories:\n- ${sizeCategory(publishedTotal(report).documents)}`,
    splits.length === 0
      ? ''
      : `configs:\n- config_name: default\n  data_files:\n${splits.map((split) => `  - split: ${split}\n    path: ${split}/*.arrow`).join('\n')}`,
  ]
  return `---\n${lines.filter((line) => line !== '').join('\n')}\n---`
}

const list = (key: string, values: readonly string[]): string =>
  values.length === 0 ? '' : `${key}:\n${values.map((value) => `- ${value}`).join('\n')}`

/**
 * Codes of natural languages. Needed because the languages of a corpus include programming
 * languages, and `go` or `lua` look like language codes.
 */
const HUB_LANGUAGES = new Set(
  'ar arz ary apc arb acm ajp en fr de es it pt nl sv pl cs ru uk tr fa ur ckb ku he hi bn id ms zh ja ko vi'.split(
    ' ',
  ),
)

/**
 * Licence identifiers that hubs know. Anything else becomes `other` in the front matter and is
 * spelled out in the table below it.
 */
const HUB_LICENSES = new Set([
  ...[
    'cc0-1.0',
    'cc-by-2.5',
    'cc-by-3.0',
    'cc-by-4.0',
    'cc-by-sa-3.0',
    'cc-by-sa-4.0',
    'cc-by-nc-sa-4.0',
  ],
  ...['mit', 'apache-2.0', 'bsd-2-clause', 'bsd-3-clause', 'mpl-2.0', 'isc', 'unlicense', 'gfdl'],
  ...['gpl-2.0', 'gpl-3.0', 'lgpl-2.1', 'lgpl-3.0', 'agpl-3.0', 'odc-by', 'odbl', 'pddl'],
])

function hubLicenses(names: readonly string[]): string[] {
  const known = names.map((name) => name.toLowerCase().replace(/-(?:only|or-later)$/, ''))
  return [...new Set(known.map((name) => (HUB_LICENSES.has(name) ? name : 'other')))].sort()
}

function sizeCategory(documents: number): string {
  const bounds: readonly (readonly [number, string])[] = [
    [1e3, 'n<1K'],
    [1e4, '1K<n<10K'],
    [1e5, '10K<n<100K'],
    [1e6, '100K<n<1M'],
    [1e7, '1M<n<10M'],
    [1e8, '10M<n<100M'],
  ]
  return bounds.find(([bound]) => documents < bound)?.[1] ?? '100M<n<1B'
}

function opening(report: RunReport): string {
  const { documents, bytes, words } = publishedTotal(report)
  return `# ${cell(report.name)}

${cell(report.description)}

${formatCount(documents)} documents, ${formatCount(words)} words, ${formatBytes(bytes)} of text. \`report.html\` shows for every source
what was left out and why; \`corpus.json\` has the manifest and the checksum of every file.`
}

function contents(report: RunReport): string {
  const words = sum(SPLITS.map((split) => report.splits[split].words))
  const splits = SPLITS.map((split) => {
    const { documents, bytes, words: own, wanted } = report.splits[split]
    return [
      split,
      formatCount(documents),
      formatBytes(bytes),
      formatShare(own, words),
      formatShare(wanted, 1),
    ]
  })
  const tallies = (key: 'languages' | 'licenses' | 'kinds'): string[][] =>
    totalsBy(report, key).map(({ name, tally }) => [
      name,
      formatCount(tally.documents),
      formatBytes(tally.bytes),
    ])
  return `## Contents

${table(['split', 'documents', 'text', 'share of words', 'wanted'], splits)}

${table(['language', 'documents', 'text'], tallies('languages'))}

${table(['licence', 'documents', 'text'], tallies('licenses'))}

${table(['kind', 'documents', 'text'], tallies('kinds'))}`
}

function origin(report: RunReport): string {
  const sources = report.sources.map((source) => {
    const { documents, items, bytes } = publishedBy(source)
    const kept = formatShare(items, source.read)
    return [
      source.source,
      source.type,
      formatCount(source.read),
      formatCount(documents),
      kept,
      formatBytes(bytes),
    ]
  })
  const filters = report.filters.map(({ type, version, options }, index) => {
    return `${index + 1}. ${cell(type)}, version ${version}, options \`${JSON.stringify(options).replaceAll('`', "'")}\``
  })
  const reasons = reasonRows(report).map(({ step, reason, items }) => [
    reason,
    step,
    formatCount(items),
  ])
  return `## How it was made

${table(['source', 'connector', 'items read', 'documents', 'items kept', 'text'], sources)}

Every document went through these filters, in this order:

${filters.join('\n')}

${table(['left out because', 'by', 'items'], reasons)}`
}

function usage({ shards }: RunReport): string {
  const first = shards[0]?.path ?? 'train/train-00000-of-00001.arrow'
  return `## Reading it

The shards are Arrow IPC files with plain columns: id, text, source, kind, lang, lang_score, url, license, author, created,
revised, metadata (JSON).

\`\`\`python
import pyarrow as pa
table = pa.ipc.open_file("${first}").read_all()

from datasets import load_dataset
corpus = load_dataset("path/of/this/folder")
\`\`\``
}

function limits(report: RunReport): string {
  const sources = report.sources.flatMap(({ source, warnings }) =>
    warnings.map((text) => `- ${source}: ${cell(text)}`),
  )
  const alarms = report.alarms.map(({ code, message }) => `- ${code}: ${cell(message)}`)
  const said = [...alarms, ...sources]
  return `## Limits

Each document keeps the licence and the address it came with; whoever passes it on has to honour them. Personal data is looked for
by patterns and replaced by placeholders, which finds most of it and not all. Texts were written by people for other people and may
be wrong, dated or offensive.${said.length > 0 ? `\n\nThe run noted:\n\n${said.join('\n')}` : ''}

Made by cosmos-etl ${report.version}, fingerprint \`${report.fingerprint}\`.`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}

/** Input text as one line of Markdown, with all markup escaped. */
function cell(text: string): string {
  return text
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/[\u0000-\u001f\u007f-\u009f\s]+/g, ' ')
    .trim()
    .replace(/[\\`*_[\]|~#]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
}
