/**
 * Memory of text columns that is used again. A batch is a few buffers of a megabyte: allocating them for every batch makes the
 * garbage collector run for nothing else, and a process as large as it lets them pile up.
 */

/** Shorter and longer memory is left to the garbage collector: the one costs little, the other is rare. */
const LEAST_BYTES = 1 << 16
const MOST_BYTES = 8 << 20
/** Lengths are multiples of this, so that what one batch gave back is enough for the next. */
const UNIT_BYTES = LEAST_BYTES
/** Free memory kept. */
const FREE_BYTES = 16 << 20

const free: Uint8Array[] = []
let freeBytes = 0
/** What was taken and not given back. */
const taken = new WeakSet<ArrayBufferLike>()

/** At least `length` bytes, with anything in them. */
export function takeMemory(length: number): Uint8Array {
  if (length < LEAST_BYTES || length > MOST_BYTES) return new Uint8Array(length)
  let best = -1
  for (const [index, memory] of free.entries()) {
    if (memory.length >= length && memory.length < (free[best]?.length ?? Number.POSITIVE_INFINITY)) best = index
  }
  const [memory = new Uint8Array(Math.ceil(length / UNIT_BYTES) * UNIT_BYTES)] = best < 0 ? [] : free.splice(best, 1)
  if (best >= 0) freeBytes -= memory.length
  taken.add(memory.buffer)
  return memory
}

/** Gives back what some bytes lie in, of which nothing is read any more. Memory from elsewhere is left alone. */
export function giveBack({ buffer }: Uint8Array): void {
  if (!taken.delete(buffer) || freeBytes + buffer.byteLength > FREE_BYTES) return
  free.push(new Uint8Array(buffer))
  freeBytes += buffer.byteLength
}
