import type { ErrorCode } from '../../index.ts'

/** What `etl --help` says about exit codes. At most 80 columns wide. */
export const EXIT_HELP = `
Exit codes: 0 done, 1 failed, 2 wrong usage or invalid manifest, 3 published but
failed by \`strict\` or a contamination limit, 130 stopped. Training also uses 10
to 40: see docs/training.md.`

/** Exit code by error code; 1 if not listed. */
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
