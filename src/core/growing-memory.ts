/** Bytes for one thing after the other: what is there is gone once the next is put there. */
export interface GrowingMemory {
  bytes: Uint8Array
}

/** Memory for things of any size. */
export const growingMemory = (): GrowingMemory => ({ bytes: new Uint8Array(0) })

/** The bytes of a memory, with room for so many. */
export function withRoom(memory: GrowingMemory, length: number): Uint8Array {
  if (memory.bytes.length < length) memory.bytes = new Uint8Array(Math.ceil(length * 1.25))
  return memory.bytes
}
