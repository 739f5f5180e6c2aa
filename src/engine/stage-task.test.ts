import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Item } from '../core/connector.ts'
import type { Filter } from '../core/filter.ts'
import { localStorage } from '../files/local-storage.ts'
import { type StagedSegment, stageItems } from './stage-task.ts'

const BATCHES = 40
const BATCHES_A_SEGMENT = 2
const TEXT = 'the moon rises over the hills. '.repeat(1 << 11)

it('reads all batches of all segments into the same memory', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stage-'))
  const used: ArrayBufferLike[] = []
  const filter: Filter = {
    reasons: ['odd'],
    measures: { label: { type: 'label', description: 'every other' } },
    measure(batch, out) {
      used.push(batch.text.bytes.buffer, batch.id.bytes.buffer)
      for (let row = 0; row < batch.rows; row++) out.label('label')[row] = row % 2 === 1 ? 'odd' : 'even'
    },
    judge: ({ values }) => (values.label === 'odd' ? 'odd' : undefined),
  }
  async function* items(): AsyncIterable<Item> {
    const count = Math.ceil((BATCHES << 20) / TEXT.length)
    for (let key = 0; key < count; key++) {
      yield { cursor: key, document: { key: `${key}`, text: Buffer.from(TEXT), kind: 'prose' } }
    }
  }
  const segments: StagedSegment[] = []
  try {
    const task = {
      storage: localStorage(),
      source: 'test',
      maxDocumentBytes: 1 << 20,
      segmentBytes: BATCHES_A_SEGMENT << 20,
      base: (index: number) => join(folder, `${index}`),
      firstIndex: 0,
      from: undefined,
      quarantined: new Map(),
      steps: [{ name: 'odd', filter, measureKey: '', judgeKey: '' }],
      corpusSteps: [],
    }
    for await (const segment of stageItems(task, items())) segments.push(segment)
  } finally {
    await rm(folder, { recursive: true })
  }
  expect(segments.length).toBeGreaterThan(BATCHES / BATCHES_A_SEGMENT / 2)
  expect(used.length / 2).toBeGreaterThan(BATCHES / 2)
  expect(new Set(used).size).toBeLessThan(8)
})
