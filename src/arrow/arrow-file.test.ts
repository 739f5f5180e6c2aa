import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tableFromIPC } from 'apache-arrow'
import { beforeEach, expect, it } from 'vitest'
import { type TextColumn, textAt, textColumn } from '../core/batch.ts'
import { growingMemory } from '../core/growing-memory.ts'
import { localStorage } from '../files/local-storage.ts'
import { openArrowFile, readArrowFile } from './reader.ts'
import {
  type ArrowBlock,
  type ArrowFile,
  type ArrowFileOptions,
  arrowFrame,
  createArrowFile,
} from './writer.ts'

const storage = localStorage()
let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'arrow-'))
})

const OPTIONS: ArrowFileOptions = {
  columns: [
    { name: 'id', type: 'utf8' },
    { name: 'text', type: 'utf8' },
    { name: 'url', type: 'utf8', optional: true },
    { name: 'score', type: 'float32' },
    { name: 'kind', type: 'uint8' },
  ],
  metadata: new Map([['split', 'train']]),
  compression: 'zstd',
}

const TEXTS = ['مرحبا بالعالم '.repeat(400), '', 'x', 'English text. '.repeat(500)]

async function write(path: string, options: ArrowFileOptions = OPTIONS) {
  const file = await createArrowFile(storage, path, options)
  await writeBatches(file, 0, 3)
  return file.commit()
}

async function writeBatches(file: ArrowFile, start: number, end: number) {
  for (let batch = start; batch < end; batch++) {
    await file.write(TEXTS.length, {
      id: textColumn(TEXTS.map((_, row) => `${batch}:${row}`)),
      text: textColumn(TEXTS),
      url: textColumn(['', 'https://example.org', '', '']),
      score: Float32Array.from([0.25, Number.NaN, 1, 0]),
      kind: Uint8Array.from([0, 1, 2, 0]),
    })
  }
}

for (const compression of ['zstd', 'none'] as const) {
  it(`writes files that our reader and the library read, compression: ${compression}`, async () => {
    const path = join(folder, 'a.arrow')
    const info = await write(path, { ...OPTIONS, compression })
    const bytes = await readFile(path)
    expect(info).toMatchObject({ rows: 12, bytes: bytes.length })

    const file = await openArrowFile(storage, path)
    expect(file.batchCount).toBe(3)
    expect(file.metadata.get('split')).toBe('train')
    const { columns } = await file.batch(2)
    expect(TEXTS.map((_, row) => textAt(columns.text as TextColumn, row))).toEqual(TEXTS)
    expect(textAt(columns.url as TextColumn, 0)).toBe('')
    expect([...(columns.kind as Uint8Array)]).toEqual([0, 1, 2, 0])
    expect(await file.rows(1)).toBe(4)
    await file.close()

    const table = tableFromIPC(bytes)
    expect(table.numRows).toBe(12)
    expect(table.get(5)?.toJSON()).toMatchObject({
      id: '1:1',
      text: '',
      url: 'https://example.org',
    })
    expect(table.get(4)?.toJSON()).toMatchObject({ url: null, score: 0.25 })
  })
}

it('writes the same bytes every time', async () => {
  const first = await write(join(folder, 'a.arrow'))
  const second = await write(join(folder, 'b.arrow'))
  expect(second).toEqual(first)
})

it('joins parts into exactly the bytes of a file written at once', async () => {
  await write(join(folder, 'whole.arrow'))
  const blocks: ArrowBlock[] = []
  const bodies: Buffer[] = []
  for (const [start, end] of [
    [0, 2],
    [2, 3],
  ] as const) {
    const path = join(folder, `${start}.part`)
    const part = await createArrowFile(storage, path, { ...OPTIONS, part: true })
    await writeBatches(part, start, end)
    blocks.push(...part.blocks())
    await part.commit()
    bodies.push(await readFile(path))
  }
  const { head, foot } = arrowFrame(OPTIONS, blocks)
  expect(
    Buffer.concat([head, ...bodies, foot]).equals(await readFile(join(folder, 'whole.arrow'))),
  ).toBe(true)
})

