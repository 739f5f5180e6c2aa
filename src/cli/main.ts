import { Command, CommanderError } from 'commander'
import { VERSION } from '../index.ts'
import { commands } from './commands.ts'
import { exitCodeOf, printError } from './errors.ts'

/** The `etl` command. Each command is a file beside this one, loaded when it is called. */
const program = new Command('etl')
  .description(
    'Turns raw dumps into a clean, deduplicated Arabic + English training corpus, and hands it to a trainer.',
  )
  .version(VERSION)
  .showSuggestionAfterError()
  .showHelpAfterError('(`etl --help` shows all commands)')
  .exitOverride()

for (const command of commands) {
  const entry = program.command(command.usage, command.hidden ? { hidden: true } : {}).description(command.summary)
  for (const { flags, help, fallback } of command.options) entry.option(flags, help, fallback)
  entry.action(async (...values: unknown[]) => {
    const parsed = values.at(-2) as Record<string, unknown>
    const { run } = await command.load()
    process.exitCode = await run(values.slice(0, -2) as (string | undefined)[], parsed)
  })
}

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2
  else {
    printError(error, process.argv.includes('--json'))
    process.exitCode = exitCodeOf(error)
  }
}
