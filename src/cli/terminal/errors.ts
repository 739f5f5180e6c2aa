import { isEtlError } from '../../index.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { paint } from './terminal.ts'

/** The exit code for an error. */
export function exitCodeOf(error: unknown): number {
  return (isEtlError(error) && EXIT_CODES[error.code]) || 1
}

/**
 * Prints an error to standard error: where it happened, what was found and what to do. For our own
 * bugs, prints the stack.
 */
export function printError(error: unknown, asJson = false): void {
  if (asJson) {
    const { code, where, what, hint } = isEtlError(error)
      ? error
      : { code: 'internal', where: undefined, what: String(error), hint: '' }
    process.stderr.write(`${JSON.stringify({ error: { code, where, what, hint } })}\n`)
  } else if (isEtlError(error)) {
    process.stderr.write(`${paint('red', 'error')} ${error.message}\n`)
    process.stderr.write(
      `${paint('dim', ' hint')} ${error.hint} ${paint('dim', `[${error.code}]`)}\n`,
    )
  } else {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    process.stderr.write(`${paint('red', 'internal error')} ${text}\n`)
    process.stderr.write('This is a bug in cosmos-etl. Please report it with the text above.\n')
  }
}
