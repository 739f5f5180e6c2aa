import { runCommand } from './run.ts'

/** `etl refilter <manifest>` */
export function run(
  args: readonly (string | undefined)[],
  options: Readonly<Record<string, unknown>>,
): Promise<number> {
  return runCommand(args[0] ?? '', options, true)
}
