import { processPort } from '../../workers/serve.ts'
import { serveRun } from '../worker.ts'
import { testRegistry } from './components.ts'

/** A worker process with the components of the engine's tests. */
serveRun(testRegistry, processPort())
