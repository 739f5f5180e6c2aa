import { mkdtemp, rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { SketchStore } from '../../src/core/filter.ts'
import type { Storage, WriteHandle } from '../../src/core/storage.ts'
import {
  decisionsOf,
  prose,
  type SourcedDocument,
  sketchStoreOf,
  testContext,
} from '../../src/testing/index.ts'
import { minhash } from './index.ts'

/**
 * Families of documents with exact and near copies, in English and Arabic words, one family
 * oversized.
 */
function families(): SourcedDocument[] {
  return Array.from({ length: 9 }, (_, family) =>
    Array.from({ length: family === 0 ? 14 : 4 }, (_, copy) => {
      const word = (i: number): string =>
        copy > 1 && i === 40 + copy
          ? 'edited'
          : family % 2
            ? `w${family}n${i}`
            : `كلمة${family}ن${i}`
      const text = Array.from({ length: 150 }, (_, i) => word(i)).join(' ')
      return { source: copy % 2 ? 'b' : 'a', document: prose(text, { key: `${family}-${copy}` }) }
    }),
  ).flat()
}

/**
 * Storage that fails for good at its n-th write, commit, rename or removal and cleans nothing up,
 * like a killed process. `opened` collects the files it leaves open.
 */
function dyingStorage(storage: Storage, operations: number, opened: WriteHandle[]): Storage {
  let left = operations
  const step = (): void => {
    if (left-- <= 0) throw new Error('killed by the test')
  }
  const dying = (handle: WriteHandle): WriteHandle => ({
    async write(bytes) {
      step()
      await handle.write(bytes)
    },
    async commit() {
      step()
      await handle.commit()
    },
    abort: async () => undefined,
  })
  return {
    ...storage,
    async create(path, options) {
      step()
      const handle = await storage.create(path, options)
      opened.push(handle)
      return dying(handle)
    },
    async remove(path) {
      step()
      await storage.remove(path)
    },
  }
}

const documents = families()

async function setUp(folder: string) {
  const filter = await minhash.create(
    minhash.options.parse({ maxComponent: 10, leaders: 3 }),
    testContext('/'),
  )
  const store = await sketchStoreOf(filter, documents, { folder })
  return { filter, store }
}

const newFolder = () => mkdtemp(join(tmpdir(), 'cosmos-etl-resume-'))

it('makes the same decisions after dying at any write', async () => {
  const { filter, store } = await setUp(await newFolder())
  const whole = await decisionsOf(filter, store)
  expect(whole.removed.length).toBeGreaterThan(25)
  let deaths = 0
  for (let operations = 0; ; operations += 11) {
    const healthy: SketchStore = { ...store, folder: await newFolder() }
    const opened: WriteHandle[] = []
    const dying: SketchStore = {
      ...healthy,
      storage: dyingStorage(store.storage, operations, opened),
    }
    const died = await decisionsOf(filter, dying).then(
      () => false,
      (error: unknown) => String(error).includes('killed by the test'),
    )
    expect(await decisionsOf(filter, healthy), `after ${operations} operations`).toEqual(whole)
    for (const handle of opened) await handle.abort()
    if (!died) break
    deaths++
  }
  expect(deaths).toBeGreaterThan(5)
})

it('repeats no finished phase, even in a folder that was moved', async () => {
  const folder = await newFolder()
  const { filter, store } = await setUp(folder)
  const whole = await decisionsOf(filter, store)
  await rename(folder, `${folder}-moved`)
  const unread: SketchStore = {
    ...store,
    folder: `${folder}-moved`,
    texts: () => {
      throw new Error('read the texts again')
    },
  }
  expect(await decisionsOf(filter, unread)).toEqual(whole)
})

it('stops when it is aborted', async () => {
  const controller = new AbortController()
  const { filter } = await setUp(await newFolder())
  const store = await sketchStoreOf(filter, documents, { signal: controller.signal })
  controller.abort(new Error('stopped by the test'))
  await expect(decisionsOf(filter, store)).rejects.toThrow('stopped by the test')
})
