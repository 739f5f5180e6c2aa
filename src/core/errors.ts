import { ERROR_CODES, type ErrorCode } from './error-codes.ts'

/** What an `EtlError` carries besides its code. */
export interface ErrorDetails {
  /** File and position, manifest path or component that the error is about: `dump.xml.bz2:1024`. */
  readonly where?: string
  /** What was found, with the offending value. */
  readonly what: string
  /** What to do about it; the code's own hint by default. */
  readonly hint?: string
  readonly cause?: unknown
}

/**
 * A fault outside our code: the user's, the input's or the machine's. Our own bugs are thrown as
 * plain errors. A bad row is neither: it is a skipped item or a dropped document.
 */
export class EtlError extends Error {
  override readonly name = 'EtlError'
  readonly code: ErrorCode
  readonly where: string | undefined
  readonly what: string
  readonly hint: string
  /** Whether retrying without any change can help. */
  readonly retryable: boolean

  constructor(code: ErrorCode, details: ErrorDetails) {
    const message = details.where ? `${details.where}: ${details.what}` : details.what
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.where = details.where
    this.what = details.what
    this.hint = details.hint ?? ERROR_CODES[code].hint
    this.retryable = ERROR_CODES[code].retryable
  }
}

/** Whether a value is an `EtlError`, even one created by another copy of this package. */
export function isEtlError(value: unknown): value is EtlError {
  return value instanceof Error && value.name === 'EtlError' && 'code' in value && 'hint' in value
}
