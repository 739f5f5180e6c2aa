import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { localStorage } from '../local-storage.ts'
import { decompress } from './decompress.ts'
import { type SevenZip, sevenZips, un7z } from './seven-zip.ts'

/** Half a megabyte that compresses only moderately. */
const posts = Array.from(
  { length: 8000 },
  (_, row) => `${row} ${createHash('sha256').update(`${row}`).digest('hex')}\n`,
).join('')
let folder = ''
let archive = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seven-zip-test-'))
  archive = join(folder, 'site.7z')
  await writeFile(join(folder, 'Posts.xml'), posts)
  await writeFile(join(folder, 'Users.xml'), 'somebody')
  await pack(archive, 'Users.xml', 'Posts.xml')
})
afterAll(() => rm(folder, { recursive: true }))

/** Packs with our own 7-Zip, so that the test does not need the program. */
async function pack(path: string, ...names: string[]): Promise<void> {
  const { program, args } = (await sevenZips()).at(-1) as SevenZip
  execFileSync(program, [
    ...args,
    'a',
    path,
    ...names.map((name) => (name.startsWith('-') ? name : join(folder, name))),
  ])
}

async function text(chunks: AsyncIterable<Uint8Array>): Promise<{ text: string; error: unknown }> {
  const parts: Uint8Array[] = []
  try {
    for await (const chunk of chunks) parts.push(chunk)
  } catch (error) {
    return { text: Buffer.concat(parts).toString(), error }
  }
  return { text: Buffer.concat(parts).toString(), error: undefined }
}

describe.each(
  (await sevenZips()).map(
    (sevenZip) => [sevenZip.args.length > 0 ? 'package' : 'program', sevenZip] as const,
  ),
)('7z by the %s', (_, sevenZip) => {
  const read = (path: string, member?: string) => text(un7z(path, 'site.7z', member, sevenZip))

  it('yields the requested member, or all of them', async () => {
    expect(await read(archive, 'Posts.xml')).toEqual({ text: posts, error: undefined })
    expect((await read(archive)).text.length).toBe(posts.length + 'somebody'.length)
  })

  it('reports a missing member', async () => {
    const { error } = await read(archive, 'Votes.xml')
    expect(error).toMatchObject({
      code: 'input-unsupported',
      where: 'site.7z',
      message: expect.stringContaining('Votes.xml'),
    })
  })

  it('reports a truncated or damaged archive after the readable part', async () => {
    const bytes = await readFile(archive)
    const path = join(folder, 'bad.7z')
    await writeFile(path, bytes.subarray(0, bytes.length - 1000))
    expect((await read(path, 'Posts.xml')).error).toMatchObject({ code: 'input-corrupt' })
    bytes.fill(0x58, 200_000, 200_100)
    await writeFile(path, bytes)
    const { text, error } = await read(path, 'Posts.xml')
    expect(error).toMatchObject({ code: 'input-corrupt' })
    expect(text.length).toBeGreaterThan(0)
    expect(posts.startsWith(text.slice(0, 100_000))).toBe(true)
  })

  it('does not wait for a password', async () => {
    const path = join(folder, 'locked.7z')
    await pack(path, '-psecret', '-mhe=on', 'Posts.xml')
    expect((await read(path, 'Posts.xml')).error).toMatchObject({ code: 'input-corrupt' })
  })

  it('stops when the consumer stops', async () => {
    for await (const _ of un7z(archive, 'site.7z', 'Posts.xml', sevenZip)) break
  })
})

it('recognises a 7z archive by its first bytes', async () => {
  const { text: read } = await text(decompress(localStorage(), archive, { member: 'Posts.xml' }))
  expect(read).toBe(posts)
})
