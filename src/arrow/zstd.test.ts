import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { TYPE } from '@cloudpss/zstd'
import { compress as compressByWasm } from '@cloudpss/zstd/wasm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packZstd, unpackZstd } from './zstd.ts'

const compiled = new URL('../../dist/src/arrow/zstd.js', import.meta.url)
const built = existsSync(compiled)
if (!built) console.log('zstd in threads is not tested: dist/ is missing, `npm run build` makes it')

/** Compresses and decompresses one text repeatedly; throws if the result ever differs. */
const threadProgram = `
  const { workerData: { compiled, text } } = require('node:worker_threads')
  import(compiled).then(({ packZstd, unpackZstd }) => {
    const first = packZstd(text)
    for (let round = 0; round < 60; round++) {
      if (Buffer.compare(packZstd(text), first) !== 0) throw new Error('packed into other bytes')
      if (Buffer.compare(unpackZstd(first), text) !== 0) throw new Error('unpacked into other bytes')
    }
  })`

/** The text of all TypeScript sources: a few megabytes on any machine. */
function sources(): Buffer {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  )
  return Buffer.concat(files.sort().map((path) => readFileSync(`src/${path}`)))
}

describe('packing published bytes', () => {
  it('finds native code on the systems that have it', () => {
    expect(TYPE).toBe(['linux', 'darwin', 'win32'].includes(process.platform) ? 'napi' : 'wasm')
  })

  it('compresses to the bytes of the pinned zstd under every Node version', () => {
    const lines = Array.from(
      { length: 20_000 },
      (_, i) => `${(i * 7919) % 1000} سطر line ${i % 37}\n`,
    )
    const packed = packZstd(Buffer.from(lines.join('')))
    expect(createHash('sha256').update(packed).digest('hex')).toBe(
      '5c4750299fe5cb5bb57484ab62a203d2db8fd9ac9b6a78eb4c7f4314ef4feb69',
    )
  })

  it('restores long texts and compresses them to the same bytes as WebAssembly', () => {
    const text = sources()
    for (const length of [0, 1, 1000, 1 << 17, (1 << 17) + 1, 1 << 20, text.length]) {
      const bytes = text.subarray(0, length)
      const packed = packZstd(bytes)
      expect(Buffer.compare(packed, compressByWasm(bytes, 3))).toBe(0)
      expect(Buffer.compare(unpackZstd(packed), bytes)).toBe(0)
    }
  })

  it('compresses any bytes at any memory offset to the same bytes as WebAssembly', () => {
    const repetitive = fc
      .array(fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 400 })), {
        maxLength: 8,
      })
      .map((parts) =>
        Buffer.concat(parts.flatMap(([bytes, times]) => new Array<Uint8Array>(times).fill(bytes))),
      )
    fc.assert(
      fc.property(repetitive, fc.integer({ min: 0, max: 9 }), (bytes, shift) => {
        const moved = Buffer.concat([Buffer.alloc(shift), bytes]).subarray(shift)
        expect(Buffer.compare(packZstd(moved), compressByWasm(bytes, 3))).toBe(0)
      }),
    )
  })

  it.skipIf(!built)('returns the right bytes while several threads use it', async () => {
    const text = sources()
    const finished = [0, 1, 2].map((index) => {
      const part = text.subarray(index * 200_000, (index + 1) * 200_000)
      const worker = new Worker(threadProgram, {
        eval: true,
        workerData: { compiled: compiled.href, text: part },
      })
      return new Promise((resolve, reject) => worker.on('error', reject).on('exit', resolve))
    })
    expect(await Promise.all(finished)).toEqual([0, 0, 0])
  })
})
