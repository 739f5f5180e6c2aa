import { compress, decompress, init } from '@bokuweb/zstd-wasm'
import { CompressionType, compressionRegistry } from 'apache-arrow'

/**
 * The one encoder of published bytes: the WebAssembly build of zstd at a pinned version and level, because native
 * builds give other bytes on other machines.
 */
export const PUBLISHED_LEVEL = 3

let ready: Promise<void> | undefined

/** Loads the codec and tells the Arrow library about it. Must have finished before a compressed file is touched. */
export function loadZstd(): Promise<void> {
  ready ??= init().then(() => {
    compressionRegistry.set(CompressionType.ZSTD, {
      encode: (bytes: Uint8Array) => compress(bytes, PUBLISHED_LEVEL),
      decode: (bytes: Uint8Array) => decompress(bytes),
    })
  })
  return ready
}
