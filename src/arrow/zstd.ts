import { isMainThread } from 'node:worker_threads'
import { CompressionType, compressionRegistry } from 'apache-arrow'

/** What published bytes are packed at; see docs/decisions/dependencies.md. */
const PUBLISHED_LEVEL = 3

/**
 * Where the package has no machine code for a system it runs WebAssembly of the same source, which
 * packs into the same bytes. So do threads: the machine code keeps one context for the whole
 * process, which two threads at a time would destroy. And so does a Node that has a zstd of its own
 * (22.15 and later): the machine code then calls that one, whose version packs into other bytes.
 */
const usesMachineCode = isMainThread && process.versions.zstd === undefined
const { compress, decompress } = usesMachineCode
  ? await import('@cloudpss/zstd')
  : await import('@cloudpss/zstd/wasm')

/** The one encoder of published bytes: zstd of a pinned version and level. */
export function packZstd(bytes: Uint8Array): Uint8Array {
  return compress(bytes, PUBLISHED_LEVEL)
}

/** The bytes that were packed into one frame or several. An error if these are damaged. */
export function unpackZstd(packed: Uint8Array): Uint8Array {
  return decompress(packed)
}

compressionRegistry.set(CompressionType.ZSTD, { encode: packZstd, decode: unpackZstd })
