/**
 * Memory of text columns that is used again. A batch is a few buffers of a megabyte: allocating
 * them for every batch makes the garbage collector run for nothing else, and a process as large as
 * it lets them pile up.
 */

/**
 * Shorter and longer memory is left to the garbage collector: the one costs little, the other is
 * rare.
 */
const LEAST_BYTES = 1 << 12
const MOST_BYTES = 8 << 20
/**
 * Lengths are multiples of this or, from 16 times as much on, of the larger, so that what one batch
 * gave back is enough for the next.
 */
const UNIT_BYTES = LEAST_BYTES
const LARGE_UNIT_BYTES = 1 << 16
/** Memory so many times as long as what is wanted is kept for others. */
const MOST_TIMES = 8
/** Free memory kept. */
const FREE_BYTES = 16 << 20

const free: Uint8Array[] = []
let freeBytes = 0
/** What was taken and not given back. */
const taken = new WeakSet<ArrayBufferLike>()

/** At least `length` bytes, with anything in them. */
export function takeMemory(length: number): Uint8Array {
  if (length < LEAST_BYTES || length > MOST_BYTES) return new Uint8Array(length)
  const memory = takeFree(length) ?? new Uint8Array(roundUp(length))
  taken.add(memory.buffer)
  return memory
}

/** Takes the shortest free memory that is long enough. */
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
 * Gives back what some bytes lie in, of which nothing is read any more. Memory from elsewhere is
 * left alone.
 */
export function giveBack({ buffer }: Uint8Array): void {
  if (!taken.delete(buffer) || freeBytes + buffer.byteLength > FREE_BYTES) return
  free.push(new Uint8Array(buffer))
  freeBytes += buffer.byteLength
}
