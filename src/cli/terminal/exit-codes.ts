import type { ErrorCode } from '../../index.ts'

/** What `etl --help` says of exit codes. */
export const EXIT_HELP = `
Exit codes: 0 done, 1 failed, 2 wrong use of a command or an invalid manifest, 3 done but \`strict\` objects, 130 stopped.`

/** Codes other than 1, as EXIT_HELP tells them. */
export const EXIT_CODES: Partial<Record<ErrorCode, number>> = {
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
