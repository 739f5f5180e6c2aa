// Finds what a text may need repaired, so that clean text is passed over quickly. The kernel is
// ./assembly.ts.
import { bytesAt, type TextColumn } from '../../core/batch.ts'
import { kernelFunctions, kernelMemory } from '../memory/module.ts'
import { defectsReference } from './reference.ts'

interface Functions {
  defectsOfRows(base: number, offsets: number, rows: number, table: number, out: number): void
}

/** Columns of more bytes than this are left to the reference. */
const MOST_BYTES = 64 << 20

/** The kernel of `defectsReference`. */
export interface DefectScanner {
  /** A set of defects for each row. */
  rows(column: TextColumn): Uint32Array
  /** The defects of one text. */
  text(bytes: Uint8Array): number
}

/** Keeps the table of `defectsReference` in the kernels' memory. */
export function defectScanner(table: Uint32Array): DefectScanner {
  const { defectsOfRows } = kernelFunctions<Functions>('defectsOfRows')
  const memory = kernelMemory()
  const kept = memory.keep(table)
  const scan = (base: number, offsets: Int32Array): Uint32Array => {
    const rows = offsets.length - 1
    const out = memory.temporary(rows * 4)
    defectsOfRows(base, memory.lend(offsets), rows, kept, out)
    return new Uint32Array(memory.bytes.buffer, out, rows).slice()
  }
  const slowly = (bytes: Uint8Array): number =>
    defectsReference(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString(), table)
  return {
    rows(column) {
      if (column.bytes.length <= MOST_BYTES)
        return memory.scope(() => scan(memory.place(column), column.offsets))
      const rows = column.offsets.length - 1
      return Uint32Array.from({ length: rows }, (_, row) => slowly(bytesAt(column, row)))
    },
    text(bytes) {
      if (bytes.length > MOST_BYTES) return slowly(bytes)
      const offsets = Int32Array.of(0, bytes.length)
      return memory.scope(() => scan(memory.lend(bytes), offsets)[0] ?? 0)
    },
  }
}