it('keeps no reference to values it has compressed, even incompressible ones', async () => {
  const values = {
    id: textColumn(['a']),
    text: textColumn([randomBytes(60_000).toString('latin1')]),
  }
  const columns = OPTIONS.columns.filter(({ name }) => name in values)
  const file = await createArrowFile(storage, join(folder, 'a.arrow'), {
    columns,
    compression: 'zstd',
  })
  const wanted = textAt(values.text, 0)
  for (let batch = 0; batch < 3; batch++) await file.write(1, values)
  values.text.bytes.fill(0)
  await file.commit()
  for await (const { columns } of readArrowFile(storage, join(folder, 'a.arrow'))) {
    expect(textAt(columns.text as TextColumn, 0)).toBe(wanted)
  }
})

it('reads all batches into the same memory if it is given some', async () => {
  const path = join(folder, 'a.arrow')
  await write(path, { ...OPTIONS, compression: 'none' })
  const file = await openArrowFile(storage, path, growingMemory())
  const first = await file.batch(0)
  const second = await file.batch(1)
  expect(textAt(second.columns.id as TextColumn, 3)).toBe('1:3')
  expect((first.columns.text as TextColumn).bytes.buffer).toBe(
    (second.columns.text as TextColumn).bytes.buffer,
  )
  await file.close()
})

for (const [what, repeat, compression] of [
  ['a large file', 400, 'none'],
  ['a small file', 1, 'none'],
  ['a compressed file', 400, 'zstd'],
] as const) {
  it(`reads the wanted texts of a batch of ${what}`, async () => {
    const path = join(folder, 'a.arrow')
    const file = await createArrowFile(storage, path, { ...OPTIONS, compression })
    const texts = Array.from({ length: 4 * repeat }, (_, row) => (TEXTS[row % 4] ?? '') + row)
    for (const batch of [0, 1]) {
      await file.write(texts.length, {
        id: textColumn(texts.map((_, row) => `${batch}:${row}`)),
        text: textColumn(texts),
        url: textColumn(texts.map(() => '')),
        score: new Float32Array(texts.length),
        kind: new Uint8Array(texts.length).fill(batch),
      })
    }
    await file.commit()
    for (const memory of [undefined, growingMemory()]) {
      if (memory) memory.bytes = new Uint8Array(8 << 20).fill(0x2e)
      const opened = await openArrowFile(storage, path, memory)
      const { rows, columns, fill } = await opened.sparseBatch(1, 'text')
      const text = columns.text as TextColumn
      expect([rows, textAt(columns.id as TextColumn, rows - 1)]).toEqual([
        texts.length,
        `1:${rows - 1}`,
      ])
      expect((columns.kind as Uint8Array).every((kind) => kind === 1)).toBe(true)
      if (repeat > 1 && compression === 'none') expect(textAt(text, 2)).not.toBe(texts[2])
      await fill(rows - 1, rows)
      await fill(0, 3)
      expect([0, 1, 2, rows - 1].map((row) => textAt(text, row))).toEqual(
        [0, 1, 2, rows - 1].map((row) => texts[row]),
      )
      await expect(opened.sparseBatch(1, 'none')).rejects.toMatchObject({ code: 'corpus-invalid' })
      await opened.close()
    }
  })
}

it('names the damaged file and the damage', async () => {
  const path = join(folder, 'a.arrow')
  const { bytes } = await write(path)
  for (const length of [bytes - 100, 3, 0]) {
    await truncate(path, length)
    await expect(async () => {
      for await (const _ of readArrowFile(storage, path));
    }).rejects.toMatchObject({
      code: 'corpus-invalid',
      where: path,
      what: expect.stringContaining('ends too early'),
    })
  }
})
