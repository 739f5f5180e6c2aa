import { createInterface } from 'node:readline/promises'
import { generateText } from '../../index.ts'
import { plain } from '../terminal/terminal.ts'
import { numberOf } from './generate.ts'
import { latestRun } from './latest.ts'

/**
 * `etl chat`: the model continues every line, with the whole conversation as context. A model that
 * has only been pretrained continues text; it does not answer.
 */
export async function run(
  _args: readonly (string | undefined)[],
  options: Readonly<Record<string, unknown>>,
): Promise<number> {
  const folder = options.run === undefined ? await latestRun('runs') : String(options.run)
  const terminal = createInterface({
    input: process.stdin,
    output: process.stderr,
    terminal: process.stdin.isTTY,
  })
  const limits = {
    maxTokens: numberOf(options, 'tokens', 256),
    temperature: numberOf(options, 'temperature', 0.8),
  }
  let said = ''
  let seed = 1
  if (process.stdin.isTTY) process.stderr.write('End with an empty line or Ctrl-D.\n')
  for await (const line of terminal) {
    if (line.trim() === '') break
    said += `${line}\n`
    for await (const text of generateText(folder, { prompt: said, seed: seed++, ...limits })) {
      said += text
      process.stdout.write(process.stdout.isTTY ? plain(text) : text)
    }
    said += '\n'
    process.stdout.write('\n')
  }
  terminal.close()
  return 0
}
