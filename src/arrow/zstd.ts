import { compress, decompress } from '@cloudpss/zstd'
import { CompressionType, compressionRegistry } from 'apache-arrow'

/** What published bytes are packed at; see docs/decisions/dependencies.md. */
const PUBLISHED_LEVEL = 3

/**
 * The one encoder of published bytes: zstd of a pinned version and level. Where the package has no machine code for a system
 * it runs WebAssembly of the same source, which packs into the same bytes.
 */
export function packZstd(bytes: Uint8Array): Uint8Array {
  return compress(bytes, PUBLISHED_LEVEL)
}

compressionRegistry.set(CompressionType.ZSTD, { encode: packZstd, decode: decompress })
