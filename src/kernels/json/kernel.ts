// The compiled twin of json.ts: a row at a time goes through a window of the kernels' memory.

import { kernelFunctions, kernelMemory } from '../memory/module.ts'
import { type MemberScanner, PLACE, referenceMemberScanner } from './reference.ts'

interface Functions {
  scanJson(from: number, end: number, names: number, places: number, stack: number): number
}

/** Longer rows are the reference's. */
const WINDOW_BYTES = 1 << 20
/** What `scanJson` answers where a key is written with escapes: a case for the reference. */
const ESCAPED_KEY = 2
const SLOTS = 256

let windows: { readonly row: number; readonly stack: number } | undefined

/** A scanner for members of these names. */
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
 * By length and first byte (SLOTS times u16) the number of the first name, counted from 1, 0 for
 * none; then of each name its address, its length, and the number of the next name with the same
 * length and first byte (four times u32).
 */
function keepNames(names: readonly string[]): number {
  const memory = kernelMemory()
  const slots = new Uint16Array(SLOTS)
  const entries = new Uint32Array(names.length * 4)
  for (const [index, name] of names.entries()) {
    const bytes = Buffer.from(name)
    // What stands for the first byte of an empty name is its closing quote.
    const slot = ((bytes[0] ?? 0x22) * 7 + bytes.length) & (SLOTS - 1)
    entries.set([memory.keep(bytes), bytes.length, slots[slot]!], index * 4)
    slots[slot] = index + 1
  }
  return memory.keep(Buffer.concat([new Uint8Array(slots.buffer), new Uint8Array(entries.buffer)]))
}
