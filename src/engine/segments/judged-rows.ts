import type { Columns } from '../../arrow/columns.ts'
import type { Ledger } from './ledger.ts'
import type { Rows } from './rows.ts'

/** Rows of one file of a segment, as columns. */
export interface TableRows {
  readonly rows: number
  readonly columns: Columns
}

/**
 * Judged documents. The ledger covers kept and dropped ones together; its index is ordinal −
 * `firstOrdinal`.
 */
export interface JudgedRows {
  readonly kept: Rows
  readonly dropped: Rows
  readonly ledger: Ledger
  readonly firstOrdinal: number
}
