import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { WorkerLost, workerPool } from './pool.ts'
import { workerProcess } from './process.ts'

/** A worker that reports itself free before its first task is done and exits on the next one. */
const SCRIPT = `process.on('message', (message) => {
  if ('setup' in message) process.send({ type: 'ready' })
  else if (message.task.key === 'first') process.send({ type: 'free', task: message.id })
  else process.exit(3)
})`

interface TestProtocol {
  readonly setup: undefined
  readonly task: { readonly type: 'work'; readonly key: string }
  readonly results: { readonly work: string }
  readonly news: { readonly type: 'question' }
}

it('blames a crash on the running task, not on one that waits for the disk', async () => {
  const script = join(await mkdtemp(join(tmpdir(), 'pool-')), 'worker.mjs')
  await writeFile(script, SCRIPT)
  const pool = workerPool<TestProtocol>({
    start: workerProcess(script),
    setup: undefined,
    size: 1,
    watchdogMs: 60_000,
  })
  const lossOf = (key: string): Promise<unknown> =>
    pool.run({ type: 'work', key }).catch((error: unknown) => error)
  const [first, second] = await Promise.all([lossOf('first'), lossOf('second')])
  await pool.close()
  expect(first).toBeInstanceOf(WorkerLost)
  expect(first).toMatchObject({ reason: 'crash', flushing: true })
  expect(second).toMatchObject({ reason: 'crash', flushing: false })
})
