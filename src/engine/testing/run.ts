import { fileURLToPath } from 'node:url'
import { runManifest } from '../run.ts'
import { testRegistry } from './components.ts'

/**
 * Runs a manifest with the components of the engine's tests, in a process that a test can kill:
 * `run.js <manifest> <workers>`.
 */
const [path = '', workers = '1'] = process.argv.slice(2)
await runManifest(path, {
  registry: testRegistry,
  workerScript: fileURLToPath(new URL('./worker.js', import.meta.url)),
  workers: Number(workers),
  signal: new AbortController().signal,
  onEvent: (event) => process.stdout.write(`${event.type}\n`),
  version: '0.0.0',
  views: {},
})
