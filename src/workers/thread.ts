import { Worker } from 'node:worker_threads'
import type { FromWorker, StartEndpoint } from './protocol.ts'

/**
 * A thread that runs `script`, which must be compiled JavaScript: Node 20 cannot start a thread
 * from TypeScript.
 */
export function workerThread(script: URL | string): StartEndpoint {
  return ({ onMessage, onGone }) => {
    const worker = new Worker(script)
    worker.on('message', (message: FromWorker) => onMessage(message))
    worker.on('error', (error) => onGone(`a thread failed: ${error.message}`))
    worker.on('exit', (code) => onGone(`a thread ended with code ${code}`))
    return {
      post: (message) => worker.postMessage(message),
      kill: () => void worker.terminate(),
    }
  }
}
