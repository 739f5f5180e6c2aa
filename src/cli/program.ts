import { Command, CommanderError } from 'commander'
import { VERSION } from '../package.ts'
import { type CommandSpec, commands } from './commands.ts'
import { EXIT_HELP } from './terminal/exit-codes.ts'

/** Runs `etl` with the arguments after its name. Prints errors and returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  let code = 0
  const program = new Command('etl')
    .description(
      'Turns raw dumps into a clean, deduplicated Arabic + English training corpus, ' +
        'and hands it to a trainer.',
    )
    .version(VERSION)
    .showSuggestionAfterError()
    .showHelpAfterError('(`etl --help` shows all commands)')
    .addHelpText('after', EXIT_HELP)
    .exitOverride()
  for (const command of commands) {
    register(program, command, (status) => {
      code = status
    })
  }
  try {
    await program.parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    // Imported only when needed, because it loads the whole package.
    const { exitCodeOf, printError } = await import('./terminal/errors.ts')
    printError(error, args.includes('--json'))
    return exitCodeOf(error)
  }
}

function register(program: Command, command: CommandSpec, done: (code: number) => void): void {
  const { usage, summary, options, hidden = false } = command
  const entry = program.command(usage, { hidden }).description(summary)
  for (const { flags, help, fallback } of options) entry.option(flags, help, fallback)
  entry.action(async (...values: unknown[]) => {
    const parsed = values.at(-2) as Record<string, unknown>
    const { run } = await command.load()
    done(await run(values.slice(0, -2) as (string | undefined)[], parsed))
  })
}
