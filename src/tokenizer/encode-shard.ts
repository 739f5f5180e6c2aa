import { join } from 'node:path'
import type { ListColumn, NumberColumn } from '../arrow/columns.ts'
import { readArrowFile } from '../arrow/reader.ts'
import { batchHash, tokenColumns } from '../arrow/token-file.ts'
import { type ArrowFile, createArrowFile } from '../arrow/writer.ts'
import { bytesAt, type TextBuilder, type TextColumn, textAt, textBuilder } from '../core/batch.ts'
import type { ShardInfo, Split } from '../core/report.ts'
import type { Storage } from '../core/storage.ts'
import type { TokenManifest, TokenShard } from '../core/tokens.ts'
import { pushToken, tokenSink } from '../kernels/bpe/bpe-table.ts'
import { countWords } from '../kernels/words/words.ts'
import type { Tokenizer } from './tokenizer.ts'

/** One corpus shard to encode. */
export interface EncodeTask {
  /** Absolute folder of the corpus; `output` is that of the token shards. */
  readonly corpus: string
  readonly output: string
  readonly shard: Pick<ShardInfo, 'path' | 'split'>
  /** Position of the shard among those of its split; part of the names of the written files. */
  readonly index: number
  readonly dtype: TokenManifest['dtype']
}

/** Tokens per record batch. Readers that map the file into memory see one flat array per batch. */
const BATCH_TOKENS = 1 << 20

/**
 * Encodes the documents of a corpus shard into one file per group. Returns what was written,
 * ordered by group.
 */
export async function encodeShard(
  storage: Storage,
  tokenizer: Tokenizer,
  task: EncodeTask,
): Promise<TokenShard[]> {
  const writers = new Map<string, GroupWriter>()
  const sink = tokenSink(1 << 16)
  const { bos, eos } = tokenizer.vocabulary
  try {
    for await (const { rows, columns } of readArrowFile(
      storage,
      join(task.corpus, task.shard.path),
    )) {
      const column = (name: string) => columns[name] as TextColumn
      for (let row = 0; row < rows; row++) {
        const source = textAt(column('source'), row)
        const lang = textAt(column('lang'), row)
        const group = `${source}/${textAt(column('kind'), row)}/${lang || 'und'}`
        const writer = writers.get(group) ?? groupWriter(storage, task, { group, source, lang })
        writers.set(group, writer)
        const text = bytesAt(column('text'), row)
        sink.length = 0
        if (bos !== null) pushToken(sink, bos)
        tokenizer.encodeBytes(text, sink)
        pushToken(sink, eos)
        writer.add(bytesAt(column('id'), row), text, sink.ids.subarray(0, sink.length))
        if (writer.isFull()) await writer.flush()
      }
    }
    const shards: TokenShard[] = []
    for (const [, writer] of [...writers].sort(([a], [b]) => (a < b ? -1 : 1)))
      shards.push(await writer.finish())
    return shards
  } catch (error) {
    for (const writer of writers.values()) await writer.abort()
    throw error
  }
}

interface Group {
  readonly group: string
  readonly source: string
  readonly lang: string
}

interface GroupWriter {
  add(id: Uint8Array, text: Uint8Array, ids: Uint32Array): void
  isFull(): boolean
  flush(): Promise<void>
  finish(): Promise<TokenShard>
  abort(): Promise<void>
}

/**
 * File name for a group. Characters other than letters, digits, `.`, `_` and `-` become their hex
 * code.
 */
function fileName({ group }: Group, split: Split, index: number): string {
  const safe = group
    .replaceAll('/', '-')
    .replace(/[^A-Za-z0-9._-]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`)
  return `${split}/${safe}-${String(index).padStart(5, '0')}.arrow`
}

function groupWriter(
  storage: Storage,
  { output, shard, index, dtype }: EncodeTask,
  group: Group,
): GroupWriter {
  const path = fileName(group, shard.split, index)
  const wide = dtype === 'uint32'
  let file: ArrowFile | undefined
  let pending = emptyBatch()
  const totals = { documents: 0, tokens: 0, textBytes: 0, words: 0 }
  const batches: string[] = []

  const flush = async (): Promise<void> => {
    file ??= await createArrowFile(storage, join(output, path), {
      columns: tokenColumns(dtype),
      metadata: new Map([
        ['format', 'cosmos-tokens'],
        ['split', shard.split],
        ['group', group.group],
      ]),
      compression: 'none',
    })
    const { ids, length, ends, sizes, docIds } = pending
    const offsets = BigInt64Array.from([0, ...ends], BigInt)
    const values = wide ? ids.slice(0, length) : Uint16Array.from(ids.subarray(0, length))
    const textBytes = Uint32Array.from(sizes) satisfies NumberColumn
    batches.push(batchHash(values, offsets, textBytes))
    await file.write(ends.length, {
      tokens: { values, offsets } satisfies ListColumn,
      doc_id: docIds.finish(),
      source: repeated(group.source, ends.length),
      lang: repeated(group.lang, ends.length),
      bytes: textBytes,
    })
    pending = emptyBatch()
  }
  return {
    add(id, text, ids) {
      if (pending.length + ids.length > pending.ids.length) {
        const grown = new Uint32Array(Math.max(pending.ids.length * 2, pending.length + ids.length))
        grown.set(pending.ids.subarray(0, pending.length))
        pending.ids = grown
      }
      pending.ids.set(ids, pending.length)
      pending.length += ids.length
      pending.ends.push(pending.length)
      pending.sizes.push(text.length)
      pending.docIds.append(id)
      pending.docIds.endRow()
      totals.documents++
      totals.tokens += ids.length
      totals.textBytes += text.length
      totals.words += countWords(text)
    },
    isFull: () => pending.length >= BATCH_TOKENS,
    flush,
    async finish() {
      if (pending.ends.length > 0) await flush()
      if (!file) throw new Error(`group ${group.group} has no documents`)
      const { bytes, sha256 } = await file.commit()
      return { path, split: shard.split, group: group.group, ...totals, bytes, sha256, batches }
    },
    abort: async () => file?.abort(),
  }
}

interface PendingBatch {
  ids: Uint32Array
  length: number
  readonly ends: number[]
  readonly sizes: number[]
  readonly docIds: TextBuilder
}

const emptyBatch = (): PendingBatch => ({
  ids: new Uint32Array(1 << 14),
  length: 0,
  ends: [],
  sizes: [],
  docIds: textBuilder(),
})

function repeated(value: string, rows: number): TextColumn {
  const builder = textBuilder(rows, rows * value.length + 16)
  for (let row = 0; row < rows; row++) {
    builder.appendText(value)
    builder.endRow()
  }
  return builder.finish()
}
