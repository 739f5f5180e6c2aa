// Counts the words of UTF-8 text, separated by white space. The kernel is ./assembly.ts.
import { bytesAt, type TextColumn } from '../../core/batch.ts'
import { kernelFunctions, kernelMemory } from '../memory/module.ts'

/**
 * The number of runs of bytes above U+0020. Multi-byte white space such as U+00A0 does not
 * separate.
 */
export function countWordsReference(text: Uint8Array): number {
  let words = 0
  let inside = 0
  for (let at = 0; at < text.length; at++) {
    const visible = text[at]! > 0x20 ? 1 : 0
    words += visible & ~inside
    inside = visible
  }
  return words
}

/** Columns of more bytes than this are left to the reference. */
const MOST_BYTES = 64 << 20

interface Functions {
  countWords(base: number, offsets: number, rows: number, out: number): void
}

/** The kernel of `countWordsReference`: one number for each row of a column. */
export function wordsOfRows(column: TextColumn): Uint32Array {
  const { countWords } = kernelFunctions<Functions>('countWords')
  const memory = kernelMemory()
  const rows = column.offsets.length - 1
  if (column.bytes.length > MOST_BYTES) {
    return Uint32Array.from({ length: rows }, (_, row) => countWordsReference(bytesAt(column, row)))
  }
  return memory.scope(() => {
    const out = memory.temporary(rows * 4)
    countWords(memory.place(column), memory.lend(column.offsets), rows, out)
    return new Uint32Array(memory.bytes.buffer, out, rows).slice()
  })
}

/** The kernel for one text. */
export function countWords(text: Uint8Array): number {
  return wordsOfRows({ bytes: text, offsets: Int32Array.of(0, text.length) })[0] ?? 0
}
