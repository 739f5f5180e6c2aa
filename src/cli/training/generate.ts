import { EtlError, generateText } from '../../index.ts'
import { plain } from '../terminal/terminal.ts'
import { latestRun } from './latest.ts'

/** `etl generate [prompt]` */
export async function run(
  args: readonly (string | undefined)[],
  options: Readonly<Record<string, unknown>>,
): Promise<number> {
  const folder = options.run === undefined ? await latestRun('runs') : String(options.run)
  const prompt = args[0] ?? ''
  process.stdout.write(prompt)
  const texts = generateText(folder, {
    prompt,
    checkpoint: String(options.checkpoint ?? 'latest'),
    maxTokens: numberOf(options, 'tokens', 128),
    temperature: numberOf(options, 'temperature', 0.8),
    topP: numberOf(options, 'topP', 0.95),
    topK: numberOf(options, 'topK', 0),
    seed: numberOf(options, 'seed', 1),
  })
  for await (const text of texts) process.stdout.write(process.stdout.isTTY ? plain(text) : text)
  process.stdout.write('\n')
  return 0
}

/**
 * Parses a numeric option, at least 0; `fallback` if it was not given. Throws `manifest-invalid`
 * otherwise.
 */
export function numberOf(
  options: Readonly<Record<string, unknown>>,
  name: string,
  fallback: number,
): number {
  if (options[name] === undefined) return fallback
  const value = Number(options[name])
  if (Number.isFinite(value) && value >= 0) return value
  throw new EtlError('manifest-invalid', {
    where: `--${name}`,
    what: `not a number of 0 or more: ${options[name]}`,
  })
}
