import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { longDump } from '../../../../connectors/wikipedia/long-dump.ts'
import type { ReadHandle } from '../../../core/storage.ts'
import { type Bzip2Block, readBzip2 } from './bzip2.ts'

const fixtures = join(import.meta.dirname, '../../../../connectors/wikipedia/fixtures')
const oneStream = await readFile(join(fixtures, 'long-one-stream.xml.bz2'))
const manyStreams = await readFile(join(fixtures, 'long-many-streams.xml.bz2'))
const expected = longDump()

const inMemory = (bytes: Uint8Array): ReadHandle => ({
  size: bytes.length,
  read: async (offset, length) => Uint8Array.from(bytes.subarray(offset, offset + length)),
  close: async () => {},
})

type Read = { bit: number; text: string } | Exclude<Bzip2Block, { bytes: Uint8Array }>

async function read(bytes: Uint8Array, fromBit = 0): Promise<Read[]> {
  const blocks: Read[] = []
  for await (const block of readBzip2(inMemory(bytes), { fromBit })) {
    blocks.push(
      'bytes' in block
        ? { bit: block.bit, text: Buffer.from(block.bytes).toString('latin1') }
        : block,
    )
  }
  return blocks
}

const joined = (blocks: readonly Read[]): string =>
  Buffer.from(
    blocks.map((block) => ('text' in block ? block.text : '')).join(''),
    'latin1',
  ).toString('utf8')

/** A file made by `bzip2`, base64. */
const packed = (base64: string): Uint8Array => Buffer.from(base64, 'base64')

const RUN = 'QlpoOTFBWSZTWXn2sSkAAkwBgKAABAAACCAAMMwFKaYURsRRHi7kinChIPPtYlI='
const PERIODIC = 'QlpoOTFBWSZTWZBYcjYAAfOBADAAIAAwgE1GqQapBxdyRThQkJBYcjY='
const EMPTY = 'QlpoORdyRThQkAAAAAA='

describe('readBzip2', () => {
  it('reads one stream of several blocks', async () => {
    const blocks = await read(oneStream)
    expect(blocks.length).toBe(6)
    expect(joined(blocks)).toBe(expected)
  })

  it('reads many streams, wherever they are split', async () => {
    const blocks = await read(manyStreams)
    expect(blocks.length).toBeGreaterThan(8)
    expect(joined(blocks)).toBe(expected)
  })

  it('starts at the first block at or after any bit', async () => {
    const all = await read(oneStream)
    const [, second, third] = all
    expect(await read(oneStream, second!.bit)).toEqual(all.slice(1))
    expect(await read(oneStream, second!.bit + 1)).toEqual(all.slice(2))
    expect(await read(oneStream, third!.bit - 12_345)).toEqual(all.slice(2))
    expect(await read(oneStream, oneStream.length * 8 - 100)).toEqual([])
  })

  it('expands long runs and periodic texts', async () => {
    // 300,000 times "a"; 1,000 times "ab"; nothing at all.
    expect(joined(await read(packed(RUN)))).toBe('a'.repeat(300_000))
    expect(joined(await read(packed(PERIODIC)))).toBe('ab'.repeat(1000))
    expect(await read(packed(EMPTY))).toEqual([])
    expect(
      joined(
        await read(Buffer.concat([packed(EMPTY), packed(PERIODIC), packed(EMPTY), packed(RUN)])),
      ),
    ).toBe('ab'.repeat(1000) + 'a'.repeat(300_000))
  })

  it('reports a damaged block and continues with the next', async () => {
    const whole = await read(oneStream)
    const damaged = Uint8Array.from(oneStream)
    const middle = Math.floor((whole[2]!.bit + whole[3]!.bit) / 16)
    damaged[middle] = damaged[middle]! ^ 0x55
    const blocks = await read(damaged)
    expect(blocks[2]).toMatchObject({
      bit: whole[2]!.bit,
      nextBit: whole[3]!.bit,
      damage: expect.any(String),
    })
    expect(blocks.toSpliced(2, 1)).toEqual(whole.toSpliced(2, 1))
  })

  it('yields everything before the place where a file is cut off and reports it', async () => {
    const whole = await read(oneStream)
    for (const length of [20_000, 30_001, oneStream.length - 1, oneStream.length - 12]) {
      const blocks = await read(oneStream.subarray(0, length))
      const last = blocks.pop()
      expect(last, `cut at ${length}`).toHaveProperty('cut')
      expect(blocks).toEqual(whole.slice(0, blocks.length))
      expect(blocks.length).toBe(whole.filter(({ bit }) => bit < last!.bit).length)
    }
  })

  it('reports garbage after the last stream', async () => {
    const blocks = await read(Buffer.concat([oneStream, Buffer.from('no bzip2')]))
    expect(blocks.at(-1)).toMatchObject({ cut: expect.stringMatching(/does not end/) })
    expect(joined(blocks)).toBe(expected)
  })

  it('never throws or yields wrong bytes, whatever the damage', async () => {
    const source = packed(PERIODIC)
    for (let byte = 4; byte < source.length; byte++) {
      for (const flip of [0x01, 0x80, 0xff]) {
        const damaged = Uint8Array.from(source)
        damaged[byte] = damaged[byte]! ^ flip
        const texts = (await read(damaged)).filter((block) => 'text' in block)
        for (const { text } of texts) expect(text).toBe('ab'.repeat(1000))
      }
    }
  })
})
