/** Joins byte arrays. A single array is returned as it is, without a copy. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts
  if (parts.length === 1 && only) return only
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let position = 0
  for (const part of parts) {
    joined.set(part, position)
    position += part.length
  }
  return joined
}

/** Reads an unsigned integer of `length` bytes, lowest byte first. Exact up to 2^53. */
export function littleEndian(bytes: Uint8Array, start: number, length: number): number {
  let value = 0
  for (let index = length - 1; index >= 0; index--)
    value = value * 256 + (bytes[start + index] ?? 0)
  return value
}

/** A stream of chunks as one sequence of bytes that is consumed from the front. */
export interface ByteQueue {
  /** Bytes taken so far. */
  position(): number
  /** Takes exactly `length` bytes; fewer only at the end. */
  take(length: number): Promise<Uint8Array>
  /** Takes up to `length` bytes of the current chunk without copying; empty only at the end. */
  takeSome(length: number): Promise<Uint8Array>
  /** Puts back the last `length` bytes of the latest `takeSome`. */
  giveBack(length: number): void
  skip(length: number): Promise<void>
}

/** A queue over chunks. It reads the source only as far as needed. */
export function byteQueue(source: AsyncIterable<Uint8Array>): ByteQueue {
  const iterator = source[Symbol.asyncIterator]()
  let chunk: Uint8Array = new Uint8Array(0)
  let offset = 0
  let taken = 0
  const next = async (): Promise<boolean> => {
    while (offset === chunk.length) {
      const { done, value } = await iterator.next()
      if (done) return false
      chunk = value
      offset = 0
    }
    return true
  }
  const pull = (length: number): Uint8Array => {
    const part = chunk.subarray(offset, offset + length)
    offset += part.length
    taken += part.length
    return part
  }
  return {
    position: () => taken,
    async take(length: number): Promise<Uint8Array> {
      if (chunk.length - offset >= length) return pull(length)
      const parts: Uint8Array[] = []
      for (let missing = length; missing > 0 && (await next()); ) {
        const part = pull(missing)
        parts.push(part)
        missing -= part.length
      }
      return joinBytes(parts)
    },
    takeSome: async (length) => ((await next()) ? pull(length) : new Uint8Array(0)),
    giveBack(length) {
      offset -= length
      taken -= length
    },
    async skip(length: number): Promise<void> {
      for (let missing = length; missing > 0 && (await next()); ) missing -= pull(missing).length
    },
  }
}
