import { checkManifest, checkTraining, type TrainingProblems } from '../../index.ts'
import { paint } from '../terminal/terminal.ts'

/** `etl check <manifest>`: exits with 0 if there are no problems, with 2 otherwise. */
export async function run(
  args: readonly (string | undefined)[],
  options: Readonly<Record<string, unknown>>,
): Promise<number> {
  const [manifest = ''] = args
  const training = await checkTraining(manifest)
  if (training) return printTraining(manifest, training, options.json === true)
  const problems = await checkManifest(manifest)
  if (options.json === true) process.stdout.write(`${JSON.stringify(problems)}\n`)
  else if (problems.length === 0) process.stdout.write(`${manifest}: no problems found\n`)
  else {
    for (const { path, message, nearest } of problems) {
      const guess = nearest ? ` — did you mean "${nearest}"?` : ''
      process.stdout.write(
        `${paint('red', path || '(file)', process.stdout)}: ${message}${guess}\n`,
      )
    }
  }
  return problems.length === 0 ? 0 : 2
}

/** Prints what is wrong with a training manifest; returns the exit code. */
function printTraining(path: string, found: TrainingProblems, asJson: boolean): number {
  const { problems, warnings } = found
  if (asJson) process.stdout.write(`${JSON.stringify(found)}\n`)
  else {
    for (const problem of problems)
      process.stdout.write(`${paint('red', 'error', process.stdout)} ${problem}\n`)
    for (const warning of warnings)
      process.stdout.write(`${paint('yellow', 'warning', process.stdout)} ${warning}\n`)
    if (problems.length === 0) process.stdout.write(`${path}: no problems found\n`)
  }
  return problems.length === 0 ? 0 : 2
}
