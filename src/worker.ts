import { serveTasks } from './engine/worker.ts'
import { processChannel } from './engine/workers/worker-channel.ts'
import { registry } from './index.ts'

/**
 * Entry of the worker processes: joins the registries to the engine and serves the parent until it
 * goes away.
 */
if (!process.send) {
  process.stderr.write(
    'A worker is started by `etl run`, with a channel to it; there is nothing to run by hand.\n',
  )
  process.exit(2)
}
process.on('SIGINT', () => undefined)
serveTasks(registry, processChannel())
