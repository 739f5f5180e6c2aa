// The compiled version of reference.ts.
import type { TextColumn } from '../../core/batch.ts'
import { kernelFunctions, kernelMemory } from '../memory/module.ts'
import { COUNTS, type LineFolder } from './reference.ts'

interface Functions {
  foldLines(
    lines: number,
    count: number,
    base: number,
    out: number,
    offsets: number,
    counts: number,
  ): void
  linesWithText(start: number, end: number): number
}

/** The kernel of `foldLinesReference`. */
export function lineFolder(): LineFolder {
  const { foldLines } = kernelFunctions<Functions>('foldLines')
  const memory = kernelMemory()
  return (column, lines, read) =>
    memory.scope(() => {
      const count = lines.length >> 1
      let most = 0
      for (let i = 0; i < count; i++) most += lines[i * 2 + 1]! - lines[i * 2]!
      const base = memory.place(column)
      const out = memory.temporary(most)
      const offsetsAt = memory.temporary((count + 1) * 4)
      const countsAt = memory.temporary(count * COUNTS * 4)
      foldLines(memory.lend(lines), count, base, out, offsetsAt, countsAt)
      const { buffer } = memory.bytes
      const offsets = new Int32Array(buffer, offsetsAt, count + 1)
      const counts = new Int32Array(buffer, countsAt, count * COUNTS)
      return read({ bytes: memory.bytes.subarray(out, out + offsets[count]!), offsets, counts })
    })
}

/** Returns a function that counts the lines with text in a column's bytes [start, end). */
export function lineCounter(): (column: TextColumn, start: number, end: number) => number {
  const { linesWithText } = kernelFunctions<Functions>('linesWithText')
  const memory = kernelMemory()
  return (column, start, end) => {
    const base = memory.place(column)
    return linesWithText(base + start, base + end)
  }
}
