import { sketchStoreOf, testContext } from '../../src/testing/index.ts'
import { minhash } from './index.ts'
import { openRun, type Run } from './run.ts'

/** A run over that many documents nobody has, for tests of what works on files of records. */
export async function openTestRun(sizes: {
  readonly rows: number
  readonly memoryBytes?: number
  readonly taskLimit?: number
}): Promise<Run> {
  const options = minhash.options.parse({})
  const store = await sketchStoreOf(await minhash.create(options, testContext('/')), [], sizes)
  return openRun({ ...store, rows: sizes.rows }, options, 1, { taskBytes: sizes.taskLimit })
}
