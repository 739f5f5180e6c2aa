import { relative } from 'node:path'
import { renderAgain } from '../../index.ts'

/**
 * `etl report [corpus]`: writes report.html and the dataset card again, from the numbers of the
 * run.
 */
export async function run(
  args: readonly (string | undefined)[],
  options: Readonly<Record<string, unknown>>,
): Promise<number> {
  const { report, files } = await renderAgain(args[0] ?? 'corpus')
  if (options.json === true) process.stdout.write(`${JSON.stringify(report)}\n`)
  else for (const file of files) process.stdout.write(`${relative(process.cwd(), file) || file}\n`)
  return 0
}
