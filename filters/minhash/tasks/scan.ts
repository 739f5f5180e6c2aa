import type { TextColumn } from '../../../src/core/batch.ts'
import type { SketchBlock } from '../../../src/core/filter.ts'
import { mix32, WORD_PRIME_A, WORD_PRIME_B } from '../../../src/kernels/fold/fold.ts'
import { scratchWords } from '../files/records.ts'
import type { MinhashOptions } from '../options.ts'
import { DIGEST_WORDS, openSketches } from '../sketch.ts'

// A document record begins with the sort key, as words that compare in the same order: base corpora
// first, then source, longest text, 16 bytes of the key, hash of the id. Row and digest follow.
export const BYTES_AT = 1

export const ROW_AT = 8

export const DIGEST_AT = 9

export const DOCUMENT_WIDTH = DIGEST_AT + DIGEST_WORDS

export interface DocumentInput {
  /** Columns of consecutive documents, as the store returns them. */
  readonly sketches: Uint8Array
  readonly id: TextColumn
  readonly bytes: Uint32Array
  readonly source: Uint16Array
  /** Numbers that differ for documents that must not be compared. */
  readonly scopes: Uint32Array
  readonly lanes: number
  readonly firstRow: number
  /** Rows below this belong to base corpora. */
  readonly baseRows: number
}

const recordMemory = scratchWords()

/** A record of every document. */
export function documentRecords(input: DocumentInput): Uint32Array {
  const rows = input.source.length
  const records = recordMemory(rows * DOCUMENT_WIDTH)
  const sketches = openSketches(input.sketches, input.lanes)
  for (let row = 0; row < rows; row++) {
    const at = row * DOCUMENT_WIDTH
    writeOrder(input, row, records, at)
    records[at + ROW_AT] = input.firstRow + row
    sketches.digest(row, records, at + DIGEST_AT)
    records[at + DIGEST_AT] = mix32((records[at + DIGEST_AT] ?? 0) ^ (input.scopes[row] ?? 0))
  }
  return records
}

/**
 * Writes the first 16 bytes of the id after the source's name, then a hash: enough for the same
 * order in every run.
 */
function writeOrder(input: DocumentInput, row: number, records: Uint32Array, at: number): void {
  const { id, bytes, source, firstRow, baseRows } = input
  const [start, end] = [id.offsets[row] ?? 0, id.offsets[row + 1] ?? 0]
  records[at] = ((firstRow + row < baseRows ? 0 : 1) << 16) | (source[row] ?? 0)
  records[at + BYTES_AT] = ~(bytes[row] ?? 0)
  let key = start
  while (key < end && id.bytes[key] !== COLON) key++
  key = key < end ? key + 1 : start
  for (let word = 2; word < 6; word++) {
    let value = 0
    for (const next = key + 4; key < next; key++)
      value = (value << 8) | (key < end ? (id.bytes[key] ?? 0) : 0)
    records[at + word] = value
  }
  records[at + 6] = hashBytes(id.bytes, start, end, WORD_PRIME_A)
  records[at + 7] = hashBytes(id.bytes, start, end, WORD_PRIME_B)
}

/** Separates the name of a source from the key in an id. */
const COLON = 0x3a

function hashBytes(bytes: Uint8Array, start: number, end: number, prime: number): number {
  let hash = end - start
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), prime)
  return mix32(hash)
}

/** Numbers that are equal for documents that may be compared. */
export function scopesOf(block: SketchBlock, scope: MinhashOptions['scope']): Uint32Array {
  const scopes = new Uint32Array(block.rows)
  if (scope === 'global') return scopes
  const { source, lang } = block
  return scopes.map((_, row) =>
    scope === 'source'
      ? mix32((source[row] ?? 0) + 1)
      : hashBytes(lang.bytes, lang.offsets[row] ?? 0, lang.offsets[row + 1] ?? 0, WORD_PRIME_B),
  )
}
