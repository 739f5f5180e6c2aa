import { mkdtemp, readFile, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tableFromIPC } from 'apache-arrow'
import { beforeEach, expect, it } from 'vitest'
import { type TextColumn, textAt, textColumn } from '../core/batch.ts'
import { localStorage } from '../files/local-storage.ts'
import { openArrowFile, readArrowFile } from './reader.ts'
import { type ArrowFileOptions, createArrowFile } from './writer.ts'

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
  for (let batch = 0; batch < 3; batch++) {
    await file.write(TEXTS.length, {
      id: textColumn(TEXTS.map((_, row) => `${batch}:${row}`)),
      text: textColumn(TEXTS),
      url: textColumn(['', 'https://example.org', '', '']),
      score: Float32Array.from([0.25, Number.NaN, 1, 0]),
      kind: Uint8Array.from([0, 1, 2, 0]),
    })
  }
  return file.commit()
}

for (const compression of ['zstd', 'none'] as const) {
  it(`reads back what it wrote, by batch and by the library, with compression ${compression}`, async () => {
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
    await file.close()

    const table = tableFromIPC(bytes)
    expect(table.numRows).toBe(12)
    expect(table.get(5)?.toJSON()).toMatchObject({ id: '1:1', text: '', url: 'https://example.org' })
    expect(table.get(4)?.toJSON()).toMatchObject({ url: null, score: 0.25 })
  })
}

it('writes the same bytes every time', async () => {
  const first = await write(join(folder, 'a.arrow'))
  const second = await write(join(folder, 'b.arrow'))
  expect(second).toEqual(first)
})

it('says which file is damaged', async () => {
  const path = join(folder, 'a.arrow')
  const { bytes } = await write(path)
  await truncate(path, bytes - 100)
  await expect(async () => {
    for await (const _ of readArrowFile(storage, path));
  }).rejects.toMatchObject({ code: 'corpus-invalid', where: path })
})
