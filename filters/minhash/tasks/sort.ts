import { sortWords } from '../../../src/kernels/word-records/word-records.ts'

/** Sorts records by their words, the first word first. */
export function sortRecords({ records, width }: SortInput): Uint32Array {
  const sorted = new Uint32Array(records.length)
  sortWords(records, width, sorted)
  return sorted
}

export interface SortInput {
  readonly records: Uint32Array
  /** Words of a record. */
  readonly width: number
}
