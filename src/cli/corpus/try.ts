import { readFile } from 'node:fs/promises'
import { text as readAll } from 'node:stream/consumers'
import {
  type Document,
  type DocumentKind,
  EtlError,
  KINDS,
  type Trial,
  type Tried,
  tryFilterOn,
} from '../../index.ts'
import { oneOf, wholeNumber } from '../terminal/arguments.ts'
import { reportText, trialText } from './try-text.ts'

/** `etl try <filter> [file]`: each line of a `.jsonl` file is a document, its text in `text`. */
export async function run(
  args: readonly (string | undefined)[],
  options: Readonly<Record<string, unknown>>,
): Promise<number> {
  const [name = '', file = '-'] = args
  const documents = documentsOf(await textOf(file), file, options)
  const tried = await tryFilterOn(name, documents, {
    options: optionsOf(options.options),
    ...(options.manifest === undefined ? {} : { manifest: String(options.manifest) }),
  })
  for (const [i, trial] of tried.trials.entries()) {
    if (options.json === true) process.stdout.write(`${JSON.stringify(jsonOf(tried, trial))}\n`)
    else if (options.report === true) process.stdout.write(reportText(tried, trial))
    else process.stdout.write(`${i > 0 ? '\n' : ''}${trialText(tried, trial)}`)
  }
  return 0
}

/** What `--json` prints. Limits are of use only where a filter does not name its judgements. */
function jsonOf({ filter, version, options }: Tried, { limits, ...trial }: Trial) {
  const lines = trial.judgements === undefined ? { limits } : {}
  return { filter, version, options, ...trial, ...lines }
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
  const wanted = options.row === undefined ? undefined : wholeNumber('--row', options.row, 1)
  const found = text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .flatMap((line, i) => {
      if (line.trim() === '' || (wanted !== undefined && wanted !== i + 1)) return []
      try {
        const { text } = JSON.parse(line) as { text?: unknown }
        if (typeof text === 'string') return [document(text)]
      } catch {}
      throw new EtlError('usage', {
        where: `${file}:${i + 1}`,
        what: 'no JSON with a `text` string',
      })
    })
  if (found.length > 0) return found
  const what = wanted === undefined ? 'it has no document' : `it has no document in row ${wanted}`
  throw new EtlError('usage', { where: file, what })
}
