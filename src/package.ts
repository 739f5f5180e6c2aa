import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

/** What the package knows of itself. */

const isSource = import.meta.url.endsWith('.ts')

/** Version of this package. */
export const VERSION: string = createRequire(import.meta.url)(
  isSource ? '../package.json' : '../../package.json',
).version

const compiled = (script: string): string =>
  fileURLToPath(new URL(isSource ? `../dist/src/${script}` : `./${script}`, import.meta.url))

/**
 * Compiled entries of worker processes and of tokenizing threads, also when this file runs as
 * TypeScript.
 */
export const WORKER_SCRIPT = compiled('worker.js')
export const TOKENIZER_SCRIPT = compiled('tokenizer/worker.js')
