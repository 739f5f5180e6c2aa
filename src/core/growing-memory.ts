/** A reusable buffer that holds one value at a time. Writing the next value overwrites the last. */
export interface GrowingMemory {
  bytes: Uint8Array
}

/** An empty buffer that grows on demand. */
export const growingMemory = (): GrowingMemory => ({ bytes: new Uint8Array(0) })

/** Returns at least `length` bytes. Growing replaces the buffer and loses its contents. */
export function withRoom(memory: GrowingMemory, length: number): Uint8Array {
  if (memory.bytes.length < length) memory.bytes = new Uint8Array(Math.ceil(length * 1.25))
  return memory.bytes
}
