import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { textAt } from '../../core/batch.ts'
import type { Item } from '../../core/connector.ts'
import type { Filter } from '../../core/filter.ts'
import type { Storage } from '../../core/storage.ts'
import { localStorage } from '../../files/local-storage.ts'
import { segmentPaths } from '../segments/segment.ts'
import { readLedger } from '../segments/segment-reader.ts'
import type { StagedSegment } from '../segments/work-folder.ts'
import { stageItems } from './write-segments.ts'

const SEGMENTS = 12
const SEGMENT_BYTES = 2 << 20
const TEXT = Buffer.from('the moon rises over the hills. '.repeat(100))

/** Long, so that a column of them is not written together with other columns. */
const keyOf = (number: number): string => String(number).padStart(300, '0')

/**
 * Stages documents, of which a filter drops every other one. Also returns the memory that the
 * filter saw and the memory that ledgers were written from.
 */
async function stageMany() {
  const folder = await mkdtemp(join(tmpdir(), 'stage-'))
  const used: ArrayBufferLike[] = []
  const written: ArrayBufferLike[] = []
  const filter: Filter = {
    reasons: ['odd'],
    measures: { label: { type: 'label', description: 'every other' } },
    measure(batch, out) {
      used.push(batch.text.bytes.buffer, batch.id.bytes.buffer)
      for (let row = 0; row < batch.rows; row++)
        out.label('label')[row] = row % 2 === 1 ? 'odd' : 'even'
    },
    judge: ({ values }) => (values.label === 'odd' ? 'odd' : undefined),
  }
  async function* items(): AsyncIterable<Item> {
    const count = Math.ceil((SEGMENTS * SEGMENT_BYTES) / TEXT.length)
    for (let key = 0; key < count; key++) {
      yield { cursor: key, document: { key: keyOf(key), text: TEXT, kind: 'prose' } }
    }
  }
  const local = localStorage()
  const storage: Storage = {
    ...local,
    async create(path, options) {
      const file = await local.create(path, options)
      const write = (bytes: Uint8Array): Promise<void> => {
        if (path.includes('.ledger.')) written.push(bytes.buffer)
        return file.write(bytes)
      }
      return { ...file, write }
    },
  }
  const segments: StagedSegment[] = []
  const keys: string[] = []
  try {
    const task = {
      storage,
      source: 'test',
      maxDocumentBytes: 1 << 20,
      segmentBytes: SEGMENT_BYTES,
      base: (index: number) => join(folder, `${index}`),
      firstIndex: 0,
      from: undefined,
      quarantined: new Map(),
      steps: [{ name: 'odd', filter, measureKey: '', judgeKey: '' }],
      corpusSteps: [],
    }
    await stageItems(task, items(), async (segment) => {
      segments.push(segment)
      for await (const { rows, id } of readLedger(
        storage,
        segmentPaths(task.base(segment.index)).ledger,
      )) {
        for (let row = 0; row < rows; row++) keys.push(textAt(id, row))
      }
    })
  } finally {
    await rm(folder, { recursive: true })
  }
  return { segments, keys, used, written }
}

it('reuses the same memory for all batches of all segments', async () => {
  const { segments, keys, used, written } = await stageMany()
  expect(segments.length).toBeGreaterThan(SEGMENTS / 2)
  expect(keys).toEqual(keys.map((_, key) => `test:${keyOf(key)}`))
  expect(keys.length).toBe(segments.reduce((sum, { counts }) => sum + counts.documents, 0))
  expect(new Set(used).size).toBeLessThan(10)
  expect(
    Math.max(...written.map((memory) => written.filter((other) => other === memory).length)),
  ).toBeGreaterThan(segments.length / 2)
})

/**
 * Stages documents without filters. `commit` is called with the path of every file before it is
 * committed. Returns the numbers of the segments that became durable.
 */
async function stageWith(
  items: AsyncIterable<Item>,
  commit: (path: string) => Promise<void>,
  durable: number[] = [],
  written?: () => Promise<void>,
) {
  const folder = await mkdtemp(join(tmpdir(), 'stage-'))
  const local = localStorage()
  const storage: Storage = {
    ...local,
    async create(path, options) {
      const file = await local.create(path, options)
      return { ...file, commit: () => commit(path).then(file.commit) }
    },
  }
  const task = {
    storage,
    source: 'test',
    maxDocumentBytes: 1 << 20,
    segmentBytes: TEXT.length,
    base: (index: number) => join(folder, `${index}`),
    firstIndex: 0,
    from: undefined,
    quarantined: new Map(),
    steps: [],
    corpusSteps: [],
  }
  try {
    await stageItems(task, items, async ({ index }) => void durable.push(index), written)
    return durable
  } finally {
    await rm(folder, { recursive: true })
  }
}

it('reads the next segment while the previous one becomes durable', async () => {
  let goOn = (): void => undefined
  const nextIsRead = new Promise<void>((resolve) => {
    goOn = resolve
  })
  async function* items(): AsyncIterable<Item> {
    for (let key = 0; key < 4; key++) {
      if (key === 1) goOn()
      yield { cursor: key, document: { key: String(key), text: TEXT, kind: 'prose' } }
    }
  }
  expect(await stageWith(items(), () => nextIsRead)).toEqual([0, 1, 2, 3, 4])
})

it('reports that everything is written before the last segment is durable', async () => {
  let flush = (): void => undefined
  const flushed = new Promise<void>((resolve) => {
    flush = resolve
  })
  async function* items(): AsyncIterable<Item> {
    yield { cursor: 0, document: { key: 'a', text: TEXT.subarray(1), kind: 'prose' } }
  }
  const durable: number[] = []
  const written = async (): Promise<void> => {
    expect(durable).toEqual([])
    flush()
  }
  // Nothing is flushed before `written` is called; without the call this would wait forever.
  expect(await stageWith(items(), () => flushed, durable, written)).toEqual([0])
})

it('fails if a segment cannot be made durable, and reports no later one as durable', async () => {
  async function* items(): AsyncIterable<Item> {
    for (let key = 0; key < 9; key++) {
      yield { cursor: key, document: { key: String(key), text: TEXT, kind: 'prose' } }
    }
  }
  const durable: number[] = []
  const full = async (path: string): Promise<void> => {
    if (path.endsWith('2.kept.arrow')) throw new Error('no space left')
  }
  await expect(stageWith(items(), full, durable)).rejects.toThrow('no space left')
  expect(durable).toEqual([0, 1])
})
