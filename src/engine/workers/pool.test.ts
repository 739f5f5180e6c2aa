import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { WorkerLost, workerPool } from './pool.ts'

/** A worker that is free again before its task is done, and dies of the next. */
const SCRIPT = `process.on('message', (message) => {
  if (message.type === undefined) process.send({ type: 'ready' })
  else if (message.partition.key === 'first') process.send({ type: 'free', task: message.id })
  else process.exit(3)
})`

it('gives a worker that only waits for the disk another task, and blames that one if it dies', async () => {
  const script = join(await mkdtemp(join(tmpdir(), 'pool-')), 'worker.mjs')
  await writeFile(script, SCRIPT)
  const setup = { manifest: {}, path: '' }
  const pool = workerPool({
    script,
    setup,
    size: 1,
    watchdogMs: 60_000,
    onWarning: () => undefined,
  })
  const lossOf = (key: string): Promise<unknown> =>
    pool
      .run({ type: 'stage', partition: { key, bytes: 0, spec: {} } } as never)
      .catch((error: unknown) => error)
  const [first, second] = await Promise.all([lossOf('first'), lossOf('second')])
  pool.close()
  expect(first).toBeInstanceOf(WorkerLost)
  expect(first).toMatchObject({ reason: 'crash', flushing: true })
  expect(second).toMatchObject({ reason: 'crash', flushing: false })
})
