import { readdirSync, readFileSync } from 'node:fs'
import { decompress, TYPE } from '@cloudpss/zstd'
import { compress as compressByWasm } from '@cloudpss/zstd/wasm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packZstd } from './zstd.ts'

/** Text of the compiled tests and kernels: some megabytes on any machine. */
function sources(): Buffer {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'))
  return Buffer.concat(files.sort().map((path) => readFileSync(`src/${path}`)))
}

describe('packing published bytes', () => {
  it('is done by machine code on the systems that have it', () => {
    expect(TYPE).toBe(['linux', 'darwin', 'win32'].includes(process.platform) ? 'napi' : 'wasm')
  })

  it('gives what was packed, and the same bytes with WebAssembly: long texts', () => {
    const text = sources()
    for (const length of [0, 1, 1000, 1 << 17, (1 << 17) + 1, 1 << 20, text.length]) {
      const bytes = text.subarray(0, length)
      const packed = packZstd(bytes)
      expect(Buffer.compare(packed, compressByWasm(bytes, 3))).toBe(0)
      expect(Buffer.compare(decompress(packed), bytes)).toBe(0)
    }
  })

  it('gives the same bytes with WebAssembly: anything, wherever it lies in memory', () => {
    const repetitive = fc
      .array(fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 400 })), { maxLength: 8 })
      .map((parts) => Buffer.concat(parts.flatMap(([bytes, times]) => new Array<Uint8Array>(times).fill(bytes))))
    fc.assert(
      fc.property(repetitive, fc.integer({ min: 0, max: 9 }), (bytes, shift) => {
        const moved = Buffer.concat([Buffer.alloc(shift), bytes]).subarray(shift)
        expect(Buffer.compare(packZstd(moved), compressByWasm(bytes, 3))).toBe(0)
      }),
    )
  })
})
