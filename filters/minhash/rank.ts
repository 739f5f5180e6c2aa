import { bytesAt } from '../../src/core/batch.ts'
import type { SketchBlock } from '../../src/core/filter.ts'
import { mix32, WORD_PRIME_A, WORD_PRIME_B } from '../../src/kernels/fold.ts'
import type { MinhashOptions } from './options.ts'
import { partOf, partPaths } from './parts.ts'
import { recordsOf, withWordFiles } from './records.ts'
import type { Run } from './run.ts'
import { DIGEST_WORDS, openSketches } from './sketch.ts'
import { mergeRuns, sortRuns } from './sort.ts'

// A document record begins with what documents are ordered by, as words that compare like it: earlier corpora first,
// then source, longest text, 16 bytes of the key, hash of the id; then come row and digest.
const BYTES_AT = 1
const ROW_AT = 8
const DIGEST_AT = 9
const DOCUMENT_WIDTH = DIGEST_AT + DIGEST_WORDS

/** Words of an exact record: digest, rank, row. */
export const EXACT_WIDTH = DIGEST_WORDS + 2
/** Words for each rank in the file by rank: row, bytes of text. */
export const BY_RANK_WIDTH = 2

/** What the first scan leaves. */
export type Scanned = {
  readonly records: string
  /** Documents per source, those of earlier corpora not counted. */
  readonly documents: readonly number[]
}

/** One pass over the sketches: a record of every document. */
export async function scanDocuments(run: Run, folder: string): Promise<Scanned> {
  const { store, options } = run
  const records = `${folder}/documents`
  const documents = new Array<number>(store.sources.length).fill(0)
  await withWordFiles(store.storage, [records], run.taskBytes, async ([file]) => {
    const record = new Uint32Array(DOCUMENT_WIDTH)
    for await (const block of store.scan()) {
      store.signal.throwIfAborted()
      const sketches = openSketches(block.sketches, block.rows, options.hashes)
      for (let row = 0; row < block.rows; row++) {
        const source = block.source[row] ?? 0
        const isBase = block.firstRow + row < store.baseRows
        if (!isBase) documents[source] = (documents[source] ?? 0) + 1
        writeRank(block, row, isBase, record)
        sketches.digest(row, record.subarray(DIGEST_AT))
        record[DIGEST_AT] = mix32((record[DIGEST_AT] ?? 0) ^ scopeOf(block, row, options.scope))
        file?.add(record)
      }
      await file?.flush()
    }
  })
  return { records, documents }
}

/** Of the id, the first 16 bytes after the source's name, then a hash: enough to be the same order in every run. */
function writeRank(block: SketchBlock, row: number, isBase: boolean, record: Uint32Array): void {
  const id = bytesAt(block.id, row)
  const key = id.subarray(id.indexOf(0x3a) + 1)
  record[0] = ((isBase ? 0 : 1) << 16) | (block.source[row] ?? 0)
  record[BYTES_AT] = ~(block.bytes[row] ?? 0)
  for (let word = 0; word < 4; word++) {
    let value = 0
    for (let byte = 0; byte < 4; byte++) value = (value << 8) | (key[word * 4 + byte] ?? 0)
    record[2 + word] = value
  }
  record[6] = hashBytes(id, WORD_PRIME_A)
  record[7] = hashBytes(id, WORD_PRIME_B)
  record[ROW_AT] = block.firstRow + row
}

function hashBytes(bytes: Uint8Array, prime: number): number {
  let hash = bytes.length
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), prime)
  return mix32(hash)
}

/** A number that is the same for documents that may be compared. */
export function scopeOf(block: SketchBlock, row: number, scope: MinhashOptions['scope']): number {
  if (scope === 'global') return 0
  if (scope === 'source') return mix32((block.source[row] ?? 0) + 1)
  return hashBytes(Buffer.from(block.lang[row] ?? ''), WORD_PRIME_B)
}

/** What ranking leaves: row and bytes by rank, and exact records in order of rank, scattered by digest. */
export type Ranked = { readonly byRank: string; readonly exact: readonly string[] }

/**
 * Puts all documents in order of preference. From here on a document is its rank: of two, the smaller number is the
 * one rather kept, and nothing depends on the order in which documents arrived.
 */
export async function rankDocuments(run: Run, folder: string, { records }: Scanned): Promise<Ranked> {
  const { storage, rows } = run.store
  const runs = await sortRuns(run, folder, records, DOCUMENT_WIDTH)
  const byRank = `${folder}/by-rank`
  const exact = partPaths(run, `${folder}/exact`, rows * EXACT_WIDTH * 4)
  await withWordFiles(storage, [byRank, ...exact], run.taskBytes, async ([documents, ...files]) => {
    const document = new Uint32Array(BY_RANK_WIDTH)
    const key = new Uint32Array(EXACT_WIDTH)
    let rank = 0
    for await (const sorted of mergeRuns(run, runs, DOCUMENT_WIDTH)) {
      for (const record of recordsOf(sorted, DOCUMENT_WIDTH)) {
        document[0] = record[ROW_AT] ?? 0
        document[1] = ~(record[BYTES_AT] ?? 0)
        documents?.add(document)
        for (let word = 0; word < DIGEST_WORDS; word++) key[word] = record[DIGEST_AT + word] ?? 0
        key[DIGEST_WORDS] = rank++
        key[DIGEST_WORDS + 1] = record[ROW_AT] ?? 0
        files[partOf(files.length, key[0] ?? 0)]?.add(key)
      }
      await documents?.flush()
      for (const file of files) await file.flush()
    }
  })
  for (const path of runs) await storage.remove(path)
  return { byRank, exact }
}
