import type { Storage } from '../../core/storage.ts'

/** Compression of a file. `7z` is an archive of several files; the others hold one stream. */
export type Compression = 'none' | 'gzip' | 'zstd' | 'bzip2' | 'xz' | '7z'

/** Bytes from the start of a file that `sniffCompression` needs. */
const SNIFF_BYTES = 10

/**
 * Detects the compression from the first bytes of a file. Names and HTTP headers are ignored:
 * mirrors rename files, and HTTP clients undo compression while the headers still announce it.
 */
export function sniffCompression(head: Uint8Array): Compression {
  const starts = (...magic: number[]) => magic.every((byte, index) => head[index] === byte)
  if (starts(0x1f, 0x8b)) return 'gzip'
  if (starts(0x28, 0xb5, 0x2f, 0xfd)) return 'zstd'
  // A zstd file may begin with a skippable frame: 50…5F 2A 4D 18.
  if (((head[0] ?? 0) & 0xf0) === 0x50 && head[1] === 0x2a && head[2] === 0x4d && head[3] === 0x18)
    return 'zstd'
  if (starts(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00)) return 'xz'
  if (starts(0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c)) return '7z'
  return isBzip2(head) ? 'bzip2' : 'none'
}

/**
 * "BZh", a level, and the magic number of a block or of the end of the stream. The three letters
 * alone could be text.
 */
function isBzip2(head: Uint8Array): boolean {
  const text = String.fromCharCode(...head.subarray(0, 10))
  return /^BZh[1-9](1AY&SY|\x17rE8P\x90)/.test(text)
}

/** Reads the first bytes of a file and detects its compression. */
export async function compressionOf(storage: Storage, path: string): Promise<Compression> {
  const handle = await storage.open(path)
  try {
    return sniffCompression(await handle.read(0, SNIFF_BYTES))
  } finally {
    await handle.close()
  }
}
