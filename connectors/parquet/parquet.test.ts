import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Context } from '../../src/core/component.ts'
import type { Item } from '../../src/core/connector.ts'
import { collect, readItems, testConnector, testContext } from '../../src/testing/index.ts'
import { jsonOf } from './cells.ts'
import { parquet } from './index.ts'

testConnector({ component: parquet, folder: import.meta.dirname })

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etl-parquet-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function read(
  input: string,
  extra: object = {},
  context: Context = testContext(folder),
): Promise<Item[]> {
  const connector = await parquet.create(parquet.options.parse({ input, ...extra }), context)
  const items: Item[] = []
  for (const partition of await collect(connector.partitions()))
    items.push(...(await readItems(connector, partition)))
  return items
}

async function write(name: string, columnData: ColumnSource[], rowGroupSize = 100): Promise<void> {
  await writeFile(
    join(folder, name),
    new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize, codec: 'UNCOMPRESSED' })),
  )
}

const documents = (items: readonly Item[]) =>
  items.flatMap((item) => ('document' in item ? [item.document] : []))

describe('rows', () => {
  it('become documents in Arabic and English, with dates in ISO 8601', async () => {
    const items = await read(join(import.meta.dirname, 'fixtures/basic.parquet'), {
      metadataFields: ['big'],
    })
    expect(documents(items)[1]).toEqual({
      key: 'a2',
      text: 'يغرب القمر في التربيع الأول قرب منتصف الليل.',
      kind: 'prose',
      lang: 'ar',
      license: 'CC0-1.0',
      created: '2026-01-03T00:00:00.000Z',
      metadata: { big: 2 },
    })
    expect(documents(items).map(({ key }) => key)).toEqual(['a1', 'a2', 'a4', 'a5'])
    expect(
      items.flatMap((item) => ('skipped' in item ? [`${item.skipped} ${item.where}`] : [])),
    ).toEqual(['no-text basic.parquet:row 2'])
  })

  it('keep every digit of ids above 2^53', async () => {
    const path = join(import.meta.dirname, 'fixtures/basic.parquet')
    expect(documents(await read(path, { idField: 'big' }))[0]?.key).toBe('9007199254740993')
  })

  it('with chats keep their messages, with role names normalised', async () => {
    const turns = [
      { from: 'human', value: 'ما أقرب كوكب؟' },
      { from: 'gpt', value: 'عطارد.' },
    ]
    await write('chat.parquet', [{ name: 'conversations', data: [turns], type: 'JSON' }])
    const [document] = documents(await read('chat.parquet'))
    expect(document?.text).toBe('user:\nما أقرب كوكب؟\n\nassistant:\nعطارد.')
    expect(document?.metadata).toEqual({
      messages: [
        { role: 'user', content: 'ما أقرب كوكب؟' },
        { role: 'assistant', content: 'عطارد.' },
      ],
    })
  })
})

describe('files', () => {
  it('are read by row group, one partition each, and only the needed columns', async () => {
    const filler = Array.from({ length: 4000 }, (_, row) => `${row} `.repeat(400))
    const columns: ColumnSource[] = [
      { name: 'text', data: filler.map((_, row) => `text ${row}`), type: 'STRING' },
      { name: 'unused', data: filler, type: 'STRING' },
    ]
    await write('wide.parquet', columns, 1000)
    const context = testContext(folder)
    let bytes = 0
    const open: Context['storage']['open'] = async (path) => {
      const handle = await context.storage.open(path)
      const count = (read: Uint8Array) => {
        bytes += read.length
        return read
      }
      return { ...handle, read: async (offset, length) => count(await handle.read(offset, length)) }
    }
    const items = await read(
      'wide.parquet',
      {},
      { ...context, storage: { ...context.storage, open } },
    )
    expect(documents(items).map(({ text }) => text)).toEqual(filler.map((_, row) => `text ${row}`))
    const { length } = await readFile(join(folder, 'wide.parquet'))
    // The file is opened five times, and each time the last 512 KiB, with the footer, are read.
    expect(bytes).toBeLessThan(length / 2)
  })

  it('without a text column are refused, with the column names they do have', async () => {
    await write('other.parquet', [{ name: 'prose', data: ['x'], type: 'STRING' }])
    await expect(read('other.parquet')).rejects.toMatchObject({
      code: 'input-unsupported',
      where: 'other.parquet',
    })
    await expect(read('other.parquet')).rejects.toThrow(/its columns are prose/)
    expect(documents(await read('other.parquet', { textField: 'prose' }))).toHaveLength(1)
  })

  it('that are truncated or damaged are named in the error', async () => {
    const whole = await readFile(join(import.meta.dirname, 'fixtures/basic.parquet'))
    await writeFile(join(folder, 'cut.parquet'), whole.subarray(0, whole.length / 2))
    await expect(read('cut.parquet')).rejects.toMatchObject({
      code: 'input-corrupt',
      where: 'cut.parquet',
    })
    const damaged = Uint8Array.from(whole)
    damaged.fill(0xff, 4, 200)
    await writeFile(join(folder, 'damaged.parquet'), damaged)
    await expect(read('damaged.parquet')).rejects.toMatchObject({
      code: 'input-corrupt',
      where: 'damaged.parquet',
    })
  })

  it('of other kinds are ignored, but finding no Parquet file is an error', async () => {
    await writeFile(join(folder, 'notes.txt'), 'notes')
    await expect(read('notes.txt')).rejects.toMatchObject({ code: 'input-missing' })
  })
})

it('cells that JSON cannot hold become null, large integers digits, UTF-8 bytes text', () => {
  const bytes = new TextEncoder().encode('قمر')
  expect(
    jsonOf([1n, 2n ** 60n, Number.NaN, bytes, Uint8Array.of(0xff), new Date(0), { a: undefined }]),
  ).toEqual([1, '1152921504606846976', null, 'قمر', null, '1970-01-01T00:00:00.000Z', { a: null }])
})
