import { readFile } from 'node:fs/promises'
import { text as readAll } from 'node:stream/consumers'
import {
  type Document,
  type DocumentKind,
  EtlError,
  KINDS,
  type Trial,
  tryFilterOn,
} from '../../index.ts'
import { oneOf } from '../terminal/arguments.ts'
import { paint, plain, plainLine } from '../terminal/terminal.ts'
import { limitsText } from './limits.ts'

/** `etl try <filter> [file]`: each line of a `.jsonl` file is a document, its text in `text`. */
export async function run(
  args: readonly (string | undefined)[],
  options: Readonly<Record<string, unknown>>,
): Promise<number> {
  const [filter = '', file = '-'] = args
  const documents = documentsOf(await textOf(file), file, options)
  const { version, trials } = await tryFilterOn(filter, documents, {
    options: optionsOf(options.options),
    ...(options.manifest === undefined ? {} : { manifest: String(options.manifest) }),
  })
  for (const [i, trial] of trials.entries()) {
    if (options.json === true)
      process.stdout.write(`${JSON.stringify({ filter, version, ...trial })}\n`)
    else if (options.report === true) process.stdout.write(reportText(filter, version, trial))
    else process.stdout.write(`${i > 0 ? '\n' : ''}${trialText(filter, trial)}`)
  }
  return 0
}

async function textOf(file: string): Promise<string> {
  if (file === '-') return readAll(process.stdin)
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new EtlError('usage', { where: file, what: 'cannot be read', cause })
  })
}

function optionsOf(json: unknown): Readonly<Record<string, unknown>> {
  if (json === undefined) return {}
  try {
    const value: unknown = JSON.parse(String(json))
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Readonly<Record<string, unknown>>
  } catch {}
  throw new EtlError('usage', {
    where: '--options',
    what: 'not a JSON object',
    hint: `Write it like this: '{ "minProbability": 0.9 }'.`,
  })
}

function documentsOf(
  text: string,
  file: string,
  options: Readonly<Record<string, unknown>>,
): Document[] {
  const kind = oneOf('--kind', options.kind, KINDS) as DocumentKind
  const given = (name: 'lang' | 'url' | 'license') =>
    options[name] === undefined ? {} : { [name]: String(options[name]) }
  const document = (text: string): Document => ({
    text,
    kind,
    ...given('lang'),
    ...given('url'),
    ...given('license'),
  })
  if (!file.endsWith('.jsonl')) return [document(text)]
  return text.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return []
    try {
      const { text } = JSON.parse(line) as { text?: unknown }
      if (typeof text === 'string') return [document(text)]
    } catch {}
    throw new EtlError('usage', { where: `${file}:${i + 1}`, what: 'no JSON with a `text` string' })
  })
}

function trialText(filter: string, { reason, values, limits, lang, before, after }: Trial): string {
  const fate = reason === undefined ? 'kept' : `dropped: ${reason}`
  const head = paint(reason === undefined ? 'green' : 'yellow', fate, process.stdout)
  const lines = [`${paint('bold', filter, process.stdout)}  ${head}`]
  if (lang !== '') lines.push(`  language  ${plainLine(lang)}`)
  const width = Math.max(0, ...Object.keys(values).map((name) => name.length))
  for (const [name, value] of Object.entries(values)) {
    const own = limits.filter(({ measure }) => measure === name)
    const shown = typeof value === 'number' ? tidy(value) : plainLine(value) || '–'
    lines.push(`  ${name.padEnd(width)}  ${shown}${limitsText(value, own)}`)
  }
  return [...lines, ...changes(before, after), ''].join('\n')
}

const tidy = (value: number): string => String(Number(value.toPrecision(4)))

const MOST_CHANGES = 40
const MOST_CHARACTERS = 160

/** Lines that the filter changed: as they were, then as they are. */
function changes(before: string, after: string): string[] {
  if (before === after) return []
  const [old, renewed] = [before.split('\n'), after.split('\n')]
  const gone = without(old, renewed)
  const added = without(renewed, old)
  const show = (sign: '-' | '+', lines: readonly string[]): string[] =>
    lines
      .slice(0, MOST_CHANGES)
      .map((line) =>
        paint(sign === '-' ? 'red' : 'green', `${sign} ${excerpt(line)}`, process.stdout),
      )
  const rest = Math.max(0, gone.length - MOST_CHANGES) + Math.max(0, added.length - MOST_CHANGES)
  return [...show('-', gone), ...show('+', added), ...(rest > 0 ? [`… ${rest} more`] : [])]
}

/** Lines of one text that the other has not, each as often as it is missing. */
function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>()
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1)
  return lines.filter((line) => {
    const count = left.get(line) ?? 0
    left.set(line, count - 1)
    return count <= 0
  })
}

/** The line within Unicode isolates, cut between characters. */
function excerpt(line: string): string {
  const characters = [...plainLine(line)]
  const cut = characters.slice(0, MOST_CHARACTERS).join('')
  return `\u2068${cut}\u2069${characters.length > MOST_CHARACTERS ? '…' : ''}`
}

const REPORTED_CHARACTERS = 2000

/** Markdown for an issue. */
function reportText(filter: string, version: number, { reason, values, before }: Trial): string {
  const rows = Object.entries(values).map(([name, value]) => `| ${name} | ${value} |`)
  const text = [...plain(before)].slice(0, REPORTED_CHARACTERS).join('')
  const fence = '`'.repeat(Math.max(3, ...(text.match(/`+/g) ?? []).map((run) => run.length + 1)))
  return `<!-- Leave out what is private. -->
**${filter}** version ${version}: ${reason === undefined ? 'kept' : `dropped, ${reason}`}. Expected: …

| measure | value |
| --- | --- |
${rows.join('\n')}

${fence}text
${text}
${fence}
`
}
