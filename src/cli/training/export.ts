import { relative } from 'node:path'
import { exportModel } from '../../index.ts'
import { size, table } from '../terminal/terminal.ts'
import { latestRun } from './latest.ts'

/** `etl export [folder]`: writes the model of a run in a form that other programs load. */
export async function run(
  args: readonly (string | undefined)[],
  options: Readonly<Record<string, unknown>>,
): Promise<number> {
  const from = options.run === undefined ? await latestRun('runs') : String(options.run)
  const { folder, checkpoint, files } = await exportModel(from, {
    checkpoint: String(options.checkpoint ?? 'latest'),
    ...(args[0] === undefined ? {} : { output: args[0] }),
  })
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify({ run: from, checkpoint, folder, files })}\n`)
    return 0
  }
  process.stdout.write(`${table(files.map(({ path, bytes }) => [path, size(bytes)]))}\n\n`)
  process.stdout.write(`${relative(process.cwd(), folder) || '.'}\n`)
  return 0
}
