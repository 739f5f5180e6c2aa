import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { EtlError } from '../core/errors.ts'
import { type WorkerPool, workerPool } from './pool.ts'
import { workerProcess } from './process.ts'
import { workerThread } from './thread.ts'

/** Compiled, since workers cannot be started from TypeScript. */
const compiled = (path: string): string => new URL(`../../dist/src/${path}`, import.meta.url).href

const PROGRAM = `
import { isMainThread } from 'node:worker_threads'
import { EtlError } from '${compiled('core/errors.js')}'
import { processPort, serveTasks, threadPort } from '${compiled('workers/serve.js')}'
let done = 0
serveTasks(isMainThread ? processPort() : threadPort(), {
  open({ word }) {
    if (word === 'broken') throw new EtlError('manifest-invalid', { where: 'setup', what: 'broken' })
    return async (task, line) => {
      done++
      if (task.type === 'echo') return [word, task.text, done]
      if (task.type === 'fail') throw new EtlError('input-corrupt', { where: 'a.txt:7', what: 'cut' })
      if (task.type === 'die') process.exit(3)
      if (task.type === 'hang') return new Promise(() => setInterval(() => undefined, 1000))
      const { answer } = await line.ask({ type: 'question', of: task.text })
      return await answer
    }
  },
})
`

interface TestProtocol {
  readonly setup: { readonly word: string }
  readonly task:
    | { readonly type: 'echo' | 'ask'; readonly text: string }
    | { readonly type: 'fail' | 'die' | 'hang' }
  readonly results: {
    readonly echo: readonly [string, string, number]
    readonly ask: string
    readonly fail: never
    readonly die: never
    readonly hang: never
  }
  readonly news: { readonly type: 'question'; readonly of: string }
}

let script = ''
let pool: WorkerPool<TestProtocol> | undefined
beforeAll(async () => {
  script = join(await mkdtemp(join(tmpdir(), 'serve-')), 'worker.mjs')
  await writeFile(script, PROGRAM)
})
afterEach(() => pool?.close())

describe.each([
  ['processes', workerProcess],
  ['threads', workerThread],
] as const)('a pool of %s', (_, starter) => {
  const open = (size: number, word = 'word', warnings: string[] = []) => {
    pool = workerPool<TestProtocol>({
      start: starter(script),
      setup: { word },
      size,
      onWarning: (_source, message) => void warnings.push(message),
    })
    return pool
  }

  it('returns the results of tasks, computed with the setup', async () => {
    const { run } = open(1)
    expect(await run({ type: 'echo', text: 'نص' })).toEqual(['word', 'نص', 1])
    expect(await run({ type: 'echo', text: 'text' })).toEqual(['word', 'text', 2])
  })

  it('starts no more workers than its size', async () => {
    const { run } = open(2)
    const tasks = Array.from({ length: 8 }, (_, i) => run({ type: 'echo', text: String(i) }))
    const counts = (await Promise.all(tasks)).map(([, , count]) => count)
    expect(Math.max(...counts)).toBeGreaterThanOrEqual(4)
  })

  it('answers the questions of a task', async () => {
    const { run } = open(1)
    const news = run({ type: 'ask', text: 'why' }, ({ of }, answer) => answer(`${of}: because`))
    expect(await news).toBe('why: because')
  })

  it('rejects with the error of a task, code and place kept, and works on', async () => {
    const { run } = open(1)
    const error = await run({ type: 'fail' }).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(EtlError)
    expect(error).toMatchObject({ code: 'input-corrupt', where: 'a.txt:7', what: 'cut' })
    expect(await run({ type: 'echo', text: '' })).toEqual(['word', '', 2])
  })

  it('rejects every task with the error of the setup', async () => {
    const { run } = open(1, 'broken')
    await expect(run({ type: 'echo', text: '' })).rejects.toMatchObject({
      code: 'manifest-invalid',
    })
  })

  it('replaces a worker that died, and gives a task up after three losses', async () => {
    const warnings: string[] = []
    const { run, insist } = open(1, 'word', warnings)
    await expect(run({ type: 'die' })).rejects.toMatchObject({ reason: 'crash' })
    await expect(insist({ type: 'die' })).rejects.toMatchObject({ code: 'worker-crashed' })
    expect(warnings).toHaveLength(2)
    expect(await run({ type: 'echo', text: 'still' })).toEqual(['word', 'still', 1])
  })

  it('rejects waiting and running tasks when it is closed', async () => {
    const { run, close } = open(1)
    const outcomes = [run({ type: 'hang' }), run({ type: 'hang' })].map((task) =>
      task.catch((error: unknown) => error),
    )
    await close()
    for (const error of await Promise.all(outcomes)) {
      expect(error).toMatchObject({ code: 'interrupted' })
    }
    await expect(run({ type: 'echo', text: '' })).rejects.toMatchObject({ code: 'interrupted' })
  })

  it('has room for a task only while a worker is free and no other type waits', async () => {
    const { run, hasRoomFor, close } = open(1)
    expect(hasRoomFor('echo')).toBe(true)
    const hanging = run({ type: 'hang' }).catch(() => undefined)
    expect(hasRoomFor('echo')).toBe(false)
    expect(hasRoomFor('hang')).toBe(true)
    await close()
    await hanging
    expect(hasRoomFor('hang')).toBe(false)
  })
})
