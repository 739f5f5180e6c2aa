import { join, relative } from 'node:path'
import {
  EtlError,
  type FertilityRow,
  SPLITS,
  type TokenizeEvent,
  tokenizeCorpus,
  writeTokens,
} from '../../index.ts'
import { stoppable } from '../terminal/stoppable.ts'
import { count, paint, size, table } from '../terminal/terminal.ts'
import { latestCorpus } from './latest.ts'

/** `etl tokenize [corpus]` */
export async function run(
  args: readonly (string | undefined)[],
  options: Readonly<Record<string, unknown>>,
): Promise<number> {
  const corpus = args[0] ?? (await latestCorpus())
  const text = (name: string): string | undefined =>
    options[name] === undefined ? undefined : String(options[name])
  const name = text('name') ?? 'bpe'
  const whole = (key: string): number | undefined => {
    const value = text(key)
    if (value === undefined || (Number.isInteger(Number(value)) && Number(value) > 0))
      return (value && Number(value)) || undefined
    throw new EtlError('manifest-invalid', {
      where: `--${key}`,
      what: `not a whole number above 0: ${value}`,
    })
  }
  const asJson = options.json === true
  const chosen = {
    name,
    tokenizer: text('tokenizer'),
    vocabulary: whole('vocabulary'),
    python: text('python'),
    workers: whole('workers'),
  }
  const given = Object.fromEntries(
    Object.entries(chosen).filter(([, value]) => value !== undefined),
  )
  const result = await stoppable((signal) =>
    tokenizeCorpus(corpus, { ...given, signal, onEvent: (event) => show(event, asJson) }),
  )
  const folder = join(corpus, 'tokens', name)
  const others = text('format') ? await writeTokens(folder, text('format') ?? '') : []
  if (asJson) {
    const { manifest, fertility } = result
    const printed = { folder, ...manifest, shards: undefined, fertility, others }
    process.stdout.write(`${JSON.stringify(printed)}\n`)
    return 0
  }
  const splits = SPLITS.map((split) => {
    const own = result.manifest.groups.filter((group) => group.split === split)
    return `${split} ${count(own.reduce((sum, { tokens }) => sum + tokens, 0))}`
  })
  process.stdout.write(
    `${[
      '',
      fertilityTable(result.fertility),
      '',
      `${splits.join(' · ')} tokens, ${count(result.manifest.tokenizer.vocab)} ids`,
      ...[folder, ...others].map((path) => relative(process.cwd(), path) || '.'),
    ].join('\n')}\n`,
  )
  return 0
}

/**
 * Prints one line per event to standard error; with `asJson`, the events themselves to standard
 * output.
 */
export function show(event: TokenizeEvent, asJson: boolean): void {
  if (asJson) process.stdout.write(`${JSON.stringify(event)}\n`)
  else if (event.type === 'phase') process.stderr.write(`${paint('cyan', event.phase)}\n`)
  else if (event.type === 'vocabulary') {
    const origin = event.from === 'learned' ? 'learned' : `from ${event.from}`
    process.stderr.write(`        ${count(event.size)} ids, ${origin}\n`)
  } else if (event.done === event.total) {
    process.stderr.write(
      `        ${event.done} of ${event.total} files · ${count(event.tokens)} tokens\n`,
    )
  }
}

function fertilityTable(rows: readonly FertilityRow[]): string {
  const head = ['text', 'documents', 'text size', 'tokens', 'tokens/word', 'bytes/token']
  const cells = rows.map((row) => [
    row.text,
    count(row.documents),
    size(row.bytes),
    count(row.tokens),
    row.tokensPerWord.toFixed(2),
    row.bytesPerToken.toFixed(2),
  ])
  return table([head, ...cells])
}
