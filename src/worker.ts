import { serveRun } from './engine/worker.ts'
import { registry } from './registry.ts'
import { processPort } from './workers/serve.ts'

/** Entry of the worker processes: gives the engine the registry, and serves the parent process. */
if (!process.send) {
  process.stderr.write(
    'A worker is started by `etl run`, with a channel to it; there is nothing to run by hand.\n',
  )
  process.exit(2)
}
process.on('SIGINT', () => undefined)
serveRun(registry, processPort())
