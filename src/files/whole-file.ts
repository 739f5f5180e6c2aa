import { joinBytes } from './byte-queue.ts'

/**
 * All bytes of a stream; undefined if there are more than `maxBytes`, of which no more than that
 * are ever held.
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
