import { scatterWords } from '../../../src/kernels/word-records/word-records.ts'
import { scratchWords, type WordFile } from './records.ts'
import type { Windows } from './windows.ts'

/** Records in order of their target file, and the number of words for each file. */
export type Scattered = readonly [records: Uint32Array, lengths: Uint32Array]

const placeMemory = scratchWords()

/** Copies records in order of their target file. Records of one file keep their order. */
export function scatterRecords(
  records: Uint32Array,
  width: number,
  files: number,
  fileOf: (at: number) => number,
): Scattered {
  const lengths = new Uint32Array(files)
  if (files === 1) {
    lengths[0] = records.length
    return [records.slice(), lengths]
  }
  const fileOfRecord = placeMemory(records.length / width)
  for (let i = 0; i < fileOfRecord.length; i++) {
    const file = fileOf(i * width)
    fileOfRecord[i] = file
    lengths[file] = (lengths[file] ?? 0) + width
  }
  const next = new Uint32Array(files)
  for (let file = 1; file < files; file++)
    next[file] = (next[file - 1] ?? 0) + (lengths[file - 1] ?? 0)
  const ordered = new Uint32Array(records.length)
  for (let i = 0, at = 0; i < fileOfRecord.length; i++) {
    const file = fileOfRecord[i] ?? 0
    let to = next[file] ?? 0
    for (let word = 0; word < width; word++) ordered[to++] = records[at++] ?? 0
    next[file] = to
  }
  return [ordered, lengths]
}

/**
 * Scatters records over windows by the number in one of their words, into memory from `lend`. With
 * a single window they stay in place.
 */
export function scatterByWindow(
  records: Uint32Array,
  width: number,
  word: number,
  windows: Windows,
  lend: (words: number) => Uint32Array = (words) => new Uint32Array(words),
): Scattered {
  if (windows.count === 1) return [records, Uint32Array.of(records.length)]
  const ordered = lend(records.length)
  return [ordered, scatterWords(records, width, word, windows, ordered)]
}

/** Adds scattered records to their files and writes full buffers. */
export async function addScattered(
  files: readonly WordFile[],
  [records, lengths]: Scattered,
): Promise<void> {
  let at = 0
  for (const [file, length] of lengths.entries()) {
    if (length === 0) continue
    files[file]?.add(records.subarray(at, at + length))
    await files[file]?.flush()
    at += length
  }
}
