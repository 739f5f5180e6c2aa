import { parentPort } from 'node:worker_threads'
import { TASKS, type TaskReply, type TaskRequest } from './tasks/index.ts'

// One thread of the pool: runs a task, hands the result's buffers over without copying.
parentPort?.on('message', ({ id, name, input }: TaskRequest) => {
  try {
    const output = (TASKS[name] as (input: unknown) => unknown)(input)
    parentPort?.postMessage({ id, output } satisfies TaskReply, ownBuffers(output))
  } catch (error) {
    parentPort?.postMessage({ id, error } satisfies TaskReply)
  }
})

/** The buffers of an array, or of lists of arrays, that nobody else sees. */
function ownBuffers(output: unknown): ArrayBuffer[] {
  const arrays: unknown[] = [output].flat(3)
  const buffers = arrays.flatMap((array) => (array instanceof Uint32Array ? [array.buffer] : []))
  return [...new Set(buffers)].filter((buffer) => buffer instanceof ArrayBuffer)
}
