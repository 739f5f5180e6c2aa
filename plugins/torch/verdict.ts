import type { ErrorCode } from '../../src/core/error-codes.ts'
import { EtlError } from '../../src/core/errors.ts'
import { EXIT_CODES } from '../../src/core/train-events.ts'
import type { Ending } from './ranks.ts'

/** The message of an `error` event. */
export interface Complaint {
  readonly message: string
  readonly hint: string
}

/** Exit codes after which the run is as it should be: finished, stopped, out of budget. */
const GOOD: readonly number[] = [0, 10, 11]

const CODES: Readonly<Record<number, ErrorCode>> = {
  20: 'job-invalid',
  21: 'data-mismatch',
  22: 'backend-unready',
  32: 'backend-lost',
}

/** The error a launch ended with; nothing if it went well. */
export function verdict(
  ending: Ending,
  complaint: Complaint | undefined,
  logs: string | undefined,
): EtlError | undefined {
  const where = logs === undefined ? {} : { where: logs }
  if (ending.reason === 'aborted') return new EtlError('interrupted', { what: 'training was ended at once' })
  if (ending.reason === 'silent')
    return new EtlError('backend-lost', { ...where, what: 'no sign of life for three minutes' })
  const bad = ending.codes.filter((code) => !GOOD.includes(code))
  if (bad.length === 0) return undefined
  // Who lost contact is a consequence; who failed first for a reason of its own is the cause.
  const cause = bad.find((code) => code !== 32 && code < 128) ?? bad.find((code) => code > 128) ?? 32
  const rank = ending.codes.indexOf(cause)
  const said = ending.codes[0] === cause ? complaint : undefined
  if (cause > 128)
    return new EtlError('backend-lost', { ...where, what: `rank ${rank} was killed by signal ${cause - 128}` })
  return new EtlError(CODES[cause] ?? 'backend-failed', {
    ...where,
    what: said?.message ?? `rank ${rank} ended with code ${cause}: ${meaningOf(cause)}`,
    ...(said === undefined ? {} : { hint: said.hint }),
  })
}

function meaningOf(code: number): string {
  return Object.entries(EXIT_CODES).find(([known]) => Number(known) === code)?.[1].meaning ?? 'an unknown failure'
}
