import { listParts, setUpPart } from '../../index.ts'
import { paint, table } from '../terminal/terminal.ts'

/** `etl setup [part]`: sets up a part, or lists them all. */
export async function run(
  args: readonly (string | undefined)[],
  options: Readonly<Record<string, unknown>>,
): Promise<number> {
  const [name] = args
  if (name === undefined) return list(options.json === true)
  const say = (message: string): void =>
    void process.stderr.write(`${paint('cyan', 'setup')}   ${message}\n`)
  const { cpu, tests } = options
  const line = await setUpPart(name, { cpu: cpu === true, tests: tests === true, say })
  if (options.json === true)
    process.stdout.write(`${JSON.stringify({ part: name, check: line })}\n`)
  else process.stdout.write(`${name} is ready: ${line}\n`)
  return 0
}

async function list(asJson: boolean): Promise<number> {
  const parts = await listParts()
  if (asJson) process.stdout.write(`${JSON.stringify(parts)}\n`)
  else {
    const rows = parts.map(({ name, state, summary, size }) => [name, state, summary, size])
    process.stdout.write(`${table([['part', 'state', 'what it does', 'size'], ...rows])}\n\n`)
    process.stdout.write('`etl setup <part>` sets one up, or finishes what was interrupted.\n')
  }
  return 0
}
