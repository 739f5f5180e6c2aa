import { isMainThread } from 'node:worker_threads'
import { CompressionType, compressionRegistry } from 'apache-arrow'

/** Compression level of published bytes; see docs/decisions/dependencies.md. */
const PUBLISHED_LEVEL = 3

/**
 * Whether to use the package's native code. Otherwise WebAssembly of the same source is used, which
 * compresses to the same bytes. The package itself falls back to it on systems without native code.
 * Threads need it because the native code keeps one context per process, which two concurrent
 * threads would corrupt. Node versions with their own zstd (22.15 and later) need it because the
 * native code then calls Node's zstd, whose version compresses to other bytes.
 */
const usesMachineCode = isMainThread && process.versions.zstd === undefined
const { compress, decompress } = usesMachineCode
  ? await import('@cloudpss/zstd')
  : await import('@cloudpss/zstd/wasm')

/** Compresses published bytes, with a pinned version and level of zstd. */
export function packZstd(bytes: Uint8Array): Uint8Array {
  return compress(bytes, PUBLISHED_LEVEL)
}

/** Decompresses one or more frames. Throws if they are damaged. */
export function unpackZstd(packed: Uint8Array): Uint8Array {
  return decompress(packed)
}

compressionRegistry.set(CompressionType.ZSTD, { encode: packZstd, decode: unpackZstd })
