import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { TextColumn } from '../core/batch.ts'
import { EtlError } from '../core/errors.ts'
import type { Storage } from '../core/storage.ts'
import { type TokenManifest, type TokenShard, tokenManifestSchema } from '../core/tokens.ts'
import type { ColumnSpec, ListColumn } from './columns.ts'
import { readArrowFile } from './reader.ts'

/** Columns of a file of token ids. `tokenShardSchema` documents them. */
export function tokenColumns(dtype: TokenManifest['dtype']): ColumnSpec[] {
  return [
    { name: 'tokens', type: `${dtype}[]` },
    { name: 'doc_id', type: 'utf8' },
    { name: 'source', type: 'utf8' },
    { name: 'lang', type: 'utf8' },
    { name: 'bytes', type: 'uint32' },
  ]
}

/** Some documents as token ids: document i is `ids[offsets[i]]` up to `ids[offsets[i + 1]]`. */
export interface TokenBatch {
  readonly documents: number
  readonly ids: Uint16Array | Uint32Array
  readonly offsets: BigInt64Array
  /** UTF-8 bytes of each document's text. */
  readonly textBytes: Uint32Array
  readonly docIds: TextColumn
}

/**
 * Reads and validates `manifest.json` in a folder of token shards. Throws `tokens-missing` or
 * `tokens-invalid`.
 */
export async function readTokenManifest(storage: Storage, folder: string): Promise<TokenManifest> {
  const path = join(folder, 'manifest.json')
  if (!(await storage.stat(path)))
    throw new EtlError('tokens-missing', { where: folder, what: 'no manifest.json here' })
  const handle = await storage.open(path)
  try {
    const text = new TextDecoder().decode(await handle.read(0, handle.size))
    return tokenManifestSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw new EtlError('tokens-invalid', {
      where: path,
      what: 'not a token manifest of version 1',
      cause,
    })
  } finally {
    await handle.close()
  }
}

/**
 * SHA-256 of a record batch: its ids, where each document ends (int64, from 0 on), and the bytes of
 * their texts (uint32), little-endian.
 */
export function batchHash(
  ids: Uint16Array | Uint32Array,
  offsets: BigInt64Array,
  textBytes: Uint32Array,
): string {
  const hash = createHash('sha256')
  for (const part of [ids, offsets, textBytes]) {
    hash.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength))
  }
  return hash.digest('hex')
}

/**
 * Yields the documents of some shards in order. Throws `tokens-invalid` if the size of a file or
 * the hash of a record batch differs from the manifest.
 */
export async function* readTokenShards(
  storage: Storage,
  folder: string,
  shards: readonly TokenShard[],
): AsyncIterable<TokenBatch> {
  for (const shard of shards) {
    const path = join(folder, shard.path)
    const info = await storage.stat(path)
    if (info?.size !== shard.bytes) {
      const found = info ? `${info.size} bytes` : 'no file'
      throw new EtlError('tokens-invalid', {
        where: path,
        what: `${found} where the manifest says ${shard.bytes} bytes`,
      })
    }
    let batch = 0
    for await (const { rows, columns } of readArrowFile(storage, path)) {
      const { values, offsets } = columns.tokens as ListColumn
      const textBytes = columns.bytes as Uint32Array
      const wanted = shard.batches?.[batch]
      if (wanted !== undefined && batchHash(values, offsets, textBytes) !== wanted) {
        const what = `record batch ${batch} is damaged: its hash is not that of the manifest`
        throw new EtlError('tokens-invalid', { where: path, what })
      }
      batch++
      yield {
        documents: rows,
        ids: values,
        offsets,
        textBytes,
        docIds: columns.doc_id as TextColumn,
      }
    }
  }
}
