import { joinBytes } from './byte-queue.ts'

/**
 * Reads all bytes of a stream. Returns undefined if there are more than `maxBytes`; it never holds
 * more than that and one chunk.
 */
export async function readWhole(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    length += chunk.length
    if (length > maxBytes) return undefined
    parts.push(chunk)
  }
  return joinBytes(parts)
}
