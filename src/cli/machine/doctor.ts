import { inspectMachine } from '../../index.ts'
import { paint, size, table } from '../terminal/terminal.ts'

/** `etl doctor`: exits with 0 if everything that is required is present, with 1 otherwise. */
export async function run(
  _args: readonly (string | undefined)[],
  options: Readonly<Record<string, unknown>>,
): Promise<number> {
  const findings = await inspectMachine(size)
  const broken = findings.some(({ state }) => state === 'broken')
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(findings)}\n`)
    return broken ? 1 : 0
  }
  const colors = { ok: 'green', absent: 'dim', broken: 'red' } as const
  const lines = table(
    findings.map(({ what, state, found, note }) => [state, what, found, note]),
  ).split('\n')
  for (const [index, line] of lines.entries()) {
    const state = findings[index]?.state ?? 'ok'
    process.stdout.write(
      `${paint(colors[state], line.slice(0, 6), process.stdout)}${line.slice(6)}\n`,
    )
  }
  process.stdout.write(
    `\n${broken ? 'Something required is missing.' : 'Everything required is present.'}\n`,
  )
  return broken ? 1 : 0
}
