import { serveTasks } from './engine/worker.ts'
import { registry } from './index.ts'

/** Entry of the worker processes: joins the registries to the engine and serves the parent until it goes away. */
if (!process.send) {
  process.stderr.write('A worker is started by `etl run`, with a channel to it; there is nothing to run by hand.\n')
  process.exit(2)
}
process.on('disconnect', () => process.exit(0))
process.on('SIGINT', () => undefined)
serveTasks(registry, {
  send: (message) => void (process.connected && process.send?.(message)),
  onMessage: (listener) => void process.on('message', listener as (message: unknown) => void),
})
