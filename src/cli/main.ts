import { main } from './program.ts'

// A reader that closes the pipe (`etl inspect | head`) is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  process.stderr.write(`standard output cannot be written: ${error.message}\n`)
  process.exit(1)
})

process.exitCode = await main(process.argv.slice(2))
