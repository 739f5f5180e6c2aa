import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { localStorage } from '../local-storage.ts'
import { findProgram } from '../program.ts'
import { decompress, decompressStream } from './decompress.ts'
import { sniffCompression } from './sniff.ts'
import { type ZstdRoute, zstdRoutes } from './zstd.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etl-files-'))
})
afterAll(() => rm(folder, { recursive: true }))

interface Outcome {
  readonly bytes: Buffer
  readonly error?: { readonly code: string; readonly where: string }
}

async function drain(chunks: AsyncIterable<Uint8Array>): Promise<Outcome> {
  const parts: Uint8Array[] = []
  try {
    for await (const chunk of chunks) parts.push(chunk)
  } catch (error) {
    return { bytes: Buffer.concat(parts), error: error as { code: string; where: string } }
  }
  return { bytes: Buffer.concat(parts) }
}

async function read(content: Uint8Array): Promise<Outcome> {
  const path = join(folder, 'file')
  await writeFile(path, content)
  return drain(decompress(localStorage(), path, { where: 'file' }))
}

/** Text that compresses moderately. */
const text = Buffer.from(
  Array.from(
    { length: 8_000 },
    (_, row) => `${row} ${createHash('md5').update(String(row)).digest('hex')} نجم\n`,
  ).join(''),
)

/** Compresses with a program on this machine, or skips the test with the reason. */
async function pack(
  name: string,
  args: readonly string[],
  skip: (reason: string) => void,
): Promise<Buffer> {
  const program = await findProgram(name)
  if (!program) skip(`the program ${name}, which makes the input, is not on this machine`)
  return execFileSync(program ?? name, args, { input: text, maxBuffer: 1 << 28 })
}

describe('decompress', () => {
  it('reads plain files unchanged, even if they begin like bzip2', async () => {
    for (const content of ['', 'BZh9 is how a text may begin', 'plain']) {
      expect((await read(Buffer.from(content))).bytes.toString()).toBe(content)
    }
  })

  it('reads every member of a gzip file and ignores trailing zeros as padding', async () => {
    const members = [text.subarray(0, 1000), text.subarray(1000)].map((part) => gzipSync(part))
    expect(await read(Buffer.concat([...members, Buffer.alloc(512)]))).toEqual({ bytes: text })
  })

  it('yields the readable part of a truncated gzip file, then an error with place', async () => {
    const { bytes, error } = await read(gzipSync(text).subarray(0, 120_000))
    expect(error).toMatchObject({ code: 'input-corrupt', where: 'file:120000' })
    expect(bytes.length).toBeGreaterThan(120_000)
    expect(text.subarray(0, bytes.length).equals(bytes)).toBe(true)
  })

  it('yields everything before garbage after gzip data, then an error', async () => {
    const { bytes, error } = await read(Buffer.concat([gzipSync(text), Buffer.from('garbage')]))
    expect(error).toMatchObject({ code: 'input-corrupt' })
    expect(bytes.equals(text)).toBe(true)
  })

  it('decodes a gzip bomb in pieces of at most 17 MB per 16 KB of input', async () => {
    let decoded = 0
    let atLastPull = 0
    let most = 0
    async function* source(): AsyncIterable<Uint8Array> {
      for await (const piece of inPieces(gzipSync(Buffer.alloc(64 << 20)), 16 << 10)) {
        most = Math.max(most, decoded - atLastPull)
        atLastPull = decoded
        yield piece
      }
    }
    for await (const chunk of decompressStream(source(), 'gzip', 'bomb')) decoded += chunk.length
    expect(decoded).toBe(64 << 20)
    expect(most).toBeLessThan(18 << 20)
  })

  it('detects a wrong checksum', async () => {
    const packed = gzipSync(text)
    packed[packed.length - 5]! ^= 1
    const { bytes, error } = await read(packed)
    expect(error).toMatchObject({ code: 'input-corrupt', where: `file:${packed.length}` })
    expect(bytes.equals(text)).toBe(true)
  })

  it('reads bzip2 of several streams and the readable part of a damaged one', async ({ skip }) => {
    const packed = await pack('bzip2', ['-c', '-1'], skip)
    expect(
      (await read(Buffer.concat([packed, packed]))).bytes.equals(Buffer.concat([text, text])),
    ).toBe(true)
    const { bytes, error } = await read(packed.subarray(0, packed.length - 1000))
    expect(error).toMatchObject({ code: 'input-corrupt' })
    expect(bytes.length).toBeGreaterThan(0)
    expect(text.subarray(0, bytes.length).equals(bytes)).toBe(true)
  })

  it('reads xz through the program and reports damage', async ({ skip }) => {
    const packed = await pack('xz', ['-c', '-1'], skip)
    expect((await read(packed)).bytes.equals(text)).toBe(true)
    expect((await read(packed.subarray(0, 40_000))).error).toMatchObject({ code: 'input-corrupt' })
  })

  it('stops the program when the consumer stops', async ({ skip }) => {
    const path = join(folder, 'early.xz')
    await writeFile(path, await pack('xz', ['-c', '-0'], skip))
    for await (const _ of decompress(localStorage(), path)) break
  })
})

