import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

/** What the package knows of itself. Paths hold for the TypeScript sources and for dist/. */

const isSource = import.meta.url.endsWith('.ts')
const root = isSource ? '../' : '../../'

/** Version of this package. */
export const VERSION: string = createRequire(import.meta.url)(`${root}package.json`).version

const compiled = (script: string): string =>
  fileURLToPath(new URL(isSource ? `../dist/src/${script}` : `./${script}`, import.meta.url))

/** Compiled entries of worker processes and of tokenizing threads. */
export const WORKER_SCRIPT = compiled('worker.js')
export const TOKENIZER_SCRIPT = compiled('tokenizer/worker.js')

/** JSON Schema of manifests. */
export const MANIFEST_SCHEMA = fileURLToPath(
  new URL(`${root}manifests/schema.json`, import.meta.url),
)
