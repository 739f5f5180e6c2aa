import { bytesAt, type TextColumn } from '../../src/core/batch.ts'
import type { SketchBlock } from '../../src/core/filter.ts'
import { mix32, WORD_PRIME_A, WORD_PRIME_B } from '../../src/kernels/fold.ts'
import type { MinhashOptions } from './options.ts'
import { inputBytes, withWordFiles } from './records.ts'
import type { Run } from './run.ts'
import { DIGEST_WORDS, openSketches } from './sketch.ts'

// A document record begins with what documents are ordered by, as words that compare like it: earlier corpora first,
// then source, longest text, 16 bytes of the key, hash of the id; then come row and digest.
export const BYTES_AT = 1
export const ROW_AT = 8
export const DIGEST_AT = 9
export const DOCUMENT_WIDTH = DIGEST_AT + DIGEST_WORDS

/** Documents in the sample that ranges are cut by, about. */
const SAMPLE = 1 << 14

export interface DocumentInput {
  /** Of consecutive documents, as the store has them. */
  readonly sketches: Uint8Array
  readonly id: TextColumn
  readonly bytes: Uint32Array
  readonly source: Uint16Array
  /** What tells apart documents that are not compared. */
  readonly scopes: Uint32Array
  readonly lanes: number
  readonly firstRow: number
  /** Rows below this are of earlier corpora. */
  readonly baseRows: number
}

/** A record of every document. */
export function documentRecords(input: DocumentInput): Uint32Array {
  const rows = input.source.length
  const records = new Uint32Array(rows * DOCUMENT_WIDTH)
  const sketches = openSketches(input.sketches, input.lanes)
  for (let row = 0; row < rows; row++) {
    const record = records.subarray(row * DOCUMENT_WIDTH, (row + 1) * DOCUMENT_WIDTH)
    writeOrder(input, row, record)
    record[ROW_AT] = input.firstRow + row
    sketches.digest(row, record.subarray(DIGEST_AT))
    record[DIGEST_AT] = mix32((record[DIGEST_AT] ?? 0) ^ (input.scopes[row] ?? 0))
  }
  return records
}

/** Of the id, the first 16 bytes after the source's name, then a hash: enough to be the same order in every run. */
function writeOrder({ id, bytes, source, firstRow, baseRows }: DocumentInput, row: number, record: Uint32Array): void {
  const name = bytesAt(id, row)
  const key = name.indexOf(0x3a) + 1
  record[0] = ((firstRow + row < baseRows ? 0 : 1) << 16) | (source[row] ?? 0)
  record[BYTES_AT] = ~(bytes[row] ?? 0)
  for (let word = 0; word < 4; word++) {
    let value = 0
    for (let byte = 0; byte < 4; byte++) value = (value << 8) | (name[key + word * 4 + byte] ?? 0)
    record[2 + word] = value
  }
  record[6] = hashBytes(name, WORD_PRIME_A)
  record[7] = hashBytes(name, WORD_PRIME_B)
}

function hashBytes(bytes: Uint8Array, prime: number): number {
  let hash = bytes.length
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), prime)
  return mix32(hash)
}

/** A column with memory of its own: threads would be sent all that it lies in. */
function copyOf({ bytes, offsets }: TextColumn): TextColumn {
  return { bytes: bytes.slice(0, offsets.at(-1)), offsets: offsets.slice() }
}

/** Numbers that are the same for documents that may be compared. */
export function scopesOf(block: SketchBlock, scope: MinhashOptions['scope']): Uint32Array {
  const scopes = new Uint32Array(block.rows)
  if (scope === 'global') return scopes
  return scopes.map((_, row) =>
    scope === 'source' ? mix32((block.source[row] ?? 0) + 1) : hashBytes(bytesAt(block.lang, row), WORD_PRIME_B),
  )
}

/** What the first scan leaves. */
export type Scanned = {
  readonly records: string
  /** Records from all over the corpus. */
  readonly sample: string
  /** Documents per source, those of earlier corpora not counted. */
  readonly documents: readonly number[]
}

/** One pass over the sketches: a record of every document. */
export async function scanDocuments(run: Run, folder: string): Promise<Scanned> {
  const { store, options } = run
  const [records, sample] = [`${folder}/documents`, `${folder}/sample`]
  const documents = new Array<number>(store.sources.length).fill(0)
  const share = inputBytes(run.pool)
  const inputs = async function* (): AsyncIterable<DocumentInput> {
    for await (const block of store.scan()) {
      store.signal.throwIfAborted()
      const { id, bytes, source, firstRow } = block
      for (let row = Math.max(0, store.baseRows - firstRow); row < block.rows; row++) {
        documents[source[row] ?? 0] = (documents[source[row] ?? 0] ?? 0) + 1
      }
      const scopes = scopesOf(block, options.scope)
      const sketches = share(block.sketches)
      yield {
        sketches,
        id: run.pool.isThreaded ? copyOf(id) : id,
        bytes,
        source,
        scopes,
        lanes: options.hashes,
        firstRow,
        baseRows: store.baseRows,
      }
    }
  }
  const step = Math.ceil(store.rows / SAMPLE)
  let row = 0
  await withWordFiles(store.storage, [records, sample], run.taskBytes, async ([file, sampled]) => {
    for await (const found of run.pool.map('documentRecords', inputs())) {
      file?.add(found)
      for (let at = 0; at < found.length; at += DOCUMENT_WIDTH) {
        if (row++ % step === 0) sampled?.add(found.subarray(at, at + DOCUMENT_WIDTH))
      }
      await file?.flush()
      await sampled?.flush()
    }
  })
  return { records, sample, documents }
}
