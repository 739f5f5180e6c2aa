import { serveTasks } from '../worker.ts'
import { testRegistry } from './components.ts'

/** A worker process with the components of the engine's tests. */
process.on('disconnect', () => process.exit(0))
serveTasks(testRegistry, {
  send: (message) => void (process.connected && process.send?.(message)),
  onMessage: (listener) => void process.on('message', listener as (message: unknown) => void),
})
