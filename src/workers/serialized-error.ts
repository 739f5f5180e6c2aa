import type { ErrorCode } from '../core/error-codes.ts'
import { EtlError, isEtlError } from '../core/errors.ts'

/** An error as it travels between processes or threads, where it would lose its class. */
export interface SerializedError {
  readonly code?: ErrorCode
  readonly where?: string
  readonly what: string
  readonly hint?: string
  readonly stack?: string
}

/** Turns any thrown value into plain data. The code and hint of an `EtlError` are kept. */
export function serializeError(error: unknown): SerializedError {
  if (isEtlError(error)) {
    const { code, where, what, hint } = error
    return { code, what, hint, ...(where ? { where } : {}) }
  }
  if (!(error instanceof Error)) return { what: String(error) }
  return { what: error.message, ...(error.stack ? { stack: error.stack } : {}) }
}

/** Rebuilds the error: an `EtlError` if there is a code, otherwise a plain `Error`. */
export function deserializeError({ code, what, where, hint, stack }: SerializedError): Error {
  if (code) {
    return new EtlError(code, { what, ...(where ? { where } : {}), ...(hint ? { hint } : {}) })
  }
  const error = new Error(what)
  if (stack) error.stack = stack
  return error
}
