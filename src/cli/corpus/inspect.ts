import { type InspectedDocument, type InspectQuery, inspectCorpus, SPLITS } from '../../index.ts'
import { oneOf, wholeNumber } from '../terminal/arguments.ts'
import { paint, plain, plainLine } from '../terminal/terminal.ts'

const EXCERPT = 400

/** `etl inspect [corpus]` */
export async function run(
  args: readonly (string | undefined)[],
  options: Readonly<Record<string, unknown>>,
): Promise<number> {
  const query: InspectQuery = Object.fromEntries(
    ['source', 'split', 'filter', 'reason', 'lang'].flatMap((name) =>
      options[name] === undefined ? [] : [[name, String(options[name])]],
    ),
  )
  if (query.split !== undefined) oneOf('--split', query.split, [...SPLITS, 'dropped'])
  const skip = wholeNumber('--skip', options.skip, 0)
  const limit = wholeNumber('--limit', options.limit, 1)
  let seen = 0
  for await (const document of inspectCorpus(args[0] ?? 'corpus', query)) {
    if (seen++ < skip) continue
    if (seen > skip + limit) break
    if (options.json === true)
      process.stdout.write(`${JSON.stringify({ split: document.split, ...document.row })}\n`)
    else process.stdout.write(documentText(document, options.full === true))
  }
  if (seen <= skip && options.json !== true)
    process.stderr.write('no document matches, or --skip passes the last one\n')
  if (seen > skip + limit && options.json !== true) {
    process.stdout.write(paint('dim', `more: --skip ${skip + limit}\n`, process.stdout))
  }
  return 0
}

function documentText({ split, row }: InspectedDocument, full: boolean): string {
  const { id, text, filter, reason, survivor, ...rest } = row
  const fate = filter
    ? `${split} ${filter}: ${reason}${survivor ? ` (kept: ${survivor})` : ''}`
    : split
  const facts = ['lang', 'lang_score', 'kind', 'license', 'url'].flatMap((name) =>
    rest[name] === undefined ? [] : [`${name} ${rest[name]}`],
  )
  const body = String(text ?? '')
  const shown = full || body.length <= EXCERPT ? body : `${body.slice(0, EXCERPT)}…`
  const title = paint('bold', plainLine(String(id)), process.stdout)
  const head = `${title}  ${paint('cyan', plain(fate), process.stdout)}`
  return `${head}\n${paint('dim', plain(facts.join(' · ')), process.stdout)}\n${plain(shown)}\n\n`
}
