import { serveTasks, threadPort } from '../../src/workers/serve.ts'
import { type DedupProtocol, TASKS } from './tasks/index.ts'

/** Entry of the deduplication threads: runs tasks and transfers their buffers without copying. */
serveTasks<DedupProtocol>(threadPort(), {
  open:
    () =>
    ({ type, input }) =>
      (TASKS[type] as (input: unknown) => unknown)(input),
  transfer: ownBuffers,
})

/** The buffers of an array, or of lists of arrays, that are not shared. */
function ownBuffers(output: unknown): ArrayBuffer[] {
  const arrays: unknown[] = [output].flat(3)
  const buffers = arrays.flatMap((array) => (array instanceof Uint32Array ? [array.buffer] : []))
  return [...new Set(buffers)].filter((buffer) => buffer instanceof ArrayBuffer)
}
