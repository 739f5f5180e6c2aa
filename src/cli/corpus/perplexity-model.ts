import { relative, resolve } from 'node:path'
import { writePerplexityModel } from '../../index.ts'
import { wholeNumber } from '../terminal/arguments.ts'
import { table } from '../terminal/terminal.ts'

/** `etl perplexity-model [corpus]`: writes the model file of the filter `perplexity`. */
export async function run(
  args: readonly (string | undefined)[],
  options: Readonly<Record<string, unknown>>,
): Promise<number> {
  const out = String(options.out)
  const languages = String(options.languages).split(',')
  const bytes = wholeNumber('--megabytes', options.megabytes, 1) << 20
  const models = await writePerplexityModel(args[0] ?? 'corpus', out, { languages, bytes })
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify({ path: resolve(out), models })}\n`)
    return 0
  }
  const rows = models.map(({ language, words, heldOut, third, twoThirds }) => [
    language,
    `${words} words`,
    `${heldOut} held-out documents`,
    `head to ${third?.toFixed(2)}, tail from ${twoThirds?.toFixed(2)}`,
  ])
  process.stdout.write(`${table(rows)}\n\n${relative(process.cwd(), resolve(out))}\n`)
  return 0
}
