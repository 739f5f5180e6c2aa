import { serveTasks } from '../worker.ts'
import { processChannel } from '../workers/worker-channel.ts'
import { testRegistry } from './components.ts'

/** A worker process with the components of the engine's tests. */
serveTasks(testRegistry, processChannel())
