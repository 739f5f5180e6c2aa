// The compiled version of reference.ts. It copies one row at a time into a window of the kernels'
// memory.

import { kernelFunctions, kernelMemory } from '../memory/module.ts'
import { type MemberScanner, PLACE, referenceMemberScanner } from './reference.ts'

interface Functions {
  scanJson(from: number, end: number, names: number, places: number, stack: number): number
}

/** Longer rows are left to the reference. */
const WINDOW_BYTES = 1 << 20
/** Result of `scanJson` for a key written with escapes, which is left to the reference. */
const ESCAPED_KEY = 2
const SLOTS = 256

let windows: { readonly row: number; readonly stack: number } | undefined

/**
 * A scanner for the members with these names. Its tables stay in the kernels' memory permanently.
 */
export function memberScanner(names: readonly string[]): MemberScanner {
  const { scanJson } = kernelFunctions<Functions>('scanJson')
  const memory = kernelMemory()
  const reference = referenceMemberScanner(names)
  windows ??= { row: memory.reserve(WINDOW_BYTES + 1), stack: memory.reserve(WINDOW_BYTES) }
  const { row: window, stack } = windows
  const table = keepNames(names)
  const placesAt = memory.reserve(names.length * PLACE * 4)
  const places = new Int32Array(memory.bytes.buffer, placesAt, names.length * PLACE)
  const byReference = (row: Buffer): boolean => {
    const found = reference.scan(row)
    places.set(reference.places)
    return found
  }
  return {
    places,
    scan(row) {
      const { length } = row
      if (length > WINDOW_BYTES) return byReference(row)
      memory.bytes.set(row, window)
      memory.bytes[window + length] = 0
      places.fill(-1)
      const answer = scanJson(window, window + length, table, placesAt, stack)
      return answer === ESCAPED_KEY ? byReference(row) : answer !== 0
    },
  }
}

/**
 * Places two tables and returns their address. The first has SLOTS u16: by length and first byte
 * the number of the first name, counted from 1, or 0 for none. The second has four u32 per name:
 * its address, its length, the number of the next name with the same length and first byte, and one
 * unused.
 */
function keepNames(names: readonly string[]): number {
  const memory = kernelMemory()
  const slots = new Uint16Array(SLOTS)
  const entries = new Uint32Array(names.length * 4)
  for (const [index, name] of names.entries()) {
    const bytes = Buffer.from(name)
    // For an empty name, its closing quote stands in for the first byte.
    const slot = ((bytes[0] ?? 0x22) * 7 + bytes.length) & (SLOTS - 1)
    entries.set([memory.keep(bytes), bytes.length, slots[slot]!], index * 4)
    slots[slot] = index + 1
  }
  return memory.keep(Buffer.concat([new Uint8Array(slots.buffer), new Uint8Array(entries.buffer)]))
}
