/**
 * A pool of memory for text columns. A batch takes a few buffers of a megabyte. Allocating them for
 * every batch would run the garbage collector for these alone, and with a heap this large the dead
 * buffers would pile up in between.
 */

/**
 * Shorter and longer buffers are left to the garbage collector: short ones cost little, long ones
 * are rare.
 */
const LEAST_BYTES = 1 << 12
const MOST_BYTES = 8 << 20
/**
 * Lengths are rounded up to a multiple of the small unit, or of the large unit from
 * `LARGE_UNIT_BYTES` on, so that a buffer released by one batch fits the next.
 */
const UNIT_BYTES = LEAST_BYTES
const LARGE_UNIT_BYTES = 1 << 16
/**
 * A free buffer is used only if it is at most this many times as long as the request; longer ones
 * are kept for larger requests.
 */
const MOST_TIMES = 8
/** Most free memory the pool keeps. */
const FREE_BYTES = 16 << 20

const free: Uint8Array[] = []
let freeBytes = 0
/** Buffers that are in use. */
const taken = new WeakSet<ArrayBufferLike>()

/** Returns at least `length` bytes with arbitrary contents. */
export function takeMemory(length: number): Uint8Array {
  if (length < LEAST_BYTES || length > MOST_BYTES) return new Uint8Array(length)
  const memory = takeFree(length) ?? new Uint8Array(roundUp(length))
  taken.add(memory.buffer)
  return memory
}

/** Takes the shortest free buffer that is long enough. */
function takeFree(length: number): Uint8Array | undefined {
  let best = -1
  let bestLength = length * MOST_TIMES + 1
  for (let index = 0; index < free.length; index++) {
    const found = free[index]?.length ?? 0
    if (found >= length && found < bestLength) [best, bestLength] = [index, found]
  }
  if (best < 0) return undefined
  freeBytes -= bestLength
  return free.splice(best, 1)[0]
}

function roundUp(length: number): number {
  const unit = length < LARGE_UNIT_BYTES ? UNIT_BYTES : LARGE_UNIT_BYTES
  return Math.ceil(length / unit) * unit
}

/**
 * Returns the buffer that contains the given bytes to the pool. Nothing may read from it any more.
 * Memory that did not come from the pool is ignored.
 */
export function giveBack({ buffer }: Uint8Array): void {
  if (!taken.delete(buffer) || freeBytes + buffer.byteLength > FREE_BYTES) return
  free.push(new Uint8Array(buffer))
  freeBytes += buffer.byteLength
}
