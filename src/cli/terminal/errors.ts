import type { ErrorCode } from '../../core/error-codes.ts'
import { isEtlError } from '../../core/errors.ts'
import { paint } from './terminal.ts'

/** What `etl --help` says of exit codes. */
export const EXIT_HELP = `
Exit codes: 0 done, 1 failed, 2 wrong use of a command or an invalid manifest, 3 done but \`strict\` objects, 130 stopped.`

/** Codes other than 1, as EXIT_HELP tells them. */
const EXIT_CODES: Partial<Record<ErrorCode, number>> = {
  usage: 2,
  'manifest-invalid': 2,
  'manifest-unreadable': 2,
  'component-unknown': 2,
  'strict-failure': 3,
  'job-invalid': 20,
  'data-mismatch': 21,
  'tokens-missing': 21,
  'tokens-invalid': 21,
  'backend-unready': 22,
  'backend-memory': 30,
  'loss-not-finite': 31,
  'backend-lost': 32,
  'backend-failed': 40,
  'contamination-above-limit': 3,
  interrupted: 130,
}

/** The exit code an error stands for. */
export function exitCodeOf(error: unknown): number {
  return (isEtlError(error) && EXIT_CODES[error.code]) || 1
}

/**
 * Prints an error to standard error: where, what and what to do; for our own mistakes the stack.
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
    process.stderr.write('This is a mistake in cosmos-etl: please report it with the text above.\n')
  }
}
