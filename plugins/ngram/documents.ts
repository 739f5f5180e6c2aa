import { readTokenManifest, readTokenShards, type TokenBatch } from '../../src/arrow/token-file.ts'
import { EtlError } from '../../src/core/errors.ts'
import type { Split } from '../../src/core/report.ts'
import type { Storage } from '../../src/core/storage.ts'
import type { TokenManifest } from '../../src/core/tokens.ts'
import type { MixtureComponent, TrainJob } from '../../src/core/train-job.ts'

/** The token shards of a job, verified by their fingerprints. */
export interface JobData {
  /** Yields the documents of these groups in one split, over all corpora, in manifest order. */
  documents(split: Split, groups: readonly string[]): AsyncIterable<Document>
}

/** One document: its tokens `ids[start, end)`, and the length of its text in bytes. */
export interface Document {
  readonly ids: Uint16Array
  readonly start: number
  readonly end: number
  readonly textBytes: number
}

/**
 * Opens the corpora of a job. Throws `data-mismatch` if a fingerprint differs, and `job-invalid` if
 * ids need more than 16 bits.
 */
export async function openData(storage: Storage, { data }: TrainJob): Promise<JobData> {
  const opened: { path: string; manifest: TokenManifest }[] = []
  for (const { path, fingerprint } of data.corpora) {
    const manifest = await readTokenManifest(storage, path)
    if (manifest.fingerprint !== fingerprint) {
      const [found, wanted] = [manifest.fingerprint, fingerprint].map((hash) => hash.slice(0, 12))
      const what = `the tokens have fingerprint ${found}, the job wants ${wanted}`
      throw new EtlError('data-mismatch', { where: path, what })
    }
    if (manifest.dtype !== 'uint16') {
      throw new EtlError('job-invalid', {
        where: path,
        what: 'n-grams can be counted over at most 65,536 ids',
      })
    }
    opened.push({ path, manifest })
  }
  return {
    async *documents(split, groups) {
      for (const { path, manifest } of opened) {
        const shards = manifest.shards.filter(
          (shard) => shard.split === split && groups.includes(shard.group),
        )
        for await (const batch of readTokenShards(storage, path, shards)) yield* documentsOf(batch)
      }
    },
  }
}

/**
 * Yields the documents of a mixture, resuming at `at`. Components follow each other, and each is
 * repeated until it has its tokens. `at` advances with every document. The order is not shuffled,
 * because counts do not depend on it.
 */
export async function* trainingDocuments(
  data: JobData,
  mixture: readonly MixtureComponent[],
  at: { tokens: number; readonly documents: number[] },
): AsyncIterable<Document> {
  let end = 0
  for (const [index, { groups, tokens }] of mixture.entries()) {
    end += tokens
    while (at.tokens < end) {
      const first = at.documents[index] ?? 0
      let position = 0
      for await (const document of data.documents('train', groups)) {
        if (position++ < first) continue
        if (at.tokens >= end) break
        at.tokens += document.end - document.start
        at.documents[index] = position
        yield document
      }
      if (position === 0) break
      if (at.tokens < end) at.documents[index] = 0
    }
  }
}

function* documentsOf({ ids, offsets, textBytes, documents }: TokenBatch): Iterable<Document> {
  for (let row = 0; row < documents; row++) {
    yield {
      ids: ids as Uint16Array,
      start: Number(offsets[row]),
      end: Number(offsets[row + 1]),
      textBytes: textBytes[row] ?? 0,
    }
  }
}
