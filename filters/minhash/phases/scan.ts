import type { TextColumn } from '../../../src/core/batch.ts'
import { inputBytes, withWordFiles } from '../files/records.ts'
import type { Run } from '../run.ts'
import { DOCUMENT_WIDTH, type DocumentInput, scopesOf } from '../tasks/scan.ts'

/** Approximate number of documents in the sample that defines the ranges. */
const SAMPLE = 1 << 14

/**
 * Copies a column into memory of its own, since sending a view to a thread copies its whole buffer.
 */
function copyOf({ bytes, offsets }: TextColumn): TextColumn {
  return { bytes: bytes.slice(0, offsets.at(-1)), offsets: offsets.slice() }
}

/** Result of the first scan. */
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