describe('zstd', async () => {
  const routes = await zstdRoutes()
  for (const [name, route] of routes) {
    describe(`by ${name}`, () => zstdBehaviour(name, route))
  }
})

function zstdBehaviour(name: string, route: ZstdRoute): void {
  const decode = (content: Buffer): Promise<Outcome> =>
    drain(route(inPieces(content, 1000), 'file'))

  it('reads several frames with skippable frames between them', async ({ skip }) => {
    const frame = await pack('zstd', ['-qc', '-3'], skip)
    const skippable = Buffer.concat([
      Buffer.from([0x50, 0x2a, 0x4d, 0x18, 5, 0, 0, 0]),
      randomBytes(5),
    ])
    const { bytes, error } = await decode(Buffer.concat([skippable, frame, skippable, frame]))
    expect(error).toBeUndefined()
    expect(bytes.equals(Buffer.concat([text, text]))).toBe(true)
  })

  it('reads a frame that declares a window of 2 GiB', async ({ skip }) => {
    const frame = await pack('zstd', ['-qc', '-1'], skip)
    // The window descriptor that `--long=31` writes. Declaring more than is used is legal.
    frame[5] = 21 << 3
    const { bytes, error } = await decode(frame)
    expect(error).toBeUndefined()
    expect(bytes.equals(text)).toBe(true)
  })

  it('yields the readable part of a truncated file, then an error', async ({ skip }) => {
    const frame = await pack('zstd', ['-qc', '-1'], skip)
    const { bytes, error } = await decode(frame.subarray(0, frame.length - 500))
    expect(error).toMatchObject({ code: 'input-corrupt' })
    expect(error?.where).toMatch(/^file/)
    expect(bytes.length).toBeGreaterThan(50_000)
    expect(text.subarray(0, bytes.length).equals(bytes)).toBe(true)
  })

  it('rejects input that is not zstd', async () => {
    expect(
      (await decode(Buffer.from('(\xb5/\xfd this is no frame at all, really', 'latin1'))).error,
    ).toMatchObject({
      code: expect.stringMatching(/input-(corrupt|unsupported)/),
    })
  })

  it('decodes a decompression bomb', async () => {
    // A block of one repeated byte: four bytes expand to 128 KiB. Window of 1 MiB, 400 blocks.
    const block = (last: number) =>
      Buffer.from([
        (((128 << 10) << 3) | 2 | last) & 255,
        ((128 << 10) >> 5) & 255,
        ((128 << 10) >> 13) & 255,
        65,
      ])
    const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x50])
    const { bytes, error } = await decode(
      Buffer.concat([
        header,
        ...Array.from({ length: 400 }, (_, index) => block(index === 399 ? 1 : 0)),
      ]),
    )
    expect(error).toBeUndefined()
    expect(bytes.length).toBe(400 * (128 << 10))
  })

  it(`can be stopped early (${name})`, async ({ skip }) => {
    const frame = await pack('zstd', ['-qc', '-1'], skip)
    for await (const _ of route(inPieces(frame, 1000), 'file')) break
  })
}

async function* inPieces(content: Buffer, length: number): AsyncIterable<Uint8Array> {
  for (let start = 0; start < content.length; start += length)
    yield content.subarray(start, start + length)
}

describe('sniffCompression', () => {
  it('recognises formats by their bytes, bzip2 by more than its three letters', () => {
    const of = (bytes: number[] | string) =>
      sniffCompression(Buffer.from(bytes as string, 'latin1'))
    expect(of([0x1f, 0x8b, 8])).toBe('gzip')
    expect(of([0x28, 0xb5, 0x2f, 0xfd])).toBe('zstd')
    expect(of([0x5e, 0x2a, 0x4d, 0x18])).toBe('zstd')
    expect(of('BZh91AY&SY')).toBe('bzip2')
    expect(of('BZh9\x17rE8P\x90')).toBe('bzip2')
    expect(of('BZh9 text')).toBe('none')
    expect(of('\xfd7zXZ\0')).toBe('xz')
    expect(of("7z\xbc\xaf'\x1c")).toBe('7z')
    expect(of('')).toBe('none')
  })
})
