import type { NumberWindows } from '../../../src/kernels/word-records/word-records.ts'

/**
 * Files of records about numbers from 0 on, one file for each window of consecutive numbers: a
 * table over one window fits in memory, however many numbers there are.
 */
export type WindowFiles = {
  /** Numbers in a window. */
  readonly size: number
  readonly paths: readonly string[]
}

/** Names files for windows over `total` numbers, each of which takes `bytesEach` in a table. */
export function windowFiles(
  name: string,
  total: number,
  bytesEach: number,
  memoryBytes: number,
): WindowFiles {
  const most = Math.max(1, Math.floor(memoryBytes / bytesEach))
  const count = Math.max(1, Math.ceil(total / most))
  return {
    size: Math.max(1, Math.ceil(total / count)),
    paths: Array.from({ length: count }, (_, i) => `${name}-${i}`),
  }
}

/** Index of the window that holds a number. */
export function windowOf({ size }: Pick<WindowFiles, 'size'>, number: number): number {
  return Math.floor(number / size)
}

/** What a task needs to know about windows. */
export type Windows = NumberWindows

/** Size and number of windows. */
export function windowsOf({ size, paths }: WindowFiles): Windows {
  return { size, count: paths.length }
}

/**
 * Divides hashes into equal ranges, one per file, so that the other words of a hash stay uniform
 * within a file.
 */
export function hashWindows(parts: number): Windows {
  return { size: Math.ceil(2 ** 32 / parts), count: parts }
}
