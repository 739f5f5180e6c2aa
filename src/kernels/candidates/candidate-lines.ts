// Finds the lines that contain candidates. The kernel is ./assembly-candidate-lines.ts.
import type { TextColumn } from '../../core/batch.ts'
import { kernelFunctions, kernelMemory } from '../memory/module.ts'
import type { Candidates } from './candidates.ts'

/**
 * What is known of a line, in the order of its numbers: where it starts, where it ends (after its
 * line break, or with its row), the index of its first candidate, the signs of all its candidates,
 * and as two numbers of four bytes each the `HEAD_BYTES` bytes from the first that is not an ASCII
 * blank, padded with zeros after the end.
 */
export const LINE = { start: 0, end: 1, first: 2, signs: 3, head: 4 } as const
/** Numbers per line. */
export const LINE_NUMBERS = 6
/** Bytes of `LINE.head`. */
export const HEAD_BYTES = 8

/**
 * Returns the lines of a column that contain candidates, `LINE_NUMBERS` each, in order. `signs` has
 * the bits that each kind sets.
 */
export type CandidateLines = (
  column: TextColumn,
  candidates: Candidates,
  signs: Uint8Array,
) => Uint32Array

const NEWLINE = 0x0a

/** The reference of `candidateLines`. */
export function candidateLinesReference(
  { bytes, offsets }: TextColumn,
  { count, positions, kinds }: Candidates,
  signs: Uint8Array,
): Uint32Array {
  const lines: number[] = []
  let row = 0
  let end = 0
  for (let i = 0; i < count; i++) {
    const at = positions[i]!
    if (at >= end) {
      while (offsets[row + 1]! <= at) row++
      let start = at
      while (start > offsets[row]! && bytes[start - 1] !== NEWLINE) start--
      end = at
      while (end < offsets[row + 1]! && bytes[end++] !== NEWLINE);
      lines.push(start, end, i, 0, ...headOf(bytes, start, end))
    }
    lines[lines.length - LINE_NUMBERS + LINE.signs]! |= signs[kinds[i]!]!
  }
  return Uint32Array.from(lines)
}

function headOf(bytes: Uint8Array, start: number, end: number): Uint32Array {
  let at = start
  while (at < end && (bytes[at] === 0x20 || (bytes[at]! >= 0x09 && bytes[at]! <= 0x0d))) at++
  const head = new Uint8Array(HEAD_BYTES)
  head.set(bytes.subarray(at, Math.min(end, at + HEAD_BYTES)))
  return new Uint32Array(head.buffer)
}

interface Functions {
  candidateLines(
    base: number,
    offsets: number,
    positions: number,
    kinds: number,
    first: number,
    count: number,
    signs: number,
    lines: number,
  ): number
}

/** Candidates per call of the kernel. A text may consist of candidates only. */
const MOST_CANDIDATES = 1 << 16

/** The kernel of `candidateLinesReference`. The caller owns the result. */
export function candidateLines(): CandidateLines {
  const { candidateLines: kernel } = kernelFunctions<Functions>('candidateLines')
  const memory = kernelMemory()
  // The last line of the previous candidates comes first, because it may continue.
  const slotsAt = memory.reserve((MOST_CANDIDATES + 1) * LINE_NUMBERS * 4)
  const slots = new Uint32Array(memory.bytes.buffer, slotsAt, (MOST_CANDIDATES + 1) * LINE_NUMBERS)
  return (column, { count, positions, kinds }, signs) => {
    let lines = new Uint32Array(LINE_NUMBERS)
    let length = LINE_NUMBERS
    for (let first = 0, row = 0; first < count; first += MOST_CANDIDATES) {
      const last = Math.min(count, first + MOST_CANDIDATES)
      while (column.offsets[row + 1]! <= positions[first]!) row++
      slots.set(lines.subarray(length - LINE_NUMBERS, length))
      const found = memory.scope(() => {
        const base = memory.place(column)
        const offsets = memory.lend(column.offsets.subarray(row))
        const positionsAt = memory.lend(positions.subarray(first, last))
        const kindsAt = memory.lend(kinds.subarray(first, last))
        return kernel(
          base,
          offsets,
          positionsAt,
          kindsAt,
          first,
          last - first,
          memory.lend(signs),
          slotsAt,
        )
      })
      const more = found * LINE_NUMBERS
      if (length + more > lines.length) {
        const longer = new Uint32Array(last < count ? 2 * (length + more) : length + more)
        longer.set(lines.subarray(0, length))
        lines = longer
      }
      lines.set(slots.subarray(0, LINE_NUMBERS + more), length - LINE_NUMBERS)
      length += more
    }
    return lines.subarray(LINE_NUMBERS, length)
  }
}
