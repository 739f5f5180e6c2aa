// Where the lines around candidates start and end.
import type { TextColumn } from '../core/batch.ts'
import type { Candidates } from './candidates.ts'
import { kernelFunctions, kernelMemory } from './module.ts'

type Places = Pick<Candidates, 'count' | 'positions'>

/**
 * Start and end of the line of each candidate, in pairs; a line ends behind its line break, or with its row. The candidates are
 * those of this column.
 */
export type LineBounds = (column: TextColumn, candidates: Places) => Uint32Array

const NEWLINE = 0x0a

/** The reference of `lineBounder`. */
export function lineBoundsReference({ bytes, offsets }: TextColumn, { count, positions }: Places): Uint32Array {
  const bounds = new Uint32Array(count * 2)
  let row = 0
  for (let i = 0; i < count; i++) {
    const at = positions[i]!
    while (offsets[row + 1]! <= at) row++
    let start = at
    while (start > offsets[row]! && bytes[start - 1] !== NEWLINE) start--
    let end = at
    while (end < offsets[row + 1]! && bytes[end++] !== NEWLINE);
    bounds.set([start, end], i * 2)
  }
  return bounds
}

interface Functions {
  lineBounds(base: number, offsets: number, positions: number, count: number, bounds: number): void
}

/** The kernel behind `lineBoundsReference`; what it answers is the caller's. */
export function lineBounder(): LineBounds {
  const { lineBounds } = kernelFunctions<Functions>('lineBounds')
  const memory = kernelMemory()
  return (column, { count, positions }) =>
    memory.scope(() => {
      const bounds = memory.temporary(count * 8)
      const places = memory.lend(positions.subarray(0, count))
      lineBounds(memory.place(column), memory.lend(column.offsets), places, count, bounds)
      return new Uint32Array(memory.bytes.buffer, bounds, count * 2).slice()
    })
}
