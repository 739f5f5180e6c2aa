import { sketchStoreOf, testContext } from '../../src/testing/index.ts'
import { minhash } from './index.ts'
import { openRun, type Run } from './run.ts'

/** A run over a number of imaginary documents, for tests of code that works on files of records. */
export async function openTestRun(sizes: {
  readonly rows: number
  readonly memoryBytes?: number
  readonly taskLimit?: number
}): Promise<Run> {
  const options = minhash.options.parse({})
  const store = await sketchStoreOf(await minhash.create(options, testContext('/')), [], sizes)
  return openRun({ ...store, rows: sizes.rows }, options, 1, { taskBytes: sizes.taskLimit })
}
