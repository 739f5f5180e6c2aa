import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { localStorage } from './local-storage.ts'

const storage = localStorage()
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'storage-'))
})

it('reads short and long pieces up to the end of the file', async () => {
  const bytes = Buffer.alloc(3 << 20, 'abcdefg')
  await writeFile(join(folder, 'file'), bytes)
  const handle = await storage.open(join(folder, 'file'))
  expect(Buffer.from(await handle.read(5, 10)).equals(bytes.subarray(5, 15))).toBe(true)
  expect(Buffer.from(await handle.read(1, 2 << 20)).equals(bytes.subarray(1, 1 + (2 << 20)))).toBe(
    true,
  )
  expect(Buffer.from(await handle.read(bytes.length - 3, 10)).equals(bytes.subarray(-3))).toBe(true)
  expect(await handle.read(bytes.length + 1, 10)).toHaveLength(0)
  await handle.close()
  await handle.close()
  await expect(handle.read(0, 1)).rejects.toThrow('is closed')
})

it('writes short and long pieces in order', async () => {
  const pieces = [10, 1 << 19, 3, 1 << 18, 1 << 20, 1].map((length, i) =>
    Buffer.alloc(length, `${i}`),
  )
  const file = await storage.create(join(folder, 'written'))
  for (const piece of pieces) await file.write(piece)
  await file.commit()
  const handle = await storage.open(join(folder, 'written'))
  expect(Buffer.from(await handle.read(0, handle.size)).equals(Buffer.concat(pieces))).toBe(true)
  await handle.close()
})

it('lets timers run between synchronous reads and writes', async () => {
  await writeFile(join(folder, 'short'), 'x'.repeat(1000))
  const handle = await storage.open(join(folder, 'short'))
  const file = await storage.create(join(folder, 'many'))
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  const start = performance.now()
  while (performance.now() - start < 300) await handle.read(0, 1000)
  const whileReading = turns
  while (performance.now() - start < 600) await file.write(Buffer.from('x'))
  clearInterval(timer)
  expect(whileReading).toBeGreaterThan(3)
  expect(turns - whileReading).toBeGreaterThan(3)
  await handle.close()
  await file.abort()
})
