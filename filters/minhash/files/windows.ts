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

/** Names files for windows over `total` numbers, of which a table has `bytesEach`. */
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

/** Position of the window that a number is in. */
export function windowOf({ size }: Pick<WindowFiles, 'size'>, number: number): number {
  return Math.floor(number / size)
}

/** What a task has to know of windows. */
export type Windows = NumberWindows

/** Size and number of windows. */
export function windowsOf({ size, paths }: WindowFiles): Windows {
  return { size, count: paths.length }
}

/** The hashes of each file: equal stretches, so that inside a file the other words stay uniform. */
export function hashWindows(parts: number): Windows {
  return { size: Math.ceil(2 ** 32 / parts), count: parts }
}
